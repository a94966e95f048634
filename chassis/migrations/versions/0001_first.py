"""The chassis's own tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "cursors",
        sa.Column("reaction", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reaction", "source", "subject", name=op.f("cursors_pkey")),
    )
    op.create_table(
        "deliveries",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence_key", sa.String(length=420), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("persons", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=True),
        sa.Column("correlation_id", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unsure", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trying_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("deliveries_pkey")),
        sa.UniqueConstraint("id", name=op.f("deliveries_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "field_history",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_type", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("field_history_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotent_answers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("caller", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("idempotent_answers_pkey")),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reaction", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("forced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "reaction", name=op.f("inbox_pkey")),
    )
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=100), nullable=False),
        sa.Column("period", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job", "period", name=op.f("job_runs_pkey")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("leases_pkey")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("outbox_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "streams",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("streams_pkey")),
    )
    op.create_table(
        "undecodable",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("undecodable_pkey")),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("delivery_attempts_delivery_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_attempts_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "deliveries_by_hand",
        "deliveries",
        ["correlation_id"],
        unique=False,
        postgresql_where=sa.text("event_id IS NULL"),
        sqlite_where=sa.text("event_id IS NULL"),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["receiver", "next_attempt_at", "position"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'leased', 'retry')"),
        sqlite_where=sa.text("state IN ('pending', 'leased', 'retry')"),
    )
    op.create_index("deliveries_event", "deliveries", ["event_id"], unique=False)
    op.create_index(
        "deliveries_finished",
        "deliveries",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
        sqlite_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "deliveries_lane",
        "deliveries",
        ["sequence_key", "position"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'leased', 'retry', 'waiting', 'parked')"),
        sqlite_where=sa.text("state IN ('pending', 'leased', 'retry', 'waiting', 'parked')"),
    )
    op.create_index(
        "deliveries_parked",
        "deliveries",
        ["position"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
        sqlite_where=sa.text("state = 'parked'"),
    )
    op.create_index("deliveries_receiver", "deliveries", ["receiver", "position"], unique=False)
    op.create_index("field_history_record", "field_history", ["record_id", "position"], unique=False)
    op.create_index("idempotent_answers_created_at", "idempotent_answers", ["created_at"], unique=False)
    op.create_index(
        "inbox_due",
        "inbox",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'retry')"),
        sqlite_where=sa.text("state IN ('pending', 'retry')"),
    )
    op.create_index(
        "inbox_handled",
        "inbox",
        ["handled_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NOT NULL"),
        sqlite_where=sa.text("handled_at IS NOT NULL"),
    )
    op.create_index(
        "inbox_open",
        "inbox",
        ["reaction", "source", "subject", "sequence"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'retry', 'waiting', 'parked')"),
        sqlite_where=sa.text("state IN ('pending', 'retry', 'waiting', 'parked')"),
    )
    op.create_index(
        "inbox_open_state",
        "inbox",
        ["state", "received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'retry', 'waiting', 'parked')"),
        sqlite_where=sa.text("state IN ('pending', 'retry', 'waiting', 'parked')"),
    )
    op.create_index("job_runs_finished", "job_runs", ["finished_at"], unique=False)
    op.create_index(
        "job_runs_open",
        "job_runs",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('running', 'retry')"),
        sqlite_where=sa.text("state IN ('running', 'retry')"),
    )
    op.create_index(
        "outbox_delayed",
        "outbox",
        ["subject"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL AND retry_at IS NOT NULL"),
        sqlite_where=sa.text("sent_at IS NULL AND parked_at IS NULL AND retry_at IS NOT NULL"),
    )
    op.create_index(
        "outbox_parked",
        "outbox",
        ["parked_at"],
        unique=False,
        postgresql_where=sa.text("parked_at IS NOT NULL"),
        sqlite_where=sa.text("parked_at IS NOT NULL"),
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["position"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
    )
    op.create_index("undecodable_received", "undecodable", ["received_at"], unique=False)
    op.create_index("delivery_attempts_of", "delivery_attempts", ["delivery_id", "id"], unique=False)

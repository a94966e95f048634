"""The tables that channels starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("errors_total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("batches_pkey")),
    )
    op.create_table(
        "feed",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.String(length=200), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("feed_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("feed_event_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "forms",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("allowed_origins", sa.JSON(), nullable=False),
        sa.Column("honeypot", sa.String(length=50), nullable=False),
        sa.Column("consent", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("thank_you", sa.String(length=500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("forms_pkey")),
    )
    op.create_table(
        "journey_links",
        sa.Column("parent", sa.String(length=120), nullable=False),
        sa.Column("child", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("parent", "child", name=op.f("journey_links_pkey")),
    )
    op.create_table(
        "lead_stages",
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("stage", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("lead_stages_pkey")),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("form_key", sa.String(length=60), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=200), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("verdict_subject", sa.String(length=200), nullable=True),
        sa.Column("verdict_sequence", sa.BigInteger(), nullable=True),
        sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("submissions_pkey")),
    )
    op.create_table(
        "webhooks",
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("order", sa.String(length=12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("webhooks_pkey")),
    )
    op.create_table(
        "batch_rows",
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("batch_rows_batch_id_fkey")),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("batch_rows_pkey")),
    )
    op.create_index(op.f("batches_partner_id"), "batches", ["partner_id"], unique=False)
    op.create_index("feed_correlation", "feed", ["correlation_id", "position"], unique=False)
    op.create_index("feed_subject", "feed", ["subject", "position"], unique=False)
    op.create_index(
        "feed_type", "feed", ["type", "position"], unique=False, postgresql_ops={"type": "varchar_pattern_ops"}
    )
    op.create_index("forms_active", "forms", ["active"], unique=False)
    op.create_index("forms_created", "forms", ["created_at", "id"], unique=False)
    op.create_index(
        "forms_key_key",
        "forms",
        ["key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("forms_name", "forms", ["name", "id"], unique=False)
    op.create_index("journey_links_child", "journey_links", ["child"], unique=False)
    op.create_index(
        "submissions_external",
        "submissions",
        ["external_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
        sqlite_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "submissions_form",
        "submissions",
        ["form_key", "received_at"],
        unique=False,
        postgresql_where=sa.text("form_key IS NOT NULL"),
        sqlite_where=sa.text("form_key IS NOT NULL"),
    )
    op.create_index(
        "submissions_lead",
        "submissions",
        ["lead_id"],
        unique=False,
        postgresql_where=sa.text("lead_id IS NOT NULL"),
        sqlite_where=sa.text("lead_id IS NOT NULL"),
    )
    op.create_index("submissions_partner", "submissions", ["partner_id", "received_at", "id"], unique=False)
    op.create_index("submissions_received", "submissions", ["received_at", "id"], unique=False)
    op.create_index("submissions_status", "submissions", ["status", "received_at", "id"], unique=False)
    op.create_index("webhooks_active", "webhooks", ["active"], unique=False)
    op.create_index("webhooks_created", "webhooks", ["created_at", "id"], unique=False)

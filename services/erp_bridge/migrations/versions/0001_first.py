"""The tables that erp_bridge starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "erp_connections",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "settings", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("poll_every_s", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_connections_pkey")),
    )
    op.create_table(
        "erp_documents",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("connection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("customer", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "reason", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("erp_id", sa.String(length=100), nullable=True),
        sa.Column("erp_number", sa.String(length=100), nullable=True),
        sa.Column("erp_state", sa.String(length=60), nullable=True),
        sa.Column("delivery_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_documents_pkey")),
        sa.UniqueConstraint("delivery_id", name=op.f("erp_documents_delivery_id_key")),
    )
    op.create_table(
        "erp_followings",
        sa.Column("connection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("erp_followings_pkey")),
    )
    op.create_table(
        "erp_links",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("connection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("crm_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("erp_id", sa.String(length=100), nullable=False),
        sa.Column("erp_number", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_links_pkey")),
    )
    op.create_table(
        "erp_payments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("connection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("erp_id", sa.String(length=100), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=True),
        sa.Column("reference", sa.String(length=500), nullable=True),
        sa.Column("is_booked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_payments_pkey")),
    )
    op.create_table(
        "erp_syncs",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("connection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("unbooked", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_syncs_pkey")),
    )
    op.create_table(
        "ledger_changes",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("ledger_changes_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ledger_documents",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("customer", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("times_pushed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_documents_pkey")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("customer", sa.String(length=60), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("payment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_entries_pkey")),
    )
    op.create_table(
        "ledger_payments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reversed", sa.Boolean(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_payments_pkey")),
    )
    op.create_table(
        "ledger_lines",
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=10), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debit = 0 OR credit = 0", name="ledger_lines_one_side"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("ledger_lines_entry_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "place", name=op.f("ledger_lines_pkey")),
    )
    op.create_index("erp_connections_created_at", "erp_connections", ["created_at", "id"], unique=False)
    op.create_index("erp_connections_kind", "erp_connections", ["kind"], unique=False)
    op.create_index("erp_connections_status", "erp_connections", ["status"], unique=False)
    op.create_index("erp_documents_connection_id", "erp_documents", ["connection_id", "created_at", "id"], unique=False)
    op.create_index("erp_documents_created_at", "erp_documents", ["created_at", "id"], unique=False)
    op.create_index("erp_documents_customer", "erp_documents", ["customer", "created_at", "id"], unique=False)
    op.create_index(
        "erp_documents_document_key", "erp_documents", ["document_id", "type", "connection_id"], unique=True
    )
    op.create_index("erp_documents_state", "erp_documents", ["state", "created_at", "id"], unique=False)
    op.create_index("erp_documents_type", "erp_documents", ["type", "created_at", "id"], unique=False)
    op.create_index("erp_links_connection_id", "erp_links", ["connection_id", "created_at", "id"], unique=False)
    op.create_index("erp_links_created_at", "erp_links", ["created_at", "id"], unique=False)
    op.create_index("erp_links_crm_key", "erp_links", ["crm_id", "type", "connection_id"], unique=True)
    op.create_index("erp_links_erp_id", "erp_links", ["erp_id", "connection_id"], unique=False)
    op.create_index("erp_links_type", "erp_links", ["type", "created_at", "id"], unique=False)
    op.create_index("erp_payments_invoice", "erp_payments", ["invoice_id", "connection_id"], unique=False)
    op.create_index("erp_syncs_connection_id", "erp_syncs", ["connection_id", "created_at", "id"], unique=False)
    op.create_index("erp_syncs_created_at", "erp_syncs", ["created_at", "id"], unique=False)
    op.create_index("erp_syncs_state", "erp_syncs", ["state", "created_at", "id"], unique=False)
    op.create_index("ledger_documents_created_at", "ledger_documents", ["created_at", "id"], unique=False)
    op.create_index("ledger_documents_kind", "ledger_documents", ["kind", "created_at", "id"], unique=False)
    op.create_index("ledger_documents_reference_key", "ledger_documents", ["reference", "kind"], unique=True)
    op.create_index(
        "ledger_documents_times_pushed", "ledger_documents", ["times_pushed", "created_at", "id"], unique=False
    )
    op.create_index("ledger_entries_booked_on", "ledger_entries", ["booked_on", "id"], unique=False)
    op.create_index("ledger_entries_created_at", "ledger_entries", ["created_at", "id"], unique=False)
    op.create_index("ledger_entries_customer", "ledger_entries", ["customer", "created_at", "id"], unique=False)
    op.create_index("ledger_entries_invoice_id", "ledger_entries", ["invoice_id", "created_at", "id"], unique=False)
    op.create_index("ledger_payments_created_at", "ledger_payments", ["created_at", "id"], unique=False)
    op.create_index("ledger_payments_invoice", "ledger_payments", ["invoice_id"], unique=False)

"""The tables that sales starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "accounts",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("tax_code", sa.String(length=20), nullable=True),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("size", sa.String(length=60), nullable=True),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "addresses", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("lifecycle", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=200), nullable=True),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "phones", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "emails", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["accounts.id"], name=op.f("accounts_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
    )
    op.create_table(
        "customer_points",
        sa.Column("noun", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("noun", "record_id", "kind", "value", name=op.f("customer_points_pkey")),
    )
    op.create_table(
        "erp_documents",
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("erp_number", sa.String(length=200), nullable=True),
        sa.Column("connection_id", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("erp_documents_pkey")),
    )
    op.create_table(
        "erp_payments",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("erp_payments_pkey")),
    )
    op.create_table(
        "leads",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("full_name", sa.String(length=300), nullable=False),
        sa.Column("first_name", sa.String(length=150), nullable=True),
        sa.Column("last_name", sa.String(length=150), nullable=True),
        sa.Column("salutation", sa.String(length=30), nullable=True),
        sa.Column("company", sa.String(length=300), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=200), nullable=True),
        sa.Column("utm", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("product_interest", sa.String(length=500), nullable=True),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("rating", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("disqualified_reason", sa.String(length=500), nullable=True),
        sa.Column("contactable", sa.Boolean(), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("first_touch_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "phones", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "emails", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("leads_pkey")),
    )
    op.create_table(
        "number_counters",
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("number_counters_pkey")),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("quote_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("invoice_on", sa.String(length=20), nullable=False),
        sa.Column(
            "fulfilment", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("cancelled_reason", sa.String(length=500), nullable=True),
        sa.Column(
            "buyer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("buyer_name", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_percent", sa.BigInteger(), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "totals", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
    )
    op.create_table(
        "payments",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column(
            "allocations", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pkey")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "roles", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("takes_leads", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
    )
    op.create_table(
        "pipelines",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "name", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "stages", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pipelines_pkey")),
    )
    op.create_table(
        "products",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("family", sa.String(length=200), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_code", sa.String(length=20), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=True),
        sa.Column("warranty_months", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("products_pkey")),
    )
    op.create_table(
        "quotes",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("order_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("rejected_reason", sa.String(length=500), nullable=True),
        sa.Column(
            "buyer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("buyer_name", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_percent", sa.BigInteger(), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "totals", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("quotes_pkey")),
    )
    op.create_table(
        "tax_codes",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column(
            "labels", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("then_code", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("tax_codes_pkey")),
    )
    op.create_table(
        "contacts",
        sa.Column("full_name", sa.String(length=300), nullable=False),
        sa.Column("first_name", sa.String(length=150), nullable=True),
        sa.Column("last_name", sa.String(length=150), nullable=True),
        sa.Column("salutation", sa.String(length=30), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("company", sa.String(length=300), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("gender", sa.String(length=10), nullable=True),
        sa.Column("hobbies", sa.String(length=1000), nullable=True),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "addresses", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("lifecycle", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=200), nullable=True),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "phones", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "emails", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("contacts_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contacts_pkey")),
    )
    op.create_table(
        "invoices",
        sa.Column("number", sa.String(length=30), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column(
            "buyer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("buyer_name", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_percent", sa.BigInteger(), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "totals", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("invoices_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invoices_pkey")),
    )
    op.create_table(
        "lead_points",
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("lead_points_lead_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("lead_id", "kind", "value", name=op.f("lead_points_pkey")),
    )
    op.create_table(
        "lead_submissions",
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("lead_submissions_lead_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("lead_submissions_pkey")),
    )
    op.create_table(
        "shipments",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("order_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column(
            "buyer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("buyer_name", sa.String(length=300), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("received_by", sa.String(length=200), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("shipments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shipments_pkey")),
    )
    op.create_table(
        "opportunities",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("next_step", sa.String(length=500), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lead_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "prospect", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=200), nullable=True),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lost_reason", sa.String(length=500), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("won_before", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("opportunities_account_id_fkey")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("opportunities_contact_id_fkey")),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("opportunities_pipeline_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("opportunities_pkey")),
    )
    op.create_index("accounts_campaign", "accounts", ["campaign", "created_at", "id"], unique=False)
    op.create_index("accounts_created_at", "accounts", ["created_at", "id"], unique=False)
    op.create_index("accounts_industry", "accounts", ["industry", "created_at", "id"], unique=False)
    op.create_index("accounts_kind", "accounts", ["kind", "created_at", "id"], unique=False)
    op.create_index("accounts_lead_id", "accounts", ["lead_id", "created_at", "id"], unique=False)
    op.create_index("accounts_lifecycle", "accounts", ["lifecycle", "created_at", "id"], unique=False)
    op.create_index("accounts_name", "accounts", ["name", "id"], unique=False)
    op.create_index("accounts_owner_id", "accounts", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("accounts_parent_id", "accounts", ["parent_id", "created_at", "id"], unique=False)
    op.create_index("accounts_partner_id", "accounts", ["partner_id", "created_at", "id"], unique=False)
    op.create_index("accounts_size", "accounts", ["size", "created_at", "id"], unique=False)
    op.create_index("accounts_source", "accounts", ["source", "created_at", "id"], unique=False)
    op.create_index("accounts_tax_code", "accounts", ["tax_code", "created_at", "id"], unique=False)
    op.create_index("accounts_team_id", "accounts", ["team_id", "created_at", "id"], unique=False)
    op.create_index("accounts_updated_at", "accounts", ["updated_at", "id"], unique=False)
    op.create_index("customer_points_value", "customer_points", ["kind", "value"], unique=False)
    op.create_index("leads_campaign", "leads", ["campaign", "created_at", "id"], unique=False)
    op.create_index("leads_contactable", "leads", ["contactable", "created_at", "id"], unique=False)
    op.create_index("leads_created_at", "leads", ["created_at", "id"], unique=False)
    op.create_index("leads_full_name", "leads", ["full_name", "id"], unique=False)
    op.create_index("leads_owner_id", "leads", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("leads_partner_id", "leads", ["partner_id", "created_at", "id"], unique=False)
    op.create_index("leads_source", "leads", ["source", "created_at", "id"], unique=False)
    op.create_index("leads_stage", "leads", ["stage", "created_at", "id"], unique=False)
    op.create_index("leads_status", "leads", ["status", "created_at", "id"], unique=False)
    op.create_index("leads_team_id", "leads", ["team_id", "created_at", "id"], unique=False)
    op.create_index("leads_updated_at", "leads", ["updated_at", "id"], unique=False)
    op.create_index("orders_account_id", "orders", ["account_id", "created_at", "id"], unique=False)
    op.create_index("orders_contact_id", "orders", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("orders_created_at", "orders", ["created_at", "id"], unique=False)
    op.create_index("orders_invoice_on", "orders", ["invoice_on", "created_at", "id"], unique=False)
    op.create_index("orders_number", "orders", ["number", "id"], unique=False)
    op.create_index(
        "orders_of_quote_key",
        "orders",
        ["quote_id"],
        unique=True,
        postgresql_where=sa.text("quote_id IS NOT NULL"),
        sqlite_where=sa.text("quote_id IS NOT NULL"),
    )
    op.create_index("orders_opportunity_id", "orders", ["opportunity_id", "created_at", "id"], unique=False)
    op.create_index("orders_ordered_on", "orders", ["ordered_on", "created_at", "id"], unique=False)
    op.create_index("orders_owner_id", "orders", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("orders_quote_id", "orders", ["quote_id", "created_at", "id"], unique=False)
    op.create_index("orders_status", "orders", ["status", "created_at", "id"], unique=False)
    op.create_index("orders_team_id", "orders", ["team_id", "created_at", "id"], unique=False)
    op.create_index("orders_updated_at", "orders", ["updated_at", "id"], unique=False)
    op.create_index("payments_account_id", "payments", ["account_id", "created_at", "id"], unique=False)
    op.create_index("payments_contact_id", "payments", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("payments_created_at", "payments", ["created_at", "id"], unique=False)
    op.create_index("payments_method", "payments", ["method", "created_at", "id"], unique=False)
    op.create_index("payments_number", "payments", ["number", "id"], unique=False)
    op.create_index("payments_origin", "payments", ["origin", "created_at", "id"], unique=False)
    op.create_index("payments_owner_id", "payments", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("payments_paid_on", "payments", ["paid_on", "created_at", "id"], unique=False)
    op.create_index("payments_reference", "payments", ["reference", "created_at", "id"], unique=False)
    op.create_index("payments_status", "payments", ["status", "created_at", "id"], unique=False)
    op.create_index("payments_team_id", "payments", ["team_id", "created_at", "id"], unique=False)
    op.create_index("payments_updated_at", "payments", ["updated_at", "id"], unique=False)
    op.create_index(
        "people_taking_leads",
        "people",
        ["id"],
        unique=False,
        postgresql_where=sa.text("takes_leads IS true"),
        sqlite_where=sa.text("takes_leads IS true"),
    )
    op.create_index("pipelines_created_at", "pipelines", ["created_at", "id"], unique=False)
    op.create_index(
        "pipelines_key_key",
        "pipelines",
        ["key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("products_active", "products", ["active", "created_at", "id"], unique=False)
    op.create_index("products_code", "products", ["code", "id"], unique=False)
    op.create_index(
        "products_code_key",
        "products",
        ["code"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("products_created_at", "products", ["created_at", "id"], unique=False)
    op.create_index("products_family", "products", ["family", "created_at", "id"], unique=False)
    op.create_index("products_name", "products", ["name", "id"], unique=False)
    op.create_index("products_supplier", "products", ["supplier", "created_at", "id"], unique=False)
    op.create_index("products_tax_code", "products", ["tax_code", "created_at", "id"], unique=False)
    op.create_index("products_updated_at", "products", ["updated_at", "id"], unique=False)
    op.create_index("quotes_account_id", "quotes", ["account_id", "created_at", "id"], unique=False)
    op.create_index("quotes_contact_id", "quotes", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("quotes_created_at", "quotes", ["created_at", "id"], unique=False)
    op.create_index("quotes_number", "quotes", ["number", "id"], unique=False)
    op.create_index("quotes_opportunity_id", "quotes", ["opportunity_id", "created_at", "id"], unique=False)
    op.create_index("quotes_order_id", "quotes", ["order_id", "created_at", "id"], unique=False)
    op.create_index("quotes_owner_id", "quotes", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("quotes_status", "quotes", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "quotes_supersedes_key",
        "quotes",
        ["supersedes_id"],
        unique=True,
        postgresql_where=sa.text("supersedes_id IS NOT NULL"),
        sqlite_where=sa.text("supersedes_id IS NOT NULL"),
    )
    op.create_index("quotes_team_id", "quotes", ["team_id", "created_at", "id"], unique=False)
    op.create_index("quotes_updated_at", "quotes", ["updated_at", "id"], unique=False)
    op.create_index("quotes_valid_until", "quotes", ["valid_until", "created_at", "id"], unique=False)
    op.create_index("tax_codes_code", "tax_codes", ["code", "id"], unique=False)
    op.create_index(
        "tax_codes_code_valid_from_key",
        "tax_codes",
        ["code", "valid_from"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("contacts_account_id", "contacts", ["account_id", "created_at", "id"], unique=False)
    op.create_index("contacts_birthday", "contacts", ["birthday", "created_at", "id"], unique=False)
    op.create_index("contacts_campaign", "contacts", ["campaign", "created_at", "id"], unique=False)
    op.create_index("contacts_created_at", "contacts", ["created_at", "id"], unique=False)
    op.create_index("contacts_full_name", "contacts", ["full_name", "id"], unique=False)
    op.create_index("contacts_lead_id", "contacts", ["lead_id", "created_at", "id"], unique=False)
    op.create_index("contacts_lifecycle", "contacts", ["lifecycle", "created_at", "id"], unique=False)
    op.create_index("contacts_owner_id", "contacts", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("contacts_partner_id", "contacts", ["partner_id", "created_at", "id"], unique=False)
    op.create_index("contacts_source", "contacts", ["source", "created_at", "id"], unique=False)
    op.create_index("contacts_team_id", "contacts", ["team_id", "created_at", "id"], unique=False)
    op.create_index("contacts_updated_at", "contacts", ["updated_at", "id"], unique=False)
    op.create_index("invoices_account_id", "invoices", ["account_id", "created_at", "id"], unique=False)
    op.create_index("invoices_contact_id", "invoices", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("invoices_created_at", "invoices", ["created_at", "id"], unique=False)
    op.create_index("invoices_due_on", "invoices", ["due_on", "created_at", "id"], unique=False)
    op.create_index("invoices_issued_on", "invoices", ["issued_on", "created_at", "id"], unique=False)
    op.create_index("invoices_number", "invoices", ["number", "id"], unique=False)
    op.create_index("invoices_number_key", "invoices", ["number"], unique=True)
    op.create_index("invoices_order_id", "invoices", ["order_id", "created_at", "id"], unique=False)
    op.create_index("invoices_owner_id", "invoices", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("invoices_status", "invoices", ["status", "created_at", "id"], unique=False)
    op.create_index("invoices_team_id", "invoices", ["team_id", "created_at", "id"], unique=False)
    op.create_index("invoices_updated_at", "invoices", ["updated_at", "id"], unique=False)
    op.create_index("lead_points_value", "lead_points", ["kind", "value"], unique=False)
    op.create_index("lead_submissions_lead", "lead_submissions", ["lead_id"], unique=False)
    op.create_index("shipments_created_at", "shipments", ["created_at", "id"], unique=False)
    op.create_index("shipments_number", "shipments", ["number", "id"], unique=False)
    op.create_index("shipments_order_id", "shipments", ["order_id", "created_at", "id"], unique=False)
    op.create_index("shipments_owner_id", "shipments", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("shipments_status", "shipments", ["status", "created_at", "id"], unique=False)
    op.create_index("shipments_team_id", "shipments", ["team_id", "created_at", "id"], unique=False)
    op.create_index("shipments_updated_at", "shipments", ["updated_at", "id"], unique=False)
    op.create_index("opportunities_account_id", "opportunities", ["account_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_amount", "opportunities", ["amount", "id"], unique=False)
    op.create_index("opportunities_campaign", "opportunities", ["campaign", "created_at", "id"], unique=False)
    op.create_index("opportunities_close_date", "opportunities", ["close_date", "id"], unique=False)
    op.create_index("opportunities_contact_id", "opportunities", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_created_at", "opportunities", ["created_at", "id"], unique=False)
    op.create_index("opportunities_lead_id", "opportunities", ["lead_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_name", "opportunities", ["name", "id"], unique=False)
    op.create_index("opportunities_owner_id", "opportunities", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_partner_id", "opportunities", ["partner_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_pipeline_id", "opportunities", ["pipeline_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_priority", "opportunities", ["priority", "created_at", "id"], unique=False)
    op.create_index("opportunities_probability", "opportunities", ["probability", "created_at", "id"], unique=False)
    op.create_index("opportunities_source", "opportunities", ["source", "created_at", "id"], unique=False)
    op.create_index("opportunities_stage", "opportunities", ["stage", "created_at", "id"], unique=False)
    op.create_index("opportunities_status", "opportunities", ["status", "created_at", "id"], unique=False)
    op.create_index("opportunities_team_id", "opportunities", ["team_id", "created_at", "id"], unique=False)
    op.create_index("opportunities_updated_at", "opportunities", ["updated_at", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "accounts_search",
            "accounts",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "leads_search",
            "leads",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "orders_search",
            "orders",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "payments_search",
            "payments",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "products_search",
            "products",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "quotes_search",
            "quotes",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "contacts_search",
            "contacts",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "invoices_search",
            "invoices",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "shipments_search",
            "shipments",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "opportunities_search",
            "opportunities",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(
            "accounts_search_text",
            "accounts",
            ["search_text", "name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "leads_search_text",
            "leads",
            ["search_text", "full_name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "orders_search_text",
            "orders",
            ["search_text", "number", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "payments_search_text",
            "payments",
            ["search_text", "number", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index("products_search_text", "products", ["search_text", "name", "deleted_at", "id"], unique=False)
        op.create_index(
            "quotes_search_text",
            "quotes",
            ["search_text", "number", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "contacts_search_text",
            "contacts",
            ["search_text", "full_name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "invoices_search_text",
            "invoices",
            ["search_text", "buyer_name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "shipments_search_text",
            "shipments",
            ["search_text", "number", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )
        op.create_index(
            "opportunities_search_text",
            "opportunities",
            ["search_text", "name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )

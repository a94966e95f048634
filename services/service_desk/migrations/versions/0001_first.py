"""The tables that service_desk starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "articles",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "tags", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("review_note", sa.String(length=500), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(length=200), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("articles_pkey")),
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("order_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("product_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("entitlement_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("coverage", sa.String(length=10), nullable=False),
        sa.Column(
            "article_ids", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("merged_into_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("sla_policy_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("first_response_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_response_left_s", sa.Integer(), nullable=True),
        sa.Column("first_response_breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_left_s", sa.Integer(), nullable=True),
        sa.Column("resolution_breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breach_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("cases_pkey")),
    )
    op.create_table(
        "entitlements",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("product_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cases_allotted", sa.Integer(), nullable=True),
        sa.Column("cases_used", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("entitlements_pkey")),
    )
    op.create_table(
        "holidays",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("works_like", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("holidays_pkey")),
    )
    op.create_table(
        "number_counters",
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("number_counters_pkey")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("manager_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
    )
    op.create_table(
        "records",
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("records_pkey")),
    )
    op.create_table(
        "sla_policies",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=True),
        sa.Column("type", sa.String(length=20), nullable=True),
        sa.Column("first_response_minutes", sa.Integer(), nullable=False),
        sa.Column("resolution_minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column(
            "hours", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
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
        sa.PrimaryKeyConstraint("id", name=op.f("sla_policies_pkey")),
    )
    op.create_table(
        "messages",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "custom", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("messages_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pkey")),
    )
    op.create_index("articles_author", "articles", ["author", "created_at", "id"], unique=False)
    op.create_index("articles_created_at", "articles", ["created_at", "id"], unique=False)
    op.create_index("articles_language", "articles", ["language", "created_at", "id"], unique=False)
    op.create_index("articles_number_key", "articles", ["number", "revision"], unique=True)
    op.create_index(
        "articles_open_revision_key",
        "articles",
        ["supersedes_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'review')"),
        sqlite_where=sa.text("status IN ('draft', 'review')"),
    )
    op.create_index("articles_published_at", "articles", ["published_at", "id"], unique=False)
    op.create_index("articles_status", "articles", ["status", "created_at", "id"], unique=False)
    op.create_index("articles_title", "articles", ["title", "id"], unique=False)
    op.create_index("articles_updated_at", "articles", ["updated_at", "id"], unique=False)
    op.create_index("cases_account_id", "cases", ["account_id", "created_at", "id"], unique=False)
    op.create_index(
        "cases_breach_at",
        "cases",
        ["breach_at", "id"],
        unique=False,
        postgresql_where=sa.text("breach_at IS NOT NULL"),
        sqlite_where=sa.text("breach_at IS NOT NULL"),
    )
    op.create_index("cases_category", "cases", ["category", "created_at", "id"], unique=False)
    op.create_index("cases_contact_id", "cases", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("cases_coverage", "cases", ["coverage", "created_at", "id"], unique=False)
    op.create_index("cases_created_at", "cases", ["created_at", "id"], unique=False)
    op.create_index("cases_due_at", "cases", ["due_at", "id"], unique=False)
    op.create_index("cases_entitlement_id", "cases", ["entitlement_id", "created_at", "id"], unique=False)
    op.create_index("cases_escalated_at", "cases", ["escalated_at", "created_at", "id"], unique=False)
    op.create_index("cases_merged_into_id", "cases", ["merged_into_id", "created_at", "id"], unique=False)
    op.create_index("cases_number", "cases", ["number", "id"], unique=False)
    op.create_index("cases_number_key", "cases", ["number"], unique=True)
    op.create_index("cases_order_id", "cases", ["order_id", "created_at", "id"], unique=False)
    op.create_index("cases_owner_id", "cases", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("cases_priority", "cases", ["priority", "created_at", "id"], unique=False)
    op.create_index("cases_product_id", "cases", ["product_id", "created_at", "id"], unique=False)
    op.create_index(
        "cases_resolution_breached_at", "cases", ["resolution_breached_at", "created_at", "id"], unique=False
    )
    op.create_index("cases_status", "cases", ["status", "created_at", "id"], unique=False)
    op.create_index("cases_team_id", "cases", ["team_id", "created_at", "id"], unique=False)
    op.create_index("cases_type", "cases", ["type", "created_at", "id"], unique=False)
    op.create_index("cases_updated_at", "cases", ["updated_at", "id"], unique=False)
    op.create_index("entitlements_account_id", "entitlements", ["account_id", "created_at", "id"], unique=False)
    op.create_index("entitlements_contact_id", "entitlements", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("entitlements_created_at", "entitlements", ["created_at", "id"], unique=False)
    op.create_index("entitlements_ends_on", "entitlements", ["ends_on", "id"], unique=False)
    op.create_index("entitlements_product_id", "entitlements", ["product_id", "created_at", "id"], unique=False)
    op.create_index("entitlements_starts_on", "entitlements", ["starts_on", "created_at", "id"], unique=False)
    op.create_index("entitlements_updated_at", "entitlements", ["updated_at", "id"], unique=False)
    op.create_index("holidays_created_at", "holidays", ["created_at", "id"], unique=False)
    op.create_index("holidays_on", "holidays", ["on", "id"], unique=False)
    op.create_index(
        "holidays_on_key",
        "holidays",
        ["on"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("sla_policies_active", "sla_policies", ["active", "created_at", "id"], unique=False)
    op.create_index("sla_policies_created_at", "sla_policies", ["created_at", "id"], unique=False)
    op.create_index("sla_policies_name", "sla_policies", ["name", "id"], unique=False)
    op.create_index("sla_policies_priority", "sla_policies", ["priority", "created_at", "id"], unique=False)
    op.create_index("sla_policies_type", "sla_policies", ["type", "created_at", "id"], unique=False)
    op.create_index("sla_policies_updated_at", "sla_policies", ["updated_at", "id"], unique=False)
    op.create_index("messages_case", "messages", ["case_id", "created_at", "id"], unique=False)
    op.create_index("messages_created_at", "messages", ["created_at", "id"], unique=False)
    op.create_index("messages_direction", "messages", ["direction", "created_at", "id"], unique=False)
    op.create_index(
        "messages_external_key",
        "messages",
        ["channel", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
        sqlite_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index("messages_visibility", "messages", ["visibility", "created_at", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "articles_search",
            "articles",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
        op.create_index(
            "cases_search",
            "cases",
            [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
            unique=False,
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("articles_search_text", "articles", ["search_text", "title", "deleted_at", "id"], unique=False)
        op.create_index(
            "cases_search_text",
            "cases",
            ["search_text", "subject", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )

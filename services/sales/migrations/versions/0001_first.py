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
    op.create_index(
        "people_taking_leads",
        "people",
        ["id"],
        unique=False,
        postgresql_where=sa.text("takes_leads IS true"),
        sqlite_where=sa.text("takes_leads IS true"),
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
    op.create_index("lead_points_value", "lead_points", ["kind", "value"], unique=False)
    op.create_index("lead_submissions_lead", "lead_submissions", ["lead_id"], unique=False)
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
            "contacts_search",
            "contacts",
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
            "contacts_search_text",
            "contacts",
            ["search_text", "full_name", "deleted_at", "owner_id", "team_id", "id"],
            unique=False,
        )

"""The tables that activities starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "activities",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("regarding", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("activities_pkey")),
    )
    op.create_table(
        "entries",
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=True),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("entries_pkey")),
    )
    op.create_table(
        "links",
        sa.Column("parent", sa.String(length=120), nullable=False),
        sa.Column("child", sa.String(length=120), nullable=False),
        sa.Column("told_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("parent", "child", "told_by", name=op.f("links_pkey")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
    )
    op.create_table(
        "records",
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("records_pkey")),
    )
    op.create_index("activities_created_at", "activities", ["created_at", "id"], unique=False)
    op.create_index("activities_due_at", "activities", ["due_at", "id"], unique=False)
    op.create_index("activities_kind", "activities", ["kind", "created_at", "id"], unique=False)
    op.create_index("activities_owner_id", "activities", ["owner_id", "created_at", "id"], unique=False)
    op.create_index("activities_regarding", "activities", ["regarding", "created_at", "id"], unique=False)
    op.create_index("activities_status", "activities", ["status", "created_at", "id"], unique=False)
    op.create_index("activities_team_id", "activities", ["team_id", "created_at", "id"], unique=False)
    op.create_index("activities_updated_at", "activities", ["updated_at", "id"], unique=False)
    op.create_index("entries_subject", "entries", ["subject", "at", "event_id"], unique=False)
    op.create_index("links_told_by", "links", ["told_by"], unique=False)

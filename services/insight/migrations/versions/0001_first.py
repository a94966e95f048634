"""The tables that insight starts with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "facts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("campaign", sa.String(length=200), nullable=True),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("own_source", sa.String(length=200), nullable=True),
        sa.Column("own_campaign", sa.String(length=200), nullable=True),
        sa.Column("own_partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("own_day", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("qualified", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("facts_pkey")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
    )
    op.create_index(
        "facts_campaign",
        "facts",
        ["campaign", "kind", "currency", "day", "qualified", "amount", "paid", "counts"],
        unique=False,
        postgresql_where=sa.text("counts IS true"),
        sqlite_where=sa.text("counts IS true"),
    )
    op.create_index(
        "facts_owner_id",
        "facts",
        ["owner_id", "kind", "currency", "day", "qualified", "amount", "paid", "counts", "source"],
        unique=False,
        postgresql_where=sa.text("counts IS true"),
        sqlite_where=sa.text("counts IS true"),
    )
    op.create_index("facts_parent", "facts", ["parent_id"], unique=False)
    op.create_index(
        "facts_partner_id",
        "facts",
        ["partner_id", "kind", "currency", "day", "qualified", "amount", "paid", "counts"],
        unique=False,
        postgresql_where=sa.text("counts IS true"),
        sqlite_where=sa.text("counts IS true"),
    )
    op.create_index(
        "facts_rows",
        "facts",
        ["kind", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("counts IS true"),
        sqlite_where=sa.text("counts IS true"),
    )
    op.create_index(
        "facts_source",
        "facts",
        ["source", "kind", "currency", "day", "qualified", "amount", "paid", "counts"],
        unique=False,
        postgresql_where=sa.text("counts IS true"),
        sqlite_where=sa.text("counts IS true"),
    )
    op.create_index("facts_told_at", "facts", ["told_at"], unique=False)

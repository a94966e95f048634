"""Handovers: which customer goes to whom, and what became of each record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "shares", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column(
            "counts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "given", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pkey")),
    )
    op.create_table(
        "handed_over",
        sa.Column("handover_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("to_user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("handed_over_handover_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handover_id", "noun", "record_id", name=op.f("handed_over_pkey")),
    )
    op.create_table(
        "handover_customers",
        sa.Column("handover_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("to_user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("handover_customers_handover_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handover_id", "ref", name=op.f("handover_customers_pkey")),
    )
    op.create_index(
        "handed_over_to_return",
        "handed_over",
        ["handover_id", "noun", "record_id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'moved'"),
        sqlite_where=sa.text("outcome = 'moved'"),
    )
    op.create_index("handover_customers_place", "handover_customers", ["handover_id", "place"], unique=False)
    op.create_index(
        "handover_customers_to_user_id", "handover_customers", ["handover_id", "to_user_id", "place"], unique=False
    )

"""Handovers: who is to do what a seller who leaves has planned."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "shares", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sales_done", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column(
            "counts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pkey")),
    )
    op.create_table(
        "handed_over",
        sa.Column("handover_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("activity_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("to_user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("handed_over_handover_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handover_id", "activity_id", name=op.f("handed_over_pkey")),
    )
    op.create_index(
        "handed_over_to_return",
        "handed_over",
        ["handover_id", "activity_id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'moved'"),
        sqlite_where=sa.text("outcome = 'moved'"),
    )

"""Handovers: a seller leaves, the relationships stay."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "handovers",
        sa.Column("from_user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "shares", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "progress", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
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
        sa.ForeignKeyConstraint(["from_user_id"], ["users.id"], name=op.f("handovers_from_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pkey")),
    )
    op.create_table(
        "handover_recipients",
        sa.Column("handover_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("handover_recipients_handover_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("handover_recipients_user_id_fkey")),
        sa.PrimaryKeyConstraint("handover_id", "user_id", name=op.f("handover_recipients_pkey")),
    )
    op.create_index("handovers_created_at", "handovers", ["created_at", "id"], unique=False)
    op.create_index("handovers_from_user_id", "handovers", ["from_user_id", "created_at", "id"], unique=False)
    op.create_index(
        "handovers_running",
        "handovers",
        ["from_user_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('running', 'returning')"),
        sqlite_where=sa.text("status IN ('running', 'returning')"),
    )
    op.create_index("handovers_status", "handovers", ["status", "created_at", "id"], unique=False)
    op.create_index(op.f("handover_recipients_user_id"), "handover_recipients", ["user_id"], unique=False)

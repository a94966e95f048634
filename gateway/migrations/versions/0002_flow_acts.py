"""What operators did to what was parked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add these tables."""
    op.create_table(
        "flow_acts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("verb", sa.String(length=10), nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("flow_acts_pkey")),
    )
    op.create_index("flow_acts_at", "flow_acts", ["at", "id"])
    op.create_index("flow_acts_service", "flow_acts", ["service", "at"])
    op.create_index("flow_acts_ref", "flow_acts", ["ref", "at"])
    op.create_index("flow_acts_actor", "flow_acts", ["actor", "at"])

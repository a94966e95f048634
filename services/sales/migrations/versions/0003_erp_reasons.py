"""What an ERP has against a document, in every language."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """A column for the sentences by language; what was stored before has only the English one."""
    words = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("erp_documents", sa.Column("reasons", words, nullable=True))

"""The taxes of Vietnam as of November 2026. The reduced rate ends with the year, and the ordinary one follows it."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TABLE = sa.table(
    "tax_codes",
    sa.column("id", sa.Uuid(as_uuid=False)),
    sa.column("code", sa.String),
    sa.column("rate", sa.BigInteger),  # ten thousandths
    sa.column("labels", sa.JSON),
    sa.column("valid_from", sa.Date),
    sa.column("valid_to", sa.Date),
    sa.column("then_code", sa.String),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    sa.column("version", sa.Integer),
    sa.column("custom", sa.JSON),
)

_TAXES = (
    ("VAT0", 0, "0 %", "0 %", date(2009, 1, 1), None, None),
    ("VAT5", 5, "5 %", "5 %", date(2009, 1, 1), None, None),
    # Resolution 204/2025/QH15, Decree 174/2025/NĐ-CP.
    ("VAT8", 8, "8 % (reduced)", "8 % (giảm thuế)", date(2025, 7, 1), date(2026, 12, 31), "VAT10"),
    ("VAT10", 10, "10 %", "10 %", date(2009, 1, 1), None, None),
    ("KCT", 0, "Not subject to VAT", "Không chịu thuế", date(2009, 1, 1), None, None),
    ("KKKNT", 0, "Not declared", "Không kê khai, không nộp thuế", date(2009, 1, 1), None, None),
)


def rows() -> list[dict[str, object]]:
    """The rows of these taxes."""
    made_at = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        {
            "id": f"01930000-0000-7000-8000-{number:012d}",
            "code": code,
            "rate": rate * 10_000,
            "labels": {"en": en, "vi": vi},
            "valid_from": first,
            "valid_to": last,
            "then_code": then,
            "created_at": made_at,
            "updated_at": made_at,
            "version": 1,
            "custom": {},
        }
        for number, (code, rate, en, vi, first, last, then) in enumerate(_TAXES, 1)
    ]


def upgrade() -> None:
    """Add these taxes."""
    op.bulk_insert(_TABLE, rows())

"""What pays which invoice, a row each, with those that there are."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_PAYMENTS = sa.table(
    "payments",
    sa.column("id", sa.Uuid(as_uuid=False)),
    sa.column("status", sa.String),
    sa.column("paid_on", sa.Date),
    sa.column("allocations", sa.JSON),
)
_ALLOCATIONS = sa.table(
    "payment_allocations",
    sa.column("payment_id", sa.Uuid(as_uuid=False)),
    sa.column("invoice_id", sa.Uuid(as_uuid=False)),
    sa.column("paid_on", sa.Date),
    sa.column("amount", sa.BigInteger),  # ten thousandths
)


def rows(payments: Any) -> Iterator[dict[str, object]]:
    """A row for each invoice that each of these payments pays."""
    for payment in payments:
        for each in payment.allocations:
            amount = int(Decimal(each["amount"]) * 10_000)
            invoice_id = each["invoice_id"]
            yield {"payment_id": payment.id, "invoice_id": invoice_id, "paid_on": payment.paid_on, "amount": amount}


def upgrade() -> None:
    """Add the table, and what stands in the payments' own lists."""
    op.create_table(
        "payment_allocations",
        sa.Column("payment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("payment_allocations_invoice_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("payment_allocations_payment_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("payment_id", "invoice_id", name=op.f("payment_allocations_pkey")),
    )
    op.create_index("payment_allocations_invoice_id", "payment_allocations", ["invoice_id", "paid_on"], unique=False)
    op.create_index("payment_allocations_paid_on", "payment_allocations", ["paid_on", "invoice_id"], unique=False)
    allocated = sa.select(_PAYMENTS).where(_PAYMENTS.c.status == "allocated")
    for some in op.get_bind().execute(allocated).partitions(500):
        if found := list(rows(some)):
            op.bulk_insert(_ALLOCATIONS, found)

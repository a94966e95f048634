"""Debt as it is told."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel

from chassis.http import View
from chassis.money import Money
from services.sales.receivables.queries import BUCKETS

Bucket = Literal["current", "days_1_30", "days_31_60", "days_61_90", "days_over_90"]


class CustomerRef(View):
    """An account or a contact."""

    type: Literal["account", "contact"]
    id: str


class Ageing(View):
    """What is owed by how long it has been due; ``current`` is not due yet, or has no due day."""

    current: Money
    days_1_30: Money
    days_31_60: Money
    days_61_90: Money
    days_over_90: Money


class DebtView(View):
    """What a customer owes in one currency. ``credit`` was paid for no invoice; null: not the reader's to see."""

    customer: CustomerRef
    name: str
    currency: str
    debt: Money
    overdue: Money
    ageing: Ageing
    invoices: int
    oldest_due_on: date | None
    credit: Money | None

    @classmethod
    def of(cls, row: Any, credit: Decimal | None) -> Self:
        """This customer's."""

        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=row.currency)

        return cls(
            customer=CustomerRef(type=row.noun, id=row.customer_id),
            name=row.name,
            currency=row.currency,
            debt=money(row.debt),
            overdue=money(row.debt - row.current),
            ageing=Ageing(**{name: money(getattr(row, name)) for name in BUCKETS}),
            invoices=row.invoices,
            oldest_due_on=row.oldest_due_on,
            credit=None if credit is None else money(credit),
        )


class DebtPage(BaseModel):
    """Customers, the largest debt first, as of a day."""

    as_of: date
    items: list[DebtView]
    next_cursor: str | None


class OwedInvoiceView(View):
    """An invoice on which something is owed. ``days_overdue`` is 0 until its due day has passed."""

    id: str
    number: str | None
    customer: CustomerRef
    issued_on: date
    due_on: date | None
    total: Money
    balance: Money
    days_overdue: int
    bucket: Bucket

    @classmethod
    def of(cls, row: Any, day: date) -> Self:
        """This invoice by this day."""
        late = max((day - row.due_on).days, 0) if row.due_on else 0
        shown = {name: getattr(row, name) for name in ("id", "number", "issued_on", "due_on")}
        return cls(
            **shown,
            customer=CustomerRef(type=row.noun, id=row.customer_id),
            total=Money(amount=row.total, currency=row.currency),
            balance=Money(amount=row.balance, currency=row.currency),
            days_overdue=late,
            bucket=_bucket(late),
        )


class OwedInvoices(BaseModel):
    """Invoices, what was due first coming first."""

    as_of: date
    items: list[OwedInvoiceView]
    next_cursor: str | None


def _bucket(late: int) -> Bucket:
    if late == 0:
        return "current"
    return "days_1_30" if late <= 30 else "days_31_60" if late <= 60 else "days_61_90" if late <= 90 else "days_over_90"

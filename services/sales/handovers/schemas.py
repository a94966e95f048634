"""What is told of handovers: what somebody has open, and each customer in brief for whoever takes over."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from pydantic import BaseModel

from chassis.http import View
from chassis.money import Money


class OpenRecords(BaseModel):
    """Open records of somebody by kind."""

    counts: dict[str, int]


class CustomerRef(View):
    """Who it is about."""

    type: str
    id: str


class WhoView(View):
    """How to address and reach them, as the record says."""

    name: str
    phone: str | None
    email: str | None


class DealView(View):
    """A possible sale that is open."""

    id: str
    name: str
    stage: str
    amount: Money
    close_date: date | None
    next_step: str | None


class OpenInvoiceView(View):
    """An invoice that is not paid."""

    id: str
    number: str | None
    balance: Money
    due_on: date | None
    overdue: bool


class HandedOverView(View):
    """A customer in brief; at most ten deals and ten invoices, ``debt`` is of all invoices. ``who`` is null when the
    record itself is not the reader's to see.
    """

    customer: CustomerRef
    to_user_id: str
    who: WhoView | None
    deals: list[DealView]
    invoices: list[OpenInvoiceView]
    debt: list[Money]
    note: str | None

    @classmethod
    def of(cls, ref: str, **parts: Any) -> Self:
        """The brief of this customer."""
        noun, _, record_id = ref.partition(":")
        return cls(customer=CustomerRef(type=noun, id=record_id), **parts)


class HandedOverPage(BaseModel):
    """Customers in the order in which they were handed over."""

    items: Sequence[HandedOverView]
    next_cursor: str | None

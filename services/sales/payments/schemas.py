"""What is asked of payments, and what is answered."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.clock import Day
from chassis.fields import Text60, Text200
from chassis.http import Body, View
from chassis.money import ExactDecimal, Money
from events.sales import Allocation
from services.sales.amounts import Currency, PositiveAmount
from services.sales.payments.model import Payment, PaymentStatus


class Received(Body):
    """How much came in."""

    amount: PositiveAmount
    currency: Currency = "VND"


class Allocate(Body):
    """How much of a payment pays this invoice in all; left out: as much as there is and is owed."""

    invoice_id: UUID
    amount: PositiveAmount | None = None


Allocations = Annotated[list[Allocate], Field(min_length=1, max_length=100)]


class CreatePayment(Body):
    """Money from an account or a contact; ``allocations`` say which of their invoices it pays."""

    id: UUID | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    amount: Received
    paid_on: Day
    method: Text60 | None = None
    reference: Text200 | None = None
    allocations: Allocations | None = None

    @model_validator(mode="after")
    def _has_a_payer(self) -> Self:
        if self.account_id is None and self.contact_id is None:
            raise ValueError("Give account_id or contact_id.")
        return self


class AllocatePayment(Body):
    """Which invoices it pays, and how much of each; those that are not named stay as they are."""

    allocations: Allocations


def wanted(allocations: Sequence[Allocate] | None) -> dict[str, Decimal | None]:
    """The amounts by invoice."""
    return {str(each.invoice_id): each.amount for each in allocations or ()}


class PaymentView(View):
    """A payment. ``unallocated`` is the customer's credit."""

    id: str
    number: str
    status: PaymentStatus
    account_id: str | None
    contact_id: str | None
    amount: Money
    unallocated: ExactDecimal
    paid_on: date
    method: str | None
    reference: str | None
    origin: Literal["hand", "erp"]
    allocations: list[Allocation]
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """This payment, as whoever may see it sees it."""
        own = {name: getattr(payment, name) for name in cls.model_fields if name != "amount"}
        return cls.model_validate({**own, "amount": Money(amount=payment.amount, currency=payment.currency)})

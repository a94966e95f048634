"""What sales announces about invoices and payments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event
from chassis.money import ExactDecimal, Money
from events.sales.documents import Buyer, Line, Totals


class InvoiceState(BaseModel):
    """What a customer owes for (part of) an order. A draft has no number; ``balance`` = total - ``paid``.

    ``discount_percent`` is the order's, on top of the lines' own; the lines' net has it in it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    number: str | None = None
    status: Literal["draft", "issued", "part_paid", "paid", "discarded"]
    order_id: str
    buyer: Buyer
    currency: str = "VND"
    discount_percent: ExactDecimal = Decimal(0)
    issued_on: date | None = None
    due_on: date | None = None
    lines: tuple[Line, ...]
    totals: Totals
    paid: ExactDecimal
    balance: ExactDecimal
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutInvoice(Event):
    invoice: InvoiceState

    @property
    def subject(self) -> str:
        return f"invoice:{self.invoice.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.invoice.buyer.reference,)


class InvoiceCreated(_AboutInvoice):
    """An invoice was drafted from an order."""

    type: ClassVar[str] = "sales.invoice.created.v1"


class _InvoiceChange(_AboutInvoice):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class InvoiceIssued(_InvoiceChange):
    """The invoice has its number and counts: accounting is to have it."""

    type: ClassVar[str] = "sales.invoice.issued.v1"


class InvoicePartPaid(_InvoiceChange):
    """Some of it has been paid, or part of what was paid was reversed."""

    type: ClassVar[str] = "sales.invoice.part_paid.v1"


class InvoicePaid(_InvoiceChange):
    """Nothing is left to pay."""

    type: ClassVar[str] = "sales.invoice.paid.v1"


class InvoiceReopened(_InvoiceChange):
    """All that was paid has been reversed: it is owed again."""

    type: ClassVar[str] = "sales.invoice.reopened.v1"


class InvoiceDiscarded(_InvoiceChange):
    """A draft was thrown away; what it would have invoiced can be invoiced again."""

    type: ClassVar[str] = "sales.invoice.discarded.v1"


class InvoiceAssigned(_InvoiceChange):
    """An invoice got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.invoice.assigned.v1"
    handover_id: str | None = None


class Allocation(BaseModel):
    """How much of a payment pays which invoice."""

    model_config = ConfigDict(frozen=True)

    invoice_id: str
    amount: ExactDecimal


class PaymentState(BaseModel):
    """Money from a customer. ``origin`` is erp when the ERP told us of it; what is not allocated is credit."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    status: Literal["received", "allocated", "reversed"]
    account_id: str | None = None
    contact_id: str | None = None
    amount: Money
    paid_on: date
    method: str | None = None
    reference: str | None = None
    origin: Literal["hand", "erp"] = "hand"
    allocations: tuple[Allocation, ...] = ()
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutPayment(Event):
    payment: PaymentState

    @property
    def subject(self) -> str:
        return f"payment:{self.payment.id}"

    def persons(self) -> tuple[str, ...]:
        customer = self.payment
        return (f"account:{customer.account_id}" if customer.account_id else f"contact:{customer.contact_id}",)


class PaymentReceived(_AboutPayment):
    """Money came in."""

    type: ClassVar[str] = "sales.payment.received.v1"


class _PaymentChange(_AboutPayment):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class PaymentAllocated(_PaymentChange):
    """It pays these invoices."""

    type: ClassVar[str] = "sales.payment.allocated.v1"


class PaymentReversed(_PaymentChange):
    """It was a mistake or was sent back: what it paid is owed again."""

    type: ClassVar[str] = "sales.payment.reversed.v1"


class PaymentAssigned(_PaymentChange):
    """A payment got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.payment.assigned.v1"
    handover_id: str | None = None

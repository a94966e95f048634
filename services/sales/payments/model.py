"""A payment: money from a customer, and which invoices it pays."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.money import Amount, plain
from chassis.search import Searchable, search_index
from events.sales import PaymentState
from services.sales.announcing import Exact
from services.sales.listing import list_indexes
from services.sales.tables import Base, Json


class PaymentStatus(StrEnum):
    """Where a payment stands: allocated as soon as it pays an invoice."""

    RECEIVED = "received"
    ALLOCATED = "allocated"
    REVERSED = "reversed"


class PaymentWasReversed(Conflict):
    """It was a mistake or was sent back."""

    code = "payment_was_reversed"


class PaymentOfErp(Conflict):
    """The ERP booked it: it is taken back there."""

    code = "payment_of_erp"


class MoreThanPaid(Conflict):
    """More than is left of the payment."""

    code = "more_than_paid"


class OtherCustomer(Conflict):
    """The invoice is another customer's."""

    code = "other_customer"


class OtherCurrency(Conflict):
    """The invoice is in another currency."""

    code = "other_currency"


class Payment(Exact, Searchable, Owned, Base):
    """``allocations`` are kept as events show them; what is not allocated is the customer's credit."""

    __tablename__ = "payments"
    __noun__: ClassVar[str] = "payment"
    __state__ = PaymentState
    __searchable__ = ("number", "reference")

    number: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20), default=PaymentStatus.RECEIVED)
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str | None] = mapped_column(String(60))
    reference: Mapped[str | None] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(10), default="hand")
    allocations: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)

    def facts(self) -> dict[str, Any]:
        """The state's fields, the amount with its currency."""
        shown = {name: getattr(self, name) for name in PaymentState.model_fields if name != "amount"}
        return {**shown, "amount": {"amount": self.amount, "currency": self.currency}}

    @property
    def allocated(self) -> dict[str, Decimal]:
        """How much pays each invoice."""
        return {each["invoice_id"]: Decimal(each["amount"]) for each in self.allocations}

    @property
    def unallocated(self) -> Decimal:
        """What pays no invoice yet."""
        if self.status == PaymentStatus.REVERSED:
            return Decimal(0)
        return self.amount - sum(self.allocated.values(), Decimal(0))

    def must_stand(self) -> None:
        """Raise PaymentWasReversed."""
        if self.status == PaymentStatus.REVERSED:
            raise PaymentWasReversed(say("This payment was reversed."))

    def allocate(self, allocated: Mapping[str, Decimal]) -> None:
        """It pays these invoices from now on, each with so much; raises MoreThanPaid."""
        self.must_stand()
        if sum(allocated.values(), Decimal(0)) > self.amount:
            left = plain(self.unallocated)
            raise MoreThanPaid(say("Only {left} {currency} is left of it.", left=left, currency=self.currency))
        self.allocations = [
            {"invoice_id": invoice_id, "amount": plain(amount)} for invoice_id, amount in allocated.items()
        ]
        self.status = PaymentStatus.ALLOCATED if self.allocations else PaymentStatus.RECEIVED

    def reverse(self) -> bool:
        """It pays nothing any more. False when it was reversed before."""
        if self.status == PaymentStatus.REVERSED:
            return False
        self.status, self.allocations = PaymentStatus.REVERSED, []
        return True


# What the ERP told last of each payment that it booked, whichever of its two announcements came first.
erp_payments = Table(
    "erp_payments",
    Base.metadata,
    Column("id", String(200), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("payment_id", Uuid(as_uuid=False)),
)

# The allocations of all payments that stand, a row each: how much of each invoice was paid by a day. The payment's own
# list is what people see; both are written together.
payment_allocations = Table(
    "payment_allocations",
    Base.metadata,
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payments.id", ondelete="CASCADE"), primary_key=True),
    Column("invoice_id", Uuid(as_uuid=False), ForeignKey("invoices.id"), primary_key=True),
    Column("paid_on", Date, nullable=False),
    Column("amount", Amount, nullable=False),
)
Index("payment_allocations_invoice_id", payment_allocations.c.invoice_id, payment_allocations.c.paid_on)
Index("payment_allocations_paid_on", payment_allocations.c.paid_on, payment_allocations.c.invoice_id)

search_index(Payment, "number")
list_indexes(
    Payment,
    filters=(
        *("status", "account_id", "contact_id", "paid_on", "method", "reference", "origin"),
        *("owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "number"),
)

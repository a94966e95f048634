"""An invoice: what a customer owes for an order or a part of it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Date, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.money import Amount, plain
from chassis.owned_lists import list_indexes
from chassis.search import Searchable, search_index
from events.sales import InvoiceState
from services.sales.announcing import Exact
from services.sales.lines.model import Priced
from services.sales.tables import Base


class InvoiceStatus(StrEnum):
    """Where an invoice stands; whether it is overdue is beside."""

    DRAFT = "draft"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    DISCARDED = "discarded"


OWED = (InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID)


class NothingToInvoice(Conflict):
    """All that may be invoiced of the order is on invoices already."""

    code = "nothing_to_invoice"


class MoreThanDelivered(Conflict):
    """More than was delivered of the line and is on no invoice yet."""

    code = "more_than_delivered"


class InvoiceAlreadyIssued(Conflict):
    """It counts: it is never taken back."""

    code = "invoice_already_issued"


class InvoiceWasDiscarded(Conflict):
    """The draft was thrown away."""

    code = "invoice_was_discarded"


class InvoiceNotIssued(Conflict):
    """Nobody owes anything by a draft."""

    code = "invoice_not_issued"


class MoreThanOwed(Conflict):
    """More than is left to pay."""

    code = "more_than_owed"


class Invoice(Priced, Exact, Searchable, Owned, Base):
    """It belongs to whoever owns its order. A draft has no number, so that numbers have no gaps."""

    __tablename__ = "invoices"
    __noun__: ClassVar[str] = "invoice"
    __state__ = InvoiceState
    __searchable__ = ("number", "buyer_name")

    number: Mapped[str | None] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20), default=InvoiceStatus.DRAFT)
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("orders.id"))
    issued_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    paid: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))

    @property
    def balance(self) -> Decimal:
        """What is left to pay."""
        return self.total - self.paid

    def is_overdue(self, on: date) -> bool:
        """Whether something should have been paid before this day."""
        return self.status in OWED and self.due_on is not None and self.due_on < on and self.balance > 0

    def may_be_issued(self) -> bool:
        """False when it has been; raises InvoiceWasDiscarded."""
        if self.status == InvoiceStatus.DISCARDED:
            raise InvoiceWasDiscarded(say("This draft was thrown away."))
        return self.status == InvoiceStatus.DRAFT

    def issue(self, number: str, on: date) -> None:
        """It counts from now on."""
        self.status, self.number, self.issued_on = InvoiceStatus.ISSUED, number, on

    def discard(self) -> bool:
        """Throw a draft away. False when it was before; raises InvoiceAlreadyIssued."""
        if self.status == InvoiceStatus.DISCARDED:
            return False
        if self.status != InvoiceStatus.DRAFT:
            raise InvoiceAlreadyIssued(say("An invoice that was issued stays; adjust or replace it."))
        self.status = InvoiceStatus.DISCARDED
        return True

    def pay(self, amount: Decimal) -> None:
        """This much more is paid, or less when a payment is taken back. Raises MoreThanOwed or InvoiceNotIssued."""
        if self.status in (InvoiceStatus.DRAFT, InvoiceStatus.DISCARDED):
            raise InvoiceNotIssued(say("This invoice has not been issued."))
        if amount > self.balance:
            raise MoreThanOwed(
                say("Only {balance} {currency} is owed.", balance=plain(self.balance), currency=self.currency)
            )
        self.paid += amount
        if self.balance == 0:
            self.status = InvoiceStatus.PAID
        else:
            self.status = InvoiceStatus.PART_PAID if self.paid else InvoiceStatus.ISSUED


search_index(Invoice, "buyer_name")
list_indexes(
    Invoice,
    filters=(
        *("status", "order_id", "account_id", "contact_id", "issued_on", "due_on"),
        *("owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "number"),
)
Index("invoices_number_key", Invoice.number, unique=True)

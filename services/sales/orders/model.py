"""An order: what a customer ordered, how much of it they have, and how much of that has been invoiced."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Date, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.money import plain
from chassis.owned_lists import list_indexes
from chassis.search import Searchable, search_index
from events.sales import Fulfilment, Line, OrderState
from services.sales.announcing import Exact
from services.sales.lines.model import Priced
from services.sales.tables import Base, Json

Quantities = Mapping[str, Decimal]
"""How much of each of an order's lines, by the line's id."""


class OrderStatus(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    IN_DELIVERY = "in_delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class InvoiceOn(StrEnum):
    """When an order is invoiced: whole at its confirmation, or what has been delivered."""

    CONFIRMATION = "confirmation"
    DELIVERY = "delivery"


_BINDING = (OrderStatus.CONFIRMED, OrderStatus.RELEASED, OrderStatus.IN_DELIVERY, OrderStatus.DELIVERED)
_LEAVING = (OrderStatus.RELEASED, OrderStatus.IN_DELIVERY, OrderStatus.DELIVERED)


class OrderNotDraft(Conflict):
    """It is binding: lines and prices stay."""

    code = "order_not_draft"


class OrderNotConfirmed(Conflict):
    """The customer is not bound by it yet."""

    code = "order_not_confirmed"


class OrderNotReleased(Conflict):
    """Its goods may not leave the warehouse yet."""

    code = "order_not_released"


class OrderAlreadyReleased(Conflict):
    """Its goods may have left: it is not cancelled any more."""

    code = "order_already_released"


class OrderAlreadyInvoiced(Conflict):
    """An invoice that was issued stays."""

    code = "order_already_invoiced"


class OrderWasCancelled(Conflict):
    """Somebody has cancelled it."""

    code = "order_was_cancelled"


class Order(Priced, Exact, Searchable, Owned, Base):
    """``fulfilment`` has an entry for each line, as events show it."""

    __tablename__ = "orders"
    __noun__: ClassVar[str] = "order"
    __state__ = OrderState
    __searchable__ = ("number", "buyer_name")

    number: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20), default=OrderStatus.DRAFT)
    quote_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    opportunity_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    ordered_on: Mapped[date] = mapped_column(Date)
    invoice_on: Mapped[str] = mapped_column(String(20), default=InvoiceOn.DELIVERY)
    fulfilment: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    cancelled_reason: Mapped[str | None] = mapped_column(String(500))

    # --- how it stands -------------------------------------------------------------------------------------------

    def must_be_draft(self) -> None:
        """Raise OrderNotDraft."""
        if self.status != OrderStatus.DRAFT:
            raise OrderNotDraft(say("Only a draft can be changed."))

    def must_not_be_cancelled(self) -> None:
        """Raise OrderWasCancelled."""
        if self.status == OrderStatus.CANCELLED:
            raise OrderWasCancelled(say("This order was cancelled."))

    def must_be_confirmed(self) -> None:
        """Raise OrderWasCancelled or OrderNotConfirmed."""
        self.must_not_be_cancelled()
        if self.status not in _BINDING:
            raise OrderNotConfirmed(say("This order is not confirmed yet."))

    def must_be_released(self) -> None:
        """Raise OrderWasCancelled or OrderNotReleased."""
        self.must_not_be_cancelled()
        if self.status not in _LEAVING:
            raise OrderNotReleased(say("This order is not released yet."))

    def confirm(self) -> bool:
        """It is binding from now on. False when it was before."""
        self.must_not_be_cancelled()
        if self.status in _BINDING:
            return False
        self.status = OrderStatus.CONFIRMED
        return True

    def release(self) -> bool:
        """The goods may leave the warehouse. False when they might before."""
        self.must_be_confirmed()
        if self.status in _LEAVING:
            return False
        self.status = OrderStatus.RELEASED
        return True

    def cancel(self, reason: str) -> bool:
        """It will not be fulfilled. False when that was said before; the first reason stays."""
        if self.status == OrderStatus.CANCELLED:
            return False
        if self.status in _LEAVING:
            raise OrderAlreadyReleased(say("This order was released; its goods may be on their way."))
        if any(each.invoiced for each in self.progress.values()):
            raise OrderAlreadyInvoiced(say("This order has been invoiced."))
        self.status, self.cancelled_reason = OrderStatus.CANCELLED, reason
        return True

    # --- what the customer has -----------------------------------------------------------------------------------

    @property
    def progress(self) -> dict[str, Fulfilment]:
        """How far each line has got, by the line's id."""
        return {each["order_line_id"]: Fulfilment.model_validate(each) for each in self.fulfilment}

    @property
    def line_of(self) -> dict[str, Line]:
        """The lines by id."""
        return {line.id: line for line in self.priced_lines}

    def begin(self) -> None:
        """Nothing of it has been delivered or invoiced yet."""
        none = {"delivered": "0", "invoiced": "0"}
        self.fulfilment = [{"order_line_id": line["id"], **none} for line in self.lines]

    def deliver(self, quantities: Quantities) -> None:
        """The customer has this much more; all of it makes the order delivered."""
        self._advance("delivered", quantities)
        progress = self.progress
        done = all(progress[line.id].delivered >= line.quantity for line in self.priced_lines)
        self.status = OrderStatus.DELIVERED if done else OrderStatus.IN_DELIVERY

    def invoice(self, quantities: Quantities) -> None:
        """This much more is on an invoice; less than none when a draft was thrown away."""
        self._advance("invoiced", quantities)

    def to_invoice(self) -> dict[str, Decimal]:
        """How much of each line may be invoiced now."""
        whole, lines = self.invoice_on == InvoiceOn.CONFIRMATION, self.line_of
        return {
            line_id: (lines[line_id].quantity if whole else each.delivered) - each.invoiced
            for line_id, each in self.progress.items()
        }

    def _advance(self, what: str, quantities: Quantities) -> None:
        self.fulfilment = [
            {**each, what: plain(Decimal(each[what]) + quantities.get(each["order_line_id"], Decimal(0)))}
            for each in self.fulfilment
        ]


search_index(Order, "number")
list_indexes(
    Order,
    filters=(
        *("status", "quote_id", "opportunity_id", "account_id", "contact_id", "ordered_on", "invoice_on"),
        *("owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "number"),
)
# Whatever races whom, a quote becomes one order.
_of_quote = Order.quote_id.is_not(None)
Index("orders_of_quote_key", Order.quote_id, unique=True, postgresql_where=_of_quote, sqlite_where=_of_quote)

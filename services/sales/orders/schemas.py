"""What is asked of orders, and what is answered."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from chassis.clock import Day
from chassis.http import Body, View
from chassis.i18n import Language
from chassis.money import ExactDecimal
from events.sales import Buyer, Fulfilment, Line, Totals
from services.sales.amounts import Currency, Percent
from services.sales.erp.queries import InErp, in_erp
from services.sales.lines.schemas import NewLines
from services.sales.orders.model import InvoiceOn, Order, OrderStatus
from services.sales.schemas import Custom, Text500


class CreateOrder(Body):
    """A direct order of an account or a contact, or of a contact for their account."""

    id: UUID | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    lines: NewLines
    currency: Currency = "VND"
    discount_percent: Percent = Decimal(0)
    ordered_on: Day | None = None
    invoice_on: InvoiceOn = InvoiceOn.DELIVERY
    owner_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_buyer(self) -> Self:
        if self.account_id is None and self.contact_id is None:
            raise ValueError("Give account_id or contact_id.")
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts: dict[str, Any] = {"currency": self.currency, "discount_percent": self.discount_percent}
        facts |= {"invoice_on": self.invoice_on.value}
        facts |= {"custom": {key: value for key, value in self.custom.items() if value is not None}}
        return facts | ({"ordered_on": self.ordered_on} if self.ordered_on else {})


class PatchOrder(Body):
    """A merge patch of a draft: ``lines`` are replaced whole, ``custom`` merges per key."""

    lines: NewLines = Field(default_factory=list)
    discount_percent: Percent = Decimal(0)
    ordered_on: Day = Field(default=date.min)
    invoice_on: InvoiceOn = InvoiceOn.DELIVERY
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        names = self.model_fields_set - {"lines", "invoice_on"}
        facts = {name: getattr(self, name) for name in names}
        return facts | ({"invoice_on": self.invoice_on.value} if "invoice_on" in self.model_fields_set else {})


class CancelOrder(Body):
    """Why it will not be fulfilled."""

    reason: Text500


class OrderView(View):
    """An order. ``fulfilment`` is how much of each line has been delivered, and is on an invoice.

    ``erp`` is how it stands in the ERP, as far as the bridge has told.
    """

    id: str
    number: str
    status: OrderStatus
    quote_id: str | None
    opportunity_id: str | None
    account_id: str | None
    contact_id: str | None
    buyer: Buyer
    currency: str
    ordered_on: date
    invoice_on: InvoiceOn
    discount_percent: ExactDecimal
    lines: list[Line]
    fulfilment: list[Fulfilment]
    totals: Totals
    cancelled_reason: str | None
    erp: InErp = Field(default_factory=InErp)
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, order: Order) -> Self:
        """This order, as if no ERP knew of it."""
        shown = {name: getattr(order, name) for name in cls.model_fields if name != "erp"}
        return cls.model_validate(shown)


def order_view(tx: Session, order: Order, language: Language) -> OrderView:
    """This order, as whoever may see it sees it."""
    view = OrderView.of(order)
    with_erp(tx, [view], language)
    return view


def with_erp(tx: Session, views: Sequence[OrderView], language: Language) -> None:
    """Say of each of these orders how it stands in the ERP."""
    known = in_erp(tx, "order", [view.id for view in views], language)
    for view in views:
        view.erp = known.get(view.id, view.erp)

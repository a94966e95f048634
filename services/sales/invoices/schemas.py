"""What is asked of invoices, and what is answered."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from chassis.clock import Day
from chassis.http import Body, View
from chassis.i18n import Language
from chassis.money import ExactDecimal
from events.sales import Buyer, Line, Totals
from services.sales.days import today
from services.sales.erp.queries import InErp, in_erp
from services.sales.invoices.model import Invoice, InvoiceStatus
from services.sales.orders.parts import Parts


class CreateInvoice(Body):
    """Of an order: these lines, or all that was delivered and is on no invoice yet."""

    id: UUID | None = None
    order_id: UUID
    lines: Parts | None = None
    due_on: Day | None = None


class InvoiceView(View):
    """An invoice. ``balance`` is what is left to pay, ``overdue`` whether that should have been paid before today.

    ``erp`` is how it stands in the ERP, as far as the bridge has told.
    """

    id: str
    number: str | None
    status: InvoiceStatus
    order_id: str
    account_id: str | None
    contact_id: str | None
    buyer: Buyer
    currency: str
    discount_percent: ExactDecimal
    issued_on: date | None
    due_on: date | None
    lines: list[Line]
    totals: Totals
    paid: ExactDecimal
    balance: ExactDecimal
    overdue: bool
    erp: InErp = Field(default_factory=InErp)
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, invoice: Invoice) -> Self:
        """This invoice, as if no ERP knew of it."""
        own = {name: getattr(invoice, name) for name in cls.model_fields if name not in ("erp", "overdue")}
        return cls.model_validate({**own, "overdue": invoice.is_overdue(today())})


def invoice_view(tx: Session, invoice: Invoice, language: Language) -> InvoiceView:
    """This invoice, as whoever may see it sees it."""
    view = InvoiceView.of(invoice)
    with_erp(tx, [view], language)
    return view


def with_erp(tx: Session, views: Sequence[InvoiceView], language: Language) -> None:
    """Say of each of these invoices how it stands in the ERP."""
    known = in_erp(tx, "invoice", [view.id for view in views], language)
    for view in views:
        view.erp = known.get(view.id, view.erp)

"""Looking for invoices, and what an order has on them already."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.caller import Caller
from chassis.filters import Filter, Special
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.days import today
from services.sales.invoices.model import OWED, Invoice, InvoiceStatus


def _overdue(value: bool, _caller: Caller) -> ColumnElement[bool]:
    late = and_(Invoice.due_on < today(), Invoice.status.in_(OWED), Invoice.due_on.is_not(None))
    return late if value else not_(late)


INVOICES = Listing(
    model=Invoice,
    sorts=("created_at", "updated_at", "number"),
    default_sort="-created_at",
    filters={
        "status": Filter(Invoice.status, InvoiceStatus),
        "number": Filter(Invoice.number),
        "order_id": Filter(Invoice.order_id),
        "account_id": Filter(Invoice.account_id),
        "contact_id": Filter(Invoice.contact_id),
        "issued_on": Filter(Invoice.issued_on),
        "due_on": Filter(Invoice.due_on),
        "overdue": Special(_overdue, reads=bool, index=Invoice.due_on),
        **owned_filters(Invoice),
    },
    search=Search(Invoice, Invoice.buyer_name),
)


def others_of_order(tx: Session, order_id: str, besides: str | None = None) -> Sequence[Invoice]:
    """The order's invoices that count or will, but for this one."""
    chosen = select(Invoice).where(Invoice.order_id == order_id, Invoice.status != InvoiceStatus.DISCARDED)
    with as_system(tx, "what is left to invoice is what is on nobody's invoice"):
        return [invoice for invoice in tx.scalars(chosen) if invoice.id != besides]

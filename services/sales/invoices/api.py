"""The routes of invoices. Each says which right it needs, finds the record as the caller, calls one action."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.i18n import Language
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.sales.days import today
from services.sales.invoices import actions
from services.sales.invoices.model import Invoice
from services.sales.invoices.queries import INVOICES
from services.sales.invoices.schemas import CreateInvoice, InvoiceView, invoice_view, with_erp
from services.sales.orders.model import Order
from services.sales.orders.parts import quantities

router = Router(tags=["invoices"])


@router.get("/invoices", listing=INVOICES)
def list_invoices(tx: Session, asked: ListRequest, language: Language) -> Page[InvoiceView]:
    """The invoices that the caller may see."""
    must_have(tx, Invoice, "read")
    page = INVOICES.page(tx, asked, InvoiceView.of)
    with_erp(tx, page.items, language)
    return page


@router.post("/invoices", status_code=201)
def create_invoice(tx: Session, body: CreateInvoice, language: Language) -> InvoiceView:
    """Draft an invoice of what an order's customer has; 409 for more than was delivered and is on no invoice yet."""
    must_have(tx, Invoice, "create")
    must_have(tx, Order, "read")
    invoice = actions.draft_invoice(
        tx,
        find(tx, Order, str(body.order_id), lock=True),
        wanted=quantities(body.lines),
        due_on=body.due_on,
        day=today(),
        invoice_id=str(body.id) if body.id else None,
    )
    return invoice_view(tx, invoice, language)


@router.get("/invoices/{invoice_id}")
def read_invoice(tx: Session, invoice_id: UUID, language: Language) -> InvoiceView:
    """One invoice."""
    return invoice_view(tx, to_read(tx, Invoice, invoice_id), language)


@router.post("/invoices/{invoice_id}/issue")
def issue_invoice(tx: Session, invoice_id: UUID, if_match: IfMatch, language: Language) -> InvoiceView:
    """It gets its number and counts, with the taxes of today; it is never cancelled."""
    return invoice_view(
        tx, actions.issue_invoice(tx, _to_change(tx, invoice_id, if_match, language), day=today()), language
    )


@router.post("/invoices/{invoice_id}/discard")
def discard_invoice(tx: Session, invoice_id: UUID, if_match: IfMatch, language: Language) -> InvoiceView:
    """Throw a draft away; what was on it can be invoiced again."""
    return invoice_view(tx, actions.discard_invoice(tx, _to_change(tx, invoice_id, if_match, language)), language)


@router.get("/invoices/{invoice_id}/history")
def read_invoice_history(tx: Session, invoice_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an invoice, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Invoice, invoice_id), limit=limit, cursor=cursor)


def _to_change(tx: Session, invoice_id: UUID, if_match: IfMatch, language: Language) -> Invoice:
    return to_change(tx, Invoice, invoice_id, if_match, view=lambda invoice: invoice_view(tx, invoice, language))

"""Everything the bridge does because of an event: what sales has confirmed or issued is made ready for the ERPs."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.sales.invoices import InvoiceIssued
from events.sales.orders import OrderConfirmed
from services.erp_bridge.documents.actions import queue_documents
from services.erp_bridge.documents.parts import document_of_invoice, document_of_order


def push_orders(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """The ERP gets every order that is binding."""
    orders = [(document_of_order(each.parse(OrderConfirmed).order), each) for each in envelopes]
    queue_documents(tx, orders)


def push_invoices(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Accounting gets every invoice that counts."""
    invoices = [(document_of_invoice(each.parse(InvoiceIssued).invoice), each) for each in envelopes]
    queue_documents(tx, invoices)


REACTIONS = (
    Reaction("erp_bridge.push_orders", order="any", to=(OrderConfirmed,), react_many=push_orders),
    Reaction("erp_bridge.push_invoices", order="any", to=(InvoiceIssued,), react_many=push_invoices),
)

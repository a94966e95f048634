"""An order becomes binding, and is invoiced on the spot where that was agreed."""

from datetime import date

from sqlalchemy.orm import Session

from chassis.published import Change
from events.sales import OrderConfirmed
from services.sales.customers.actions import mark_as_customer
from services.sales.invoices.actions import draft_invoice, issue_invoice
from services.sales.orders.model import InvoiceOn, Order


def confirm_order(tx: Session, order: Order, *, day: date) -> Order:
    """The order is binding. With ``invoice_on`` confirmation its whole invoice is issued in the same transaction.

    Again changes nothing; raises OrderWasCancelled. Whoever buys without an opportunity becomes a customer by this.
    """
    change = Change(order)
    if not order.confirm():
        return order
    change.announce(tx, OrderConfirmed)
    if order.opportunity_id is None:
        mark_as_customer(tx, account_id=order.account_id, contact_id=order.contact_id)
    if order.invoice_on == InvoiceOn.CONFIRMATION:
        invoice = draft_invoice(tx, order, wanted=None, due_on=None, day=day)
        issue_invoice(tx, invoice, day=day)
    return order

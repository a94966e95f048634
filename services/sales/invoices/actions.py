"""What people do with invoices. Each checks no rights: its caller found the record as the one who asks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from chassis.ids import new_id
from events.sales import (
    InvoiceCreated,
    InvoiceDiscarded,
    InvoiceIssued,
    InvoicePaid,
    InvoicePartPaid,
    InvoiceReopened,
)
from services.sales.announcing import announce_new
from services.sales.changes import Change
from services.sales.invoices.charging import lines_for, taxed_on
from services.sales.invoices.model import Invoice, InvoiceStatus, MoreThanDelivered, NothingToInvoice
from services.sales.invoices.queries import others_of_order
from services.sales.numbers.actions import next_number
from services.sales.orders.actions import note_invoiced, order_of
from services.sales.orders.model import Order
from services.sales.orders.quantities import asked_of
from services.sales.taxes.queries import taxes_of


def draft_invoice(
    tx: Session,
    order: Order,
    *,
    wanted: Sequence[tuple[str, Decimal]] | None,
    due_on: date | None,
    day: date,
    invoice_id: str | None = None,
) -> Invoice:
    """A draft for these lines of an order, which must be locked, or for all that may be invoiced and is not yet.

    Raises OrderNotConfirmed, MoreThanDelivered, NothingToInvoice or UnknownOrderLine.
    """
    order.must_be_confirmed()
    quantities = asked_of(order, wanted, order.to_invoice(), too_much=MoreThanDelivered, nothing=NothingToInvoice)
    earlier = others_of_order(tx, order.id)
    lines = lines_for(order, quantities, earlier)
    invoice = Invoice(
        id=invoice_id or new_id(),
        order_id=order.id,
        currency=order.currency,
        discount_percent=order.discount_percent,
        due_on=due_on,
        paid=Decimal(0),
        owner_id=order.owner_id,
        team_id=order.team_id,
    )
    invoice.sell_to(order.who_buys)
    invoice.charge(*taxed_on(day, lines, taxes_of(tx), order, earlier))
    announce_new(tx, invoice, InvoiceCreated)
    note_invoiced(tx, order, quantities)
    return invoice


def issue_invoice(tx: Session, invoice: Invoice, *, day: date) -> Invoice:
    """It gets its number and counts, with the taxes of this day; one of nothing is paid at once.

    Again changes nothing; raises InvoiceWasDiscarded.
    """
    change = Change(invoice)
    if not invoice.may_be_issued():
        return invoice
    taxes, lines, number = taxes_of(tx), invoice.priced_lines, next_number(tx, "INV", day)
    if any(taxes.on(line.tax_code, day).code != line.tax_code for line in lines):
        order = order_of(tx, invoice.order_id)
        invoice.charge(*taxed_on(day, lines, taxes, order, others_of_order(tx, order.id, besides=invoice.id)))
    invoice.issue(number, day)
    change.announce(tx, InvoiceIssued)
    if not invoice.balance:
        pay_invoice(tx, invoice, Decimal(0))
    return invoice


def discard_invoice(tx: Session, invoice: Invoice) -> Invoice:
    """Throw a draft away; what was on it can be invoiced again. Again changes nothing; raises InvoiceAlreadyIssued."""
    change = Change(invoice)
    if invoice.discard():
        change.announce(tx, InvoiceDiscarded)
        given_back = {line.order_line_id or "": -line.quantity for line in invoice.priced_lines}
        note_invoiced(tx, order_of(tx, invoice.order_id), given_back)
    return invoice


def pay_invoice(tx: Session, invoice: Invoice, amount: Decimal) -> None:
    """This much more is paid, or less. The invoice must be locked. Raises MoreThanOwed or InvoiceNotIssued."""
    change = Change(invoice)
    invoice.pay(amount)
    match invoice.status:
        case InvoiceStatus.PAID:
            change.announce(tx, InvoicePaid)
        case InvoiceStatus.PART_PAID:
            change.announce(tx, InvoicePartPaid)
        case _:
            change.announce(tx, InvoiceReopened)

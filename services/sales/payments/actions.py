"""What people do with payments. Each checks no rights: its caller found the record as the one who asks."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from chassis.access import as_system, find
from chassis.i18n import say
from chassis.ids import new_id
from chassis.rows import insert_rows
from events.sales import PaymentAllocated, PaymentReceived, PaymentReversed
from services.sales.announcing import announce_new
from services.sales.changes import Change
from services.sales.invoices.actions import pay_invoice
from services.sales.invoices.model import Invoice
from services.sales.numbers.actions import next_number
from services.sales.payments.model import (
    OtherCurrency,
    OtherCustomer,
    Payment,
    PaymentOfErp,
    PaymentStatus,
    payment_allocations,
)

Origin = Literal["hand", "erp"]
Wanted = Mapping[str, Decimal | None]
"""How much of a payment is to pay each invoice in all; None: as much as there is and is owed."""


def receive_payment(
    tx: Session,
    *,
    facts: Mapping[str, Any],
    owner: tuple[str | None, str | None],
    day: date,
    origin: Origin = "hand",
    wanted: Wanted | None = None,
    payment_id: str | None = None,
) -> Payment:
    """Money came in. ``facts`` are columns by name, ``owner`` is its owner and their team. Raises as ``allocate``."""
    payment = Payment(id=payment_id or new_id(), origin=origin, allocations=[], **facts)
    payment.status = PaymentStatus.RECEIVED
    payment.owner_id, payment.team_id = owner
    payment.number = next_number(tx, "PAY", day)
    announce_new(tx, payment, PaymentReceived)
    if wanted:
        allocate(tx, payment, wanted)
    return payment


def allocate(tx: Session, payment: Payment, wanted: Wanted) -> Payment:
    """Let it pay these invoices, each with so much in all; saying the same again changes nothing.

    Raises MoreThanPaid, MoreThanOwed, InvoiceNotIssued, OtherCustomer, OtherCurrency, PaymentWasReversed or NotFound.
    """
    payment.must_stand()
    change, before, allocated = Change(payment), payment.allocated, payment.allocated
    invoices = [find(tx, Invoice, invoice_id, lock=True) for invoice_id in sorted(wanted)]
    for invoice in invoices:
        _must_fit(payment, invoice)
        amount, mine = wanted[invoice.id], allocated.get(invoice.id, Decimal(0))
        rest = payment.amount - sum(allocated.values(), Decimal(0))
        allocated[invoice.id] = mine + min(rest, invoice.balance) if amount is None else amount
    allocated = {invoice_id: amount for invoice_id, amount in allocated.items() if amount}
    if allocated == before:
        return payment
    payment.allocate(allocated)
    change.announce(tx, PaymentAllocated)
    _keep_allocations(tx, payment)
    for invoice in invoices:
        if more := allocated.get(invoice.id, Decimal(0)) - before.get(invoice.id, Decimal(0)):
            pay_invoice(tx, invoice, more)
    return payment


def reverse_payment(tx: Session, payment: Payment, *, by: Origin = "hand") -> Payment:
    """It was a mistake or was sent back: what it paid is owed again. Again changes nothing; raises PaymentOfErp."""
    if payment.origin != by and payment.status != PaymentStatus.REVERSED:
        raise PaymentOfErp(say("The ERP booked this payment; take it back there."))
    change, allocated = Change(payment), payment.allocated
    if not payment.reverse():
        return payment
    with as_system(tx, "a payment that is taken back leaves invoices owed, whoever owns them"):
        for invoice_id in sorted(allocated):
            pay_invoice(tx, find(tx, Invoice, invoice_id, lock=True), -allocated[invoice_id])
    change.announce(tx, PaymentReversed)
    _keep_allocations(tx, payment)
    return payment


def _keep_allocations(tx: Session, payment: Payment) -> None:
    tx.execute(delete(payment_allocations).where(payment_allocations.c.payment_id == payment.id))
    of_this = {"payment_id": payment.id, "paid_on": payment.paid_on}
    rows = [{**of_this, "invoice_id": each, "amount": amount} for each, amount in payment.allocated.items()]
    insert_rows(tx, payment_allocations, rows)


def _must_fit(payment: Payment, invoice: Invoice) -> None:
    if (payment.account_id or payment.contact_id) != (invoice.account_id or invoice.contact_id):
        raise OtherCustomer(say("The invoice is another customer's."))
    if payment.currency != invoice.currency:
        raise OtherCurrency(say("The invoice is in another currency."))

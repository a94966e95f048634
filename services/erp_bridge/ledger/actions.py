"""What is booked: invoices as they are pushed, payments as people tell of them, and their reversal."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.database import lock
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from chassis.i18n import say
from chassis.ids import new_id
from chassis.money import rounded
from services.erp_bridge.connectors.base import Document
from services.erp_bridge.ledger.model import (
    Account,
    Entry,
    LedgerChange,
    LedgerDocument,
    LedgerPayment,
    Posting,
)

_KEPT = ("kind", "reference", "number", "currency", "dated", "net", "tax", "total")


class PaymentIdTaken(Conflict):
    """There is a payment with this id."""

    code = "payment_id_taken"


def take_in(tx: Session, document: Document) -> LedgerDocument:
    """Book a document, once: the same one given again is only counted."""
    lock(tx, [f"ledger {document.kind} {document.reference}"])
    known = tx.scalar(
        select(LedgerDocument).where(
            LedgerDocument.kind == document.kind, LedgerDocument.reference == document.reference
        )
    )
    if known is not None:
        known.times_pushed = known.times_pushed + 1
        tx.flush()
        return known
    facts = {name: getattr(document, name) for name in _KEPT}
    booked = LedgerDocument(id=new_id(), customer=document.party.reference, paid=Decimal(0), times_pushed=1, **facts)
    tx.add(booked)
    if document.kind == "invoice" and document.total:  # an entry of nothing would have no lines
        tx.add(_revenue(booked))
    tx.flush()
    return booked


def _revenue(invoice: LedgerDocument) -> Entry:
    postings = (
        Posting(Account.RECEIVABLES, debit=invoice.total),
        Posting(Account.REVENUE, credit=invoice.net),
        Posting(Account.VAT_PAYABLE, credit=invoice.tax),
    )
    return Entry.of(postings, booked_on=invoice.dated, description=invoice.number, **_about(invoice))


def book_payment(
    tx: Session,
    *,
    invoice_id: str,
    amount: Decimal,
    paid_on: date,
    method: str | None,
    reference: str | None,
    custom: dict[str, Any] | None = None,
    payment_id: str | None = None,
    by: str | None = None,
) -> LedgerPayment:
    """Money for an invoice arrived in the bank; raises NotFound, PaysTooMuch, PaymentIdTaken or Invalid."""
    invoice = _find_invoice(tx, invoice_id)
    if payment_id is not None and tx.get(LedgerPayment, payment_id) is not None:
        raise PaymentIdTaken(say("There is a payment with this id."))
    if amount <= 0 or rounded(amount, invoice.currency) != amount:
        message = say("The amount must be more than nothing, in whole coins of the currency.")
        raise Invalid(message, errors=[FieldError("/amount", message)])
    invoice.take_in(amount)
    payment = LedgerPayment(
        id=payment_id or new_id(),
        invoice_id=invoice_id,
        amount=amount,
        currency=invoice.currency,
        paid_on=paid_on,
        method=method,
        reference=reference,
        reversed=False,
        custom=custom or {},
        created_by=by,
    )
    _book(tx, invoice, payment, sign=1)
    tx.add(payment)
    tx.flush()
    return payment


def reverse_payment(tx: Session, payment_id: str) -> LedgerPayment:
    """It was a mistake: an entry undoes it. Twice is harmless; raises NotFound."""
    payment = get_payment(tx, payment_id, lock_it=True)
    if payment is None:
        raise NotFound
    if payment.reversed:
        return payment
    invoice = _find_invoice(tx, payment.invoice_id)
    invoice.paid = invoice.paid - payment.amount
    payment.reversed = True
    _book(tx, invoice, payment, sign=-1)
    tx.flush()
    return payment


def get_payment(tx: Session, payment_id: str, *, lock_it: bool = False) -> LedgerPayment | None:
    """The payment, if there is one."""
    return tx.get(LedgerPayment, payment_id, with_for_update=lock_it or None)


def _find_invoice(tx: Session, invoice_id: str) -> LedgerDocument:
    # One lock for the whole book: who follows it relies on changes becoming visible in the order of their positions.
    lock(tx, ["ledger payments"])
    invoice = tx.scalar(
        select(LedgerDocument)
        .where(LedgerDocument.kind == "invoice", LedgerDocument.reference == invoice_id)
        .with_for_update()
    )
    if invoice is None:
        raise NotFound
    return invoice


def _book(tx: Session, invoice: LedgerDocument, payment: LedgerPayment, *, sign: int) -> None:
    into, out_of = (Account.BANK, Account.RECEIVABLES) if sign > 0 else (Account.RECEIVABLES, Account.BANK)
    postings = Posting(into, debit=payment.amount), Posting(out_of, credit=payment.amount)
    description = payment.reference or invoice.number
    tx.add(
        Entry.of(postings, booked_on=payment.paid_on, description=description, payment_id=payment.id, **_about(invoice))
    )
    tx.add(LedgerChange(document_id=invoice.id))


def _about(invoice: LedgerDocument) -> dict[str, Any]:
    return {"customer": invoice.customer, "invoice_id": invoice.reference, "currency": invoice.currency}

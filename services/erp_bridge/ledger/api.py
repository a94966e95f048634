"""Routes of the built-in book."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.errors import NotFound
from chassis.http import Router
from chassis.paging import ListRequest, Page
from services.erp_bridge.ledger import actions
from services.erp_bridge.ledger.queries import DOCUMENTS, ENTRIES, PAYMENTS, balances
from services.erp_bridge.ledger.schemas import (
    Balances,
    BalanceView,
    BookedDocument,
    BookPayment,
    EntryView,
    PaymentView,
)
from services.erp_bridge.rights import books, sees_books

router = Router(tags=["ledger"])


@router.get("/ledger/entries", allow=sees_books, listing=ENTRIES)
def list_entries(tx: Session, asked: ListRequest) -> Page[EntryView]:
    """The book's entries: 131 receivables, 511 revenue, 33311 VAT, 112 bank."""
    return ENTRIES.page(tx, asked, EntryView.of)


@router.get("/ledger/documents", allow=sees_books, listing=DOCUMENTS)
def list_booked_documents(tx: Session, asked: ListRequest) -> Page[BookedDocument]:
    """Orders and invoices as the book was given them."""
    return DOCUMENTS.page(tx, asked, BookedDocument.model_validate)


@router.get("/ledger/balances", allow=sees_books)
def read_balances(tx: Session) -> Balances:
    """What stands in each account."""
    return Balances(items=[BalanceView.of(*row) for row in balances(tx)])


@router.get("/ledger/payments", allow=sees_books, listing=PAYMENTS)
def list_payments(tx: Session, asked: ListRequest) -> Page[PaymentView]:
    """Payments in the book, the newest first."""
    return PAYMENTS.page(tx, asked, PaymentView.of)


@router.post("/ledger/payments", status_code=201, allow=books)
def book_payment(tx: Session, caller: Caller, body: BookPayment) -> PaymentView:
    """Book money that came for an invoice; the invoice hears of it within seconds."""
    payment = actions.book_payment(
        tx,
        invoice_id=str(body.invoice_id),
        amount=body.amount,
        paid_on=body.paid_on,
        method=body.method,
        reference=body.reference,
        custom=body.custom,
        payment_id=str(body.id) if body.id else None,
        by=caller.actor,
    )
    return PaymentView.of(payment)


@router.get("/ledger/payments/{ledger_payment_id}", allow=sees_books)
def read_payment(tx: Session, ledger_payment_id: UUID) -> PaymentView:
    """One payment."""
    payment = actions.get_payment(tx, str(ledger_payment_id))
    if payment is None:
        raise NotFound
    return PaymentView.of(payment)


@router.post("/ledger/payments/{ledger_payment_id}/reverse", allow=books)
def reverse_payment(tx: Session, ledger_payment_id: UUID) -> PaymentView:
    """It was a mistake: an entry undoes it, and what it paid is owed again."""
    return PaymentView.of(actions.reverse_payment(tx, str(ledger_payment_id)))

"""Looking into the book."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.paging import Listing
from services.erp_bridge.ledger.model import Entry, EntryLine, LedgerChange, LedgerDocument, LedgerPayment

ENTRIES = Listing(
    model=Entry,
    sorts=("created_at", "booked_on"),
    default_sort="-created_at",
    filters={
        "invoice_id": Filter(Entry.invoice_id),
        "customer": Filter(Entry.customer),
        "booked_on": Filter(Entry.booked_on),
    },
)
DOCUMENTS = Listing(
    model=LedgerDocument,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={
        "kind": Filter(LedgerDocument.kind),
        "reference": Filter(LedgerDocument.reference),
        "times_pushed": Filter(LedgerDocument.times_pushed),
    },
)
PAYMENTS = Listing(
    model=LedgerPayment,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={"invoice_id": Filter(LedgerPayment.invoice_id)},
)


def get_document(tx: Session, kind: str, reference: str) -> LedgerDocument | None:
    """The document of this kind with the sender's reference."""
    return tx.scalar(select(LedgerDocument).where(LedgerDocument.kind == kind, LedgerDocument.reference == reference))


def changed_after(tx: Session, position: int, limit: int) -> list[tuple[int, LedgerDocument, list[LedgerPayment]]]:
    """Invoices about which something changed after this position, each with its payments that count; oldest first."""
    found = tx.execute(
        select(LedgerChange.position, LedgerDocument)
        .join(LedgerDocument, LedgerDocument.id == LedgerChange.document_id)
        .where(LedgerChange.position > position)
        .order_by(LedgerChange.position)
        .limit(limit)
    ).all()
    invoices = {document.reference for _, document in found}
    paid: dict[str, list[LedgerPayment]] = {}
    count = select(LedgerPayment).where(LedgerPayment.invoice_id.in_(invoices), LedgerPayment.reversed.is_(False))
    for payment in tx.scalars(count.order_by(LedgerPayment.created_at, LedgerPayment.id)):
        paid.setdefault(payment.invoice_id, []).append(payment)
    return [(place, document, paid.get(document.reference, [])) for place, document in found]


def balances(tx: Session) -> list[tuple[str, str, Decimal, Decimal]]:
    """Per currency and account the sums of debits and of credits."""
    debit: Any = func.sum(EntryLine.debit)
    credit: Any = func.sum(EntryLine.credit)
    summed = (
        select(Entry.currency, EntryLine.account, debit, credit)
        .join(Entry, Entry.id == EntryLine.entry_id)
        .group_by(Entry.currency, EntryLine.account)
        .order_by(Entry.currency, EntryLine.account)
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(summed)]

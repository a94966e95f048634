"""What an ERP says about our documents becomes events: each payment once, each that is gone once, each new state."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.money import Money
from chassis.outbox import emit
from events.erp_bridge import DocumentChanged, ErpPayment, PaymentBooked, PaymentUnbooked
from services.erp_bridge.connections.actions import poll_now
from services.erp_bridge.connections.model import Connection
from services.erp_bridge.connectors.base import Booked, Now
from services.erp_bridge.documents.actions import published
from services.erp_bridge.documents.model import BridgedDocument, State
from services.erp_bridge.documents.queries import get_in_erp
from services.erp_bridge.payments.model import BookedPayment, Sync, SyncState, payment_id


@dataclass
class Found:
    """What one look at an ERP brought."""

    booked: int = 0
    unbooked: int = 0
    changed: int = 0


def ask_for_sync(tx: Session, connection: Connection) -> Sync:
    """Have the ERP asked at the next moment what changed."""
    sync = Sync(connection_id=connection.id, state=SyncState.ASKED, booked=0, unbooked=0, changed=0)
    tx.add(sync)
    poll_now(tx, connection.id)
    tx.flush()
    return sync


def take_in(tx: Session, connection_id: str, documents: Sequence[Now], found: Found) -> None:
    """Compare what the ERP says with what we know, and announce the difference. Said again it changes nothing."""
    for now in documents:
        record = get_in_erp(tx, connection_id, now.kind, now.reference) if _is_id(now.reference) else None
        if record is None:
            continue  # not one of ours: somebody uses the ERP for other things too
        _take_in_state(tx, record, now, found)
        if now.kind == "invoice":
            _take_in_payments(tx, record, now.payments, found)


def _take_in_state(tx: Session, record: BridgedDocument, now: Now, found: Found) -> None:
    if record.state != State.ACCEPTED or record.erp_state == now.state:
        return
    record.erp_state = now.state
    tx.flush()
    emit(tx, DocumentChanged(document=published(tx, record)))
    found.changed += 1


def _take_in_payments(tx: Session, record: BridgedDocument, said: Sequence[Booked], found: Found) -> None:
    mine = select(BookedPayment).where(
        BookedPayment.invoice_id == record.document_id, BookedPayment.connection_id == record.connection_id
    )
    known = {payment.erp_id: payment for payment in tx.scalars(mine.with_for_update())}
    there = {payment.erp_id: payment for payment in said}
    for erp_id, payment in known.items():
        if payment.is_booked and (erp_id not in there or _facts(there[erp_id]) != _facts(payment)):
            payment.is_booked = False
            emit(tx, PaymentUnbooked(payment=_published(payment)))
            found.unbooked += 1
    for erp_id, told in there.items():
        old = known.get(erp_id)
        if old is not None and old.is_booked:
            continue
        booked = old or BookedPayment(
            id=payment_id(record.connection_id, erp_id),
            connection_id=record.connection_id,
            erp_id=erp_id,
            invoice_id=record.document_id,
        )
        booked.amount, booked.currency, booked.paid_on = told.amount, told.currency, told.paid_on
        booked.method, booked.reference, booked.is_booked = told.method, told.reference, True
        tx.add(booked)
        emit(tx, PaymentBooked(payment=_published(booked)))
        found.booked += 1
    tx.flush()


def _facts(payment: Booked | BookedPayment) -> tuple[object, ...]:
    return payment.amount, payment.currency, payment.paid_on


def _published(payment: BookedPayment) -> ErpPayment:
    return ErpPayment(
        id=payment.id,
        connection_id=payment.connection_id,
        erp_id=payment.erp_id,
        invoice_id=payment.invoice_id,
        amount=Money(amount=payment.amount, currency=payment.currency),
        paid_on=payment.paid_on,
        method=payment.method,
        reference=payment.reference,
    )


def _is_id(reference: str) -> bool:
    try:
        return str(UUID(reference)) == reference
    except ValueError:
        return False

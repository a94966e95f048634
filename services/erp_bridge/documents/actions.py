"""Documents are made ready for ERPs, and what becomes of each is written down and announced."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.database import lock
from chassis.deliveries import HELD_BACK, DeliveryState, Outgoing, Which, drop, enqueue_many, replay
from chassis.event import Envelope, Event
from chassis.i18n import Text, say
from chassis.ids import new_id
from chassis.outbox import emit, emit_many
from events.erp_bridge import DocumentAccepted, DocumentDelayed, DocumentQueued, DocumentRefused, ErpDocument
from services.erp_bridge.connections.actions import receiving
from services.erp_bridge.connections.model import Connection, Status
from services.erp_bridge.connectors.base import Document, Sent
from services.erp_bridge.documents.model import KIND, BridgedDocument, Link, State
from services.erp_bridge.documents.queries import get_by_delivery
from services.erp_bridge.words import again, in_every_language, keep


def queue_documents(tx: Session, facts: Sequence[tuple[Document, Envelope]]) -> None:
    """Have every active ERP sent these documents, in order per customer; a document that it was sent is left out."""
    connections = receiving(tx)
    lock(tx, [f"erp document {document.reference}" for document, _ in facts])
    references = {document.reference for document, _ in facts}
    known = {
        (row.connection_id, row.type, row.document_id)
        for row in tx.execute(
            select(BridgedDocument.connection_id, BridgedDocument.type, BridgedDocument.document_id).where(
                BridgedDocument.document_id.in_(references)
            )
        )
    }
    wanted: list[tuple[Connection, Document, Envelope]] = []
    for document, envelope in facts:
        for connection in connections:
            key = (connection.id, document.kind, document.reference)
            if key not in known:
                known.add(key)
                wanted.append((connection, document, envelope))
    ids = enqueue_many(tx, [_call(*one) for one in wanted])
    records = [_record(connection, document, made) for (connection, document, _), made in zip(wanted, ids, strict=True)]
    tx.add_all(records)
    tx.flush()
    told: list[tuple[Event, Envelope | None]] = []
    for record, (connection, _, envelope) in zip(records, wanted, strict=True):
        told.append((DocumentQueued(document=published(tx, record, connection)), envelope))
    emit_many(tx, told)


def _call(connection: Connection, document: Document, envelope: Envelope) -> Outgoing:
    return Outgoing(
        kind=KIND,
        receiver=connection.receiver,
        subject=document.party.reference,
        payload=orjson.loads(document.model_dump_json()),
        order="per_subject",
        idempotency_key=f"{document.kind}:{document.reference}",
        event_id=envelope.id,
        persons=(document.party.reference,),
        not_before=HELD_BACK if connection.status == Status.PAUSED else None,
    )


def _record(connection: Connection, document: Document, delivery_id: str) -> BridgedDocument:
    return BridgedDocument(
        id=new_id(),
        connection_id=connection.id,
        type=document.kind,
        document_id=document.reference,
        number=document.number,
        customer=document.party.reference,
        currency=document.currency,
        total=document.total,
        state=State.QUEUED,
        delivery_id=delivery_id,
    )


def record_accepted(tx: Session, delivery_id: str, sent: Sent) -> None:
    """The ERP has it: what it is called there is kept, and everybody is told. Once; heard again it changes nothing."""
    record = get_by_delivery(tx, delivery_id)
    if record is None or record.state == State.ACCEPTED:
        return
    record.accept(erp_id=sent.erp_id, number=sent.number, state=sent.state, note=keep(sent.note) if sent.note else None)
    _link(tx, record.connection_id, record.type, record.document_id, sent.erp_id, sent.number)
    customer, _, customer_id = record.customer.partition(":")
    if sent.party_id is not None:
        _link(tx, record.connection_id, customer, customer_id, sent.party_id, None)
    tx.flush()
    emit(tx, DocumentAccepted(document=published(tx, record)))


def record_delayed(tx: Session, delivery_id: str, reason: str) -> None:
    """The ERP does not take it at the moment: said at the first failure, not at every one."""
    record = get_by_delivery(tx, delivery_id)
    if record is None or record.state not in (State.QUEUED, State.DELAYED):
        return
    sentence = say("The ERP does not take it at the moment; it is tried again by itself. ({words})", words=reason)
    if record.delay(sentence):
        tx.flush()
        emit(tx, DocumentDelayed(document=published(tx, record)))


def record_refused(tx: Session, delivery_id: str, reason: Text) -> None:
    """Somebody has to mend something and send it again."""
    record = get_by_delivery(tx, delivery_id)
    if record is None or record.state == State.ACCEPTED:
        return
    record.refuse(reason)
    tx.flush()
    emit(tx, DocumentRefused(document=published(tx, record)))


def refuse_all(tx: Session, connection_id: str, reason: Text) -> None:
    """Nothing that is on its way to this ERP will arrive."""
    open_ones = select(BridgedDocument).where(
        BridgedDocument.connection_id == connection_id, BridgedDocument.state.in_((State.QUEUED, State.DELAYED))
    )
    records = list(tx.scalars(open_ones.with_for_update()))
    for record in records:
        record.refuse(reason)
    tx.flush()
    emit_many(tx, [(DocumentRefused(document=published(tx, record)), None) for record in records])


def send_again(tx: Session, record: BridgedDocument) -> BridgedDocument:
    """Send a refused document again, under the same reference; raises NotRefused."""
    record.must_be_refused()
    replay(tx, Which(ids=[record.delivery_id], states=(DeliveryState.PARKED,)))
    record.state, record.reason = State.QUEUED, None
    tx.flush()
    emit(tx, DocumentQueued(document=published(tx, record)))
    return record


def give_up(tx: Session, record: BridgedDocument, *, reason: str) -> BridgedDocument:
    """Never send it; what waits behind it for the same customer goes on. Raises NotRefused."""
    if record.state == State.DROPPED:
        return record
    record.must_be_refused()
    drop(tx, Which(ids=[record.delivery_id]), reason=reason)
    record.state, record.reason = State.DROPPED, keep(reason)
    tx.flush()
    return record


def _link(tx: Session, connection_id: str, type: str, crm_id: str, erp_id: str, number: str | None) -> None:
    insert: Any = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    base = insert(Link).values(
        id=new_id(), connection_id=connection_id, type=type, crm_id=crm_id, erp_id=erp_id, erp_number=number
    )
    keys = ["crm_id", "type", "connection_id"]
    tx.execute(
        base.on_conflict_do_update(
            index_elements=keys, set_={"erp_id": base.excluded.erp_id, "erp_number": base.excluded.erp_number}
        )
    )


def published(tx: Session, record: BridgedDocument, connection: Connection | None = None) -> ErpDocument:
    """The document as events carry it."""
    connection = connection or tx.get(Connection, record.connection_id)
    sentence = again(record.reason) if record.reason else None
    return ErpDocument.model_validate(
        {
            "connection_id": record.connection_id,
            "connection": connection.name if connection else "",
            "type": record.type,
            "id": record.document_id,
            "number": record.number,
            "erp_id": record.erp_id,
            "erp_number": record.erp_number,
            "erp_state": record.erp_state,
            "reason": sentence,
            "reasons": in_every_language(tx, sentence) if sentence else {},
        }
    )

"""Emit: an event becomes a row in the transaction of the work that caused it. The relay sends it afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.orm import Session

from chassis import fast
from chassis.clock import UtcDateTime, utcnow
from chassis.context import Context
from chassis.database import chassis_metadata
from chassis.event import Envelope, Event, encode
from chassis.ids import new_id
from chassis.rows import insert_rows
from chassis.streams import next_sequences

outbox = Table(
    "outbox",
    chassis_metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Uuid(as_uuid=False), nullable=False),
    Column("type", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("envelope", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", UtcDateTime),
    Column("parked_at", UtcDateTime),
    Column("reason", Text),
    sqlite_autoincrement=True,
)
_unsent = outbox.c.sent_at.is_(None) & outbox.c.parked_at.is_(None)
Index("outbox_unsent", outbox.c.position, postgresql_where=_unsent, sqlite_where=_unsent)
_delayed = _unsent & outbox.c.retry_at.is_not(None)
Index("outbox_delayed", outbox.c.subject, postgresql_where=_delayed, sqlite_where=_delayed)
_parked = outbox.c.parked_at.is_not(None)
Index("outbox_parked", outbox.c.parked_at, postgresql_where=_parked, sqlite_where=_parked)
# Without asking for the position back: nobody needs it, and PostgreSQL would answer with a row.
_INSERT = outbox.insert().inline()


class NotTheOwner(TypeError):
    """A service may only emit its own events; a bug, not bad input."""


def emit(tx: Session, event: Event, *, because: Envelope | None = None) -> Envelope:
    """Announce a fact: it leaves if and only if this transaction commits. Answers the stored envelope."""
    if not fast.is_fast(tx):
        return emit_many(tx, [(event, because)])[0]
    owner = _owner(tx, [event])
    now = utcnow()
    context = Context.caused_by(because) if because else tx.info["context"]
    unnumbered = _envelope(event, event.subject, 0, owner, now, context)
    # The number is only known inside the statement, which puts it into the text: one round trip instead of two.
    head, _, tail = encode(unnumbered).partition(_NO_NUMBER)
    row = {
        "id": unnumbered.id,
        "type": event.type,
        "subject": unnumbered.subject,
        "head": head + '"sequence":"',
        "tail": '"' + tail,
        "now": now,
    }
    ((sequence,),) = fast.run(tx, _NUMBER_AND_STORE, row)
    tx.info["emitted"] = True
    return replace(unnumbered, sequence=sequence)


_NO_NUMBER = f'"sequence":"{0:020d}"'
_NUMBER_AND_STORE = (
    "WITH numbered AS (INSERT INTO streams (subject, sequence) VALUES (%(subject)s, 1) ON CONFLICT (subject)"
    " DO UPDATE SET sequence = streams.sequence + 1 RETURNING sequence)"
    " INSERT INTO outbox (id, type, subject, envelope, created_at)"
    " SELECT CAST(%(id)s AS uuid), %(type)s, %(subject)s,"
    " %(head)s || lpad(CAST(sequence AS text), 20, '0') || %(tail)s, %(now)s"
    " FROM numbered RETURNING (SELECT sequence FROM numbered)"
)


def _owner(tx: Session, events: Sequence[Event]) -> str:
    """The emitting service; raises NotTheOwner."""
    owner: str = tx.info["service"]
    if tx.info.get("projection"):
        raise NotTheOwner("a projection neither emits nor delivers: it must be safe to run again")
    for event in events:
        if not event.type.startswith(owner + "."):
            raise NotTheOwner(f"{owner} may not emit {event.type}")
    return owner


def emit_many(tx: Session, facts: Sequence[tuple[Event, Envelope | None]]) -> list[Envelope]:
    """Announce many facts in two statements, each with the event that caused it or None for the transaction's cause."""
    if not facts:
        return []
    owner = _owner(tx, [event for event, _ in facts])
    subjects = [event.subject for event, _ in facts]
    sequences = next_sequences(tx, subjects)
    now = utcnow()
    envelopes = [
        _envelope(event, subject, sequence, owner, now, Context.caused_by(because) if because else tx.info["context"])
        for (event, because), subject, sequence in zip(facts, subjects, sequences, strict=True)
    ]
    if len(envelopes) == 1:
        tx.execute(_INSERT, _row(envelopes[0], now))
    else:
        insert_rows(tx, outbox, [_row(envelope, now) for envelope in envelopes])
    tx.info["emitted"] = True
    return envelopes


def _envelope(event: Event, subject: str, sequence: int, owner: str, now: datetime, context: Context) -> Envelope:
    return Envelope(
        id=new_id(),
        source=f"relata/{owner}",
        type=event.type,
        subject=subject,
        sequence=sequence,
        time=now,
        data=event.model_dump(mode="json"),
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        actor=context.actor,
        traceparent=context.traceparent,
        persons=tuple(event.persons()),
    )


def _row(envelope: Envelope, now: datetime) -> dict[str, Any]:
    return {
        "id": envelope.id,
        "type": envelope.type,
        "subject": envelope.subject,
        "envelope": encode(envelope),
        "created_at": now,
    }

"""What became of certain events in one service: reactions, deliveries, and what it has announced but not sent yet.

The parts of a journey that only the service itself knows. Nothing about a person is in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.deliveries import deliveries
from chassis.inbox import inbox
from chassis.outbox import outbox
from chassis.service import Service

MOST_EVENTS = 500
_MOST_ROWS = 1_000
# Handled rows of the inbox are kept for thirty days.
_REMEMBERED = timedelta(days=30)
# For a moment an event has left the outbox and is not in the feed: so many of those sent last are looked at.
_JUST_SENT = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Events by id with their types; correlations; subjects whose unsent (or ``just_sent``) events are wanted."""

    events: Mapping[str, str]
    correlation_ids: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    just_sent: bool = False


def read_asked(content: Any) -> Asked:
    """What was asked; raises ValueError for anything else."""
    try:
        events = {str(UUID(each["id"])): str(each["type"]) for each in content["events"]}
        correlations = tuple(map(str, content.get("correlation_ids", ())))
        subjects = tuple(map(str, content.get("subjects", ())))
        just_sent = content.get("just_sent") is True
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not a question about events") from error
    if max(len(events), len(correlations), len(subjects)) > MOST_EVENTS:
        raise ValueError("too many at once")
    return Asked(events, correlations, subjects, just_sent)


def footprints(tx: Session, service: Service, asked: Asked) -> dict[str, Any]:
    """``{"service", "reactions": […], "deliveries": […], "unsent": […]}``, ready for JSON."""
    return {
        "service": service.name,
        "reactions": list(_reactions(tx, service, asked.events)),
        "deliveries": list(_deliveries(tx, asked)),
        "unsent": list(_unsent(tx, asked)),
    }


def _reactions(tx: Session, service: Service, events: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A line for every reaction that hears each event, also where nothing has arrived: then there is a gap."""
    found = {
        (row.event_id, row.reaction): row
        for row in tx.execute(select(inbox).where(inbox.c.event_id.in_(sorted(events))))
    }
    for event_id, event_type in events.items():
        for reaction in service.hearing(event_type):
            row = found.get((event_id, reaction.name))
            if row is None:
                state = "missing" if _made_at(event_id) > utcnow() - _REMEMBERED else "forgotten"
                yield {"event_id": event_id, "reaction": reaction.name, "state": state}
                continue
            yield {
                "event_id": event_id,
                "reaction": reaction.name,
                "state": row.state,
                "attempts": row.attempts,
                "reason": row.reason,
                "received_at": _text(row.received_at),
                "handled_at": _text(row.handled_at),
            }


def _deliveries(tx: Session, asked: Asked) -> Iterator[dict[str, Any]]:
    # What no event caused, a person asked for: that is found by the correlation alone.
    wanted: list[ColumnElement[bool]] = [deliveries.c.event_id.in_(sorted(asked.events))]
    if asked.correlation_ids:
        by_hand = deliveries.c.event_id.is_(None)
        wanted.append(and_(by_hand, deliveries.c.correlation_id.in_(asked.correlation_ids)))
    chosen = select(deliveries).where(or_(*wanted)).order_by(deliveries.c.position).limit(_MOST_ROWS)
    for row in tx.execute(chosen):
        yield {
            "id": row.id,
            "event_id": row.event_id,
            "kind": row.kind,
            "receiver": row.receiver,
            "subject": row.subject,
            "state": row.state,
            "attempts": row.attempts,
            "status": row.last_status,
            "created_at": _text(row.created_at),
            "finished_at": _text(row.finished_at),
        }


def _unsent(tx: Session, asked: Asked) -> Iterator[dict[str, Any]]:
    """Events of this journey that are in the outbox and perhaps not yet in the feed."""
    mine: list[ColumnElement[bool]] = [outbox.c.subject.in_(asked.subjects)] if asked.subjects else []
    mine += [outbox.c.envelope.contains(_as_written(each), autoescape=True) for each in asked.correlation_ids]
    if not mine:
        return
    # Each of these has an index of its own, which holds nothing that was sent.
    wanted = [outbox.c.sent_at.is_(None) & outbox.c.parked_at.is_(None), outbox.c.parked_at.is_not(None)]
    if asked.just_sent:
        latest = select(func.max(outbox.c.position)).scalar_subquery()
        wanted.append(outbox.c.sent_at.is_not(None) & (outbox.c.position > latest - _JUST_SENT))
    rows = [row for which in wanted for row in tx.execute(select(outbox).where(which, or_(*mine)).limit(_MOST_ROWS))]
    for row in sorted(rows, key=lambda row: row.position):
        yield {
            "envelope": {name: value for name, value in orjson.loads(row.envelope).items() if name != "data"},
            "state": "parked" if row.parked_at is not None else "sent" if row.sent_at is not None else "unsent",
            "attempts": row.attempts,
            "created_at": _text(row.created_at),
        }


def _as_written(correlation_id: str) -> str:
    return f'"correlationid":{orjson.dumps(correlation_id).decode()}'


def _made_at(event_id: str) -> datetime:
    # Ids are UUIDv7: they begin with their time.
    milliseconds = int(event_id.replace("-", "")[:12], 16)
    return datetime.fromtimestamp(milliseconds / 1000, tz=utcnow().tzinfo)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None

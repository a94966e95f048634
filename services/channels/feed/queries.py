"""Reading the feed: a page of it after a cursor, of all or of chosen events."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from chassis.event import Envelope, decode
from services.channels.feed.model import feed


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the feed: its position and its envelope as CloudEvents JSON."""

    position: int
    envelope: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Part of the feed. Read on from ``cursor``: nothing will ever appear at or before it."""

    events: list[Told]
    cursor: int


def end_of_feed(tx: Session) -> int:
    """The position of the newest event, 0 when there is none."""
    newest: int | None = tx.execute(select(func.max(feed.c.position))).scalar_one()
    return newest or 0


def latest_of_feed(tx: Session, limit: int) -> Reading:
    """The newest events, oldest first."""
    newest = select(feed.c.position, feed.c.envelope).order_by(feed.c.position.desc()).limit(limit)
    events = [Told(position, envelope) for position, envelope in reversed(tx.execute(newest).all())]
    return Reading(events, events[-1].position if events else 0)


def find_envelope(tx: Session, event_id: str) -> Envelope | None:
    """One event that the feed still holds."""
    body = tx.execute(select(feed.c.envelope).where(feed.c.event_id == event_id)).scalar_one_or_none()
    return decode(body) if body is not None else None


def read_feed(
    tx: Session, after: int, types: Sequence[str] = (), limit: int = 100, *, subject: str | None = None
) -> Reading:
    """Events beyond position ``after``, oldest first. ``types`` are names, or beginnings such as ``sales.*``."""
    chosen: list[ColumnElement[bool]] = [feed.c.position > after]
    if types and "*" not in types:
        chosen.append(or_(*map(_of_type, types)))
    if subject is not None:
        chosen.append(feed.c.subject == subject)
    # Asked first: what is committed after this question may be missed by the next one, and then the cursor must not
    # stand behind it.
    end = end_of_feed(tx)
    rows = tx.execute(
        select(feed.c.position, feed.c.envelope).where(*chosen).order_by(feed.c.position).limit(limit)
    ).all()
    events = [Told(position, envelope) for position, envelope in rows]
    if len(events) == limit:
        return Reading(events, events[-1].position)
    return Reading(events, max([after, end, *(event.position for event in events[-1:])]))


def _of_type(pattern: str) -> ColumnElement[bool]:
    if pattern.endswith(".*"):
        return feed.c.type.startswith(pattern[:-1], autoescape=True)
    return feed.c.type == pattern

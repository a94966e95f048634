"""Which events make up a journey: those of one request, or all about a lead and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal, select
from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.event import Envelope, decode
from chassis.i18n import say
from services.channels.feed.model import Reference, feed, journey_links

MOST_SUBJECTS = 2_000
# Of the newest journeys: so far back they are looked for, and so many events are read of all together.
MOST_LOOKED_AT = 2_000
MOST_LEGS = 400


@dataclass(frozen=True, slots=True)
class Leg:
    """One event of a journey and its place in the feed."""

    position: int
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Journey:
    """Part of a journey. ``subjects`` are all records that it is about; empty when a correlation was asked for."""

    legs: list[Leg]
    subjects: list[str]
    more: bool


def journey_of_request(tx: Session, correlation_id: str, *, after: int, limit: int) -> Journey:
    """The events of one correlation in the order of the feed, beyond a position."""
    return _read(tx, feed.c.correlation_id == correlation_id, [], after, limit)


def journey_of_record(tx: Session, ref: str, *, after: int, limit: int) -> Journey:
    """The events about a record, about what it came from and about whatever came of that, in the order of the feed."""
    subjects = subjects_of(tx, ref)
    return _read(tx, feed.c.subject.in_(subjects), subjects, after, limit)


def latest_journeys(tx: Session, *, limit: int) -> dict[str, Journey]:
    """The requests that were spoken of last, newest first, each with its first event and its last ones."""
    newest = select(feed.c.correlation_id).order_by(feed.c.position.desc()).limit(MOST_LOOKED_AT)
    chosen = list(dict.fromkeys(tx.scalars(newest)))[:limit]
    return {each: _ends(tx, each, MOST_LEGS // limit) for each in chosen}


def _ends(tx: Session, correlation_id: str, most: int) -> Journey:
    """A journey of which the middle may be left out."""
    mine = select(feed.c.position, feed.c.envelope).where(feed.c.correlation_id == correlation_id)
    first = tx.execute(mine.order_by(feed.c.position).limit(1)).all()
    last = tx.execute(mine.order_by(feed.c.position.desc()).limit(most)).all()
    rows: dict[int, str] = {row.position: row.envelope for row in (*first, *reversed(last))}
    legs = [Leg(position, decode(envelope)) for position, envelope in rows.items()]
    return Journey(legs, [], len(last) == most)


def subjects_of(tx: Session, ref: str) -> list[str]:
    """The records of this one's journey: up to where it came from, then down to all that came of it."""
    # Both halves need the very same type, or PostgreSQL refuses the recursion.
    up = select(cast(literal(ref, String), Reference).label("ref")).cte("up", recursive=True)
    up = up.union(select(journey_links.c.parent).join(up, journey_links.c.child == up.c.ref))
    down = select(up.c.ref.label("ref")).cte("down", recursive=True)
    down = down.union(select(journey_links.c.child).join(down, journey_links.c.parent == down.c.ref))
    found = list(tx.scalars(select(down.c.ref).order_by(down.c.ref).limit(MOST_SUBJECTS + 1)))
    if len(found) > MOST_SUBJECTS:
        message = say("More than {limit} records belong to this one. Ask for one of them.", limit=MOST_SUBJECTS)
        raise Invalid(message, errors=[FieldError("?regarding", message)])
    return found


def _read(tx: Session, which: ColumnElement[bool], subjects: Sequence[str], after: int, limit: int) -> Journey:
    chosen = select(feed.c.position, feed.c.envelope).where(which, feed.c.position > after)
    rows: Sequence[Any] = tx.execute(chosen.order_by(feed.c.position).limit(limit + 1)).all()
    legs = [Leg(row.position, decode(row.envelope)) for row in rows[:limit]]
    return Journey(legs, list(subjects), len(rows) > limit)

"""Writing the feed, and forgetting what is older than it reaches back."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import lock
from chassis.event import Envelope, encode
from events.links import links_of, noun_of
from services.channels.feed.model import WRITER, feed, journey_links

KEPT = timedelta(days=366)
SLICE = 5_000

# With RETURNING many rows go in one statement; without it psycopg2 would send them one by one.
_APPEND = {
    "postgresql": postgresql.insert(feed).on_conflict_do_nothing().returning(feed.c.position),
    "sqlite": sqlite.insert(feed).on_conflict_do_nothing().returning(feed.c.position),
}
_LINK = {
    "postgresql": postgresql.insert(journey_links).on_conflict_do_nothing().returning(journey_links.c.parent),
    "sqlite": sqlite.insert(journey_links).on_conflict_do_nothing().returning(journey_links.c.parent),
}
# To these many journeys belong; one is part only of that of the lead it was made of, by its own word.
_CUSTOMERS = ("account", "contact")


def append_to_feed(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Add events at the end, each once. Call it last: until this transaction commits, no other can append."""
    rows = [
        {
            "event_id": envelope.id,
            "type": envelope.type,
            "subject": envelope.subject,
            "time": envelope.time,
            "correlation_id": envelope.correlation_id,
            "envelope": envelope.body or encode(envelope),
        }
        for envelope in envelopes
    ]
    _link(tx, envelopes)
    lock(tx, [WRITER])
    tx.execute(_APPEND[tx.get_bind().dialect.name], rows)


def _link(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Remember which records belong to one journey."""
    links = set()
    for envelope in envelopes:
        told = links_of(envelope)
        for child, parent in told.current | told.lasting:
            if noun_of(parent) not in _CUSTOMERS:
                links.add((parent, child))
            elif parent == envelope.subject and noun_of(child) == "lead":
                links.add((child, parent))  # made of this lead: one of the things that came of it
    rows = [{"parent": parent, "child": child} for parent, child in sorted(links)]
    if rows:
        tx.execute(_LINK[tx.get_bind().dialect.name], rows)


def forget_oldest(tx: Session) -> bool:
    """Forget some events that are more than a year old; answers whether there may be more of them."""
    oldest = tx.execute(select(feed.c.position, feed.c.time).order_by(feed.c.position).limit(SLICE)).all()
    cutoff = utcnow() - KEPT
    old = [position for position, time in oldest if time < cutoff]
    if old:
        tx.execute(delete(feed).where(feed.c.position.between(old[0], old[-1]), feed.c.time < cutoff))
    return len(old) == SLICE

"""Writing the feed, and forgetting what is older than it reaches back."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import lock
from chassis.event import Envelope, encode
from chassis.rows import insert_rows
from events.links import links_of, noun_of
from services.channels.feed.model import WRITER, feed, journey_links

KEPT = timedelta(days=366)
SLICE = 5_000

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
    insert_rows(tx, feed, rows, skip_known=True)


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
    insert_rows(tx, journey_links, rows, skip_known=True)


def forget_oldest(tx: Session) -> bool:
    """Forget some events that are more than a year old; answers whether there may be more of them."""
    oldest = tx.execute(select(feed.c.position, feed.c.time).order_by(feed.c.position).limit(SLICE)).all()
    cutoff = utcnow() - KEPT
    old = [position for position, time in oldest if time < cutoff]
    if old:
        tx.execute(delete(feed).where(feed.c.position.between(old[0], old[-1]), feed.c.time < cutoff))
    return len(old) == SLICE

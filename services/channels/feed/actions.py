"""Writing the feed, and forgetting what is older than it reaches back."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import lock
from chassis.event import Envelope, encode
from services.channels.feed.model import WRITER, feed

KEPT = timedelta(days=366)
SLICE = 5_000

# With RETURNING many rows go in one statement; without it psycopg2 would send them one by one.
_APPEND = {
    "postgresql": postgresql.insert(feed).on_conflict_do_nothing().returning(feed.c.position),
    "sqlite": sqlite.insert(feed).on_conflict_do_nothing().returning(feed.c.position),
}


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
    lock(tx, [WRITER])
    tx.execute(_APPEND[tx.get_bind().dialect.name], rows)


def forget_oldest(tx: Session) -> bool:
    """Forget some events that are more than a year old; answers whether there may be more of them."""
    oldest = tx.execute(select(feed.c.position, feed.c.time).order_by(feed.c.position).limit(SLICE)).all()
    cutoff = utcnow() - KEPT
    old = [position for position, time in oldest if time < cutoff]
    if old:
        tx.execute(delete(feed).where(feed.c.position.between(old[0], old[-1]), feed.c.time < cutoff))
    return len(old) == SLICE

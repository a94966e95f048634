"""Writing the feed, and forgetting what is older than it reaches back."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import lock
from chassis.event import Envelope, encode
from chassis.rows import insert_rows
from services.channels.feed.model import WRITER, feed

KEPT = timedelta(days=366)
SLICE = 5_000


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
    insert_rows(tx, feed, rows, skip_known=True)


def forget_oldest(tx: Session) -> bool:
    """Forget some events that are more than a year old; answers whether there may be more of them."""
    oldest = tx.execute(select(feed.c.position, feed.c.time).order_by(feed.c.position).limit(SLICE)).all()
    cutoff = utcnow() - KEPT
    old = [position for position, time in oldest if time < cutoff]
    if old:
        tx.execute(delete(feed).where(feed.c.position.between(old[0], old[-1]), feed.c.time < cutoff))
    return len(old) == SLICE

"""How much waits in a service's database, as gauges: what is not sent, what is due, what is parked."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.clock import db_now
from chassis.inbox import DUE, inbox
from chassis.parked import count_parked
from chassis.relay import backlog
from chassis.service import Node

COUNTED_TO = 10_000


def measure(node: Node) -> None:
    """Look once; raises what the database raises. Costs three short reads, each along an index of open rows."""
    with node.read() as tx:
        unsent, sent_since = backlog(tx)
        due, due_since = _due(tx)
        parked = count_parked(tx)
    metrics.outbox_pending.labels(node.name).set(unsent)
    metrics.outbox_oldest.labels(node.name).set(sent_since)
    metrics.inbox_pending.labels(node.name).set(due)
    metrics.inbox_oldest.labels(node.name).set(due_since)
    metrics.parked_rows.labels(node.name).set(parked)


def _due(tx: Session) -> tuple[int, float]:
    """How many rows are due and since when (seconds since 1970, 0 when none is)."""
    rows = (
        select(inbox.c.next_attempt_at)
        .where(inbox.c.state.in_(DUE), inbox.c.next_attempt_at <= db_now(tx))
        .order_by(inbox.c.next_attempt_at)
        .limit(COUNTED_TO)
        .subquery()
    )
    count, oldest = tx.execute(select(func.count(), func.min(rows.c.next_attempt_at))).one()
    return count, oldest.timestamp() if oldest else 0.0

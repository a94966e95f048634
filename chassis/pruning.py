"""The chassis's own jobs: what has been dealt with long enough ago is forgotten, some rows at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete, exists, select, tuple_
from sqlalchemy.orm import Session

from chassis import idempotency
from chassis.clock import utcnow
from chassis.deliveries import deliveries
from chassis.inbox import inbox
from chassis.jobs import every, job_runs
from chassis.outbox import outbox
from chassis.service import Node

# Few enough that SQLite's one writer and PostgreSQL's locks are given back within a blink.
SLICE = 5_000

SENT_KEPT = timedelta(days=7)
# Longer than any provider repeats a webhook: the row is what tells a repetition.
HANDLED_KEPT = timedelta(days=30)
DELIVERED_KEPT = timedelta(days=30)
RUNS_KEPT = timedelta(days=7)


def prune_outbox(node: Node) -> None:
    """Forget events sent more than seven days ago."""
    cutoff, position = utcnow() - SENT_KEPT, 0
    while True:
        # Walks from the oldest and stops at the first slice that holds something young: no index on sent_at to keep
        # up with every event, and what is parked among the old costs one look.
        with node.db.begin() as tx:
            columns = (outbox.c.position, outbox.c.sent_at, outbox.c.created_at)
            rows = tx.execute(
                select(*columns).where(outbox.c.position > position).order_by(outbox.c.position).limit(SLICE)
            ).all()
            old = [row.position for row in rows if row.sent_at is not None and row.sent_at < cutoff]
            if old:
                tx.execute(delete(outbox).where(outbox.c.position.between(old[0], old[-1]), outbox.c.sent_at < cutoff))
        if len(rows) < SLICE or rows[-1].created_at >= cutoff:
            return
        position = rows[-1].position


def prune_inbox(node: Node) -> None:
    """Forget what was done or dropped more than thirty days ago."""
    _in_slices(node, lambda tx: _prune(tx, inbox, inbox.c.handled_at < utcnow() - HANDLED_KEPT))


def prune_deliveries(node: Node) -> None:
    """Forget deliveries made or dropped more than thirty days ago, with their attempts."""
    _in_slices(node, lambda tx: _prune(tx, deliveries, deliveries.c.finished_at < utcnow() - DELIVERED_KEPT))


def prune_job_runs(node: Node) -> None:
    """Forget runs that ended more than seven days ago, but never a job's last: it says what is not due again."""
    newer = job_runs.alias()
    surpassed = exists().where(newer.c.job == job_runs.c.job, newer.c.period > job_runs.c.period)
    _in_slices(node, lambda tx: _prune(tx, job_runs, (job_runs.c.finished_at < utcnow() - RUNS_KEPT) & surpassed))


def prune_answers(node: Node) -> None:
    """Forget answers kept for repeated requests, when their time is over."""
    _in_slices(node, lambda tx: idempotency.prune(tx, at_most=SLICE))


def _prune(tx: Session, table: Table, condition: Any) -> int:
    key = tuple_(*table.primary_key.columns)
    old = select(*table.primary_key.columns).where(condition).limit(SLICE)
    return len(tx.execute(delete(table).where(key.in_(old)).returning(*table.primary_key.columns)).all())


def _in_slices(node: Node, prune: Callable[[Session], int]) -> None:
    while True:
        with node.db.begin() as tx:
            pruned = prune(tx)
        if pruned < SLICE:
            return


PRUNING = (
    every(3600, "chassis.prune_outbox", run_long=prune_outbox),
    every(3600, "chassis.prune_inbox", run_long=prune_inbox),
    every(3600, "chassis.prune_deliveries", run_long=prune_deliveries),
    every(3600, "chassis.prune_job_runs", run_long=prune_job_runs),
    every(3600, "chassis.prune_answers", run_long=prune_answers),
)

"""Runs the jobs that are due: each period once, whichever replica asks first; a run that died is made up by another."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.access import as_system
from chassis.clock import db_later, db_now
from chassis.context import Context
from chassis.database import is_away, lock
from chassis.ids import new_id
from chassis.jobs import DailyAt, Job, RunState, every, job_runs
from chassis.parked import park_gaps
from chassis.pruning import PRUNING
from chassis.service import Node
from chassis.statistics import STATISTICS

log = structlog.get_logger(__name__)

RETRIES_S = (60.0, 300.0, 1800.0)
# What the chassis does in every service.
OWN = (*PRUNING, *STATISTICS, every(60, "chassis.park_gaps", run_long=park_gaps))


class LostRun(Exception):
    """Our lease ran out and another took the run over: what we did in this transaction must not happen twice."""


@dataclass(frozen=True)
class _Due:
    """``run`` is the record to take up again, None when the period has none; ``first``: the job has none at all."""

    job: Job
    period: datetime
    run: Row[Any] | None
    first: bool = False


@dataclass(frozen=True)
class _Claim:
    job: Job
    period: datetime
    holder: str
    attempts: int


def run_due_jobs(node: Node, now: datetime | None = None) -> int:
    """Run every job of the service and of the chassis that is due, one after the other. Answers how many were run.

    Call it about once a second in every replica. A failure is recorded and tried again after 1, 5 and 30 minutes; it
    never raises for a job's sake, nor while the database is away. ``now`` stands in for the database's clock in tests.
    """
    jobs = {job.name: job for job in (*OWN, *node.service.jobs)}
    try:
        with node.db.read() as tx:
            glance = _look(tx, jobs, now)
        claims = (_claim(node, due.job, now) for due in glance)
        return sum(_run(node, claim) for claim in claims if claim is not None)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("jobs wait for the database", service=node.name)
        return 0


def _look(tx: Session, jobs: dict[str, Job], now: datetime | None) -> list[_Due]:
    clock = tx.scalars(select(db_now(tx))).one()
    opened = {run.job: run for run in tx.execute(select(job_runs).where(_is_open()).order_by(job_runs.c.period))}
    # An index lookup per job: "the latest of each" by GROUP BY would read every run there ever was.
    lookups = [select(func.max(job_runs.c.period)).where(job_runs.c.job == name).scalar_subquery() for name in jobs]
    latest = dict(zip(jobs, tx.execute(select(*lookups)).one(), strict=True))
    found = []
    for name, job in jobs.items():
        period, run = job.schedule.latest(now or clock), opened.get(name)
        if run is not None and run.state == RunState.RUNNING and run.lease_until > clock:
            continue  # at work somewhere: what became due meanwhile is made up when that has ended
        if latest[name] is None or period > latest[name]:
            found.append(_Due(job, period, None, first=latest[name] is None))
        elif run is not None and (run.state == RunState.RUNNING or run.next_attempt_at <= clock):
            found.append(_Due(job, run.period, run))
    return found


def _claim(node: Node, job: Job, now: datetime | None) -> _Claim | None:
    """Take the run in a transaction of its own: if we die in the middle, its lease tells."""
    with node.db.begin() as tx:
        lock(tx, [f"job {job.name}"])
        due = next(iter(_look(tx, {job.name: job}, now)), None)
        if due is None:
            return None
        if due.run is None:
            return _begin(tx, due)
        return _take_up(tx, due, due.run)


def _begin(tx: Session, due: _Due) -> _Claim | None:
    overtaken = update(job_runs).where(job_runs.c.job == due.job.name, _is_open())
    tx.execute(overtaken.values(state=RunState.FAILED, finished_at=db_now(tx), next_attempt_at=None))
    values = {"job": due.job.name, "period": due.period, "started_at": db_now(tx)}
    if due.first and isinstance(due.job.schedule, DailyAt):
        tx.execute(job_runs.insert().values(**values, state=RunState.SKIPPED, attempts=0, finished_at=db_now(tx)))
        return None
    claim = _Claim(due.job, due.period, new_id(), attempts=1)
    lease = {"holder": claim.holder, "lease_until": db_later(tx, due.job.lease_s)}
    tx.execute(job_runs.insert().values(**values, **lease, state=RunState.RUNNING, attempts=1))
    return claim


def _take_up(tx: Session, due: _Due, run: Row[Any]) -> _Claim | None:
    claim = _Claim(due.job, due.period, new_id(), run.attempts + 1)
    mine = update(job_runs).where(job_runs.c.job == due.job.name, job_runs.c.period == due.period)
    if run.attempts > len(RETRIES_S):
        reason = f"its process ended without a word in each of {run.attempts} tries"
        tx.execute(mine.values(state=RunState.FAILED, finished_at=db_now(tx), reason=run.reason or reason))
        log.error("job given up", job=due.job.name, period=due.period, reason=reason)
        return None
    lease = {"holder": claim.holder, "lease_until": db_later(tx, due.job.lease_s), "started_at": db_now(tx)}
    tx.execute(mine.values(**lease, state=RunState.RUNNING, attempts=claim.attempts))
    return claim


def _run(node: Node, claim: _Claim) -> bool:
    job, context = claim.job, Context.fresh(f"job:{claim.job.name}")
    try:
        if job.run_long is not None:
            job.run_long(node)
        with node.begin(context) as tx:
            if job.run is not None:
                as_system(tx, f"job {job.name}")
                job.run(tx)
                tx.flush()
            _close(tx, claim, state=RunState.DONE, finished_at=db_now(tx), reason=None, next_attempt_at=None)
        metrics.job_runs.labels(node.name, job.name, "done").inc()
    except LostRun:
        log.warning("job ran longer than its lease and was taken over", job=job.name, period=claim.period)
    except Exception as error:
        log.exception("job failed", job=job.name, period=claim.period, attempt=claim.attempts)
        metrics.job_runs.labels(node.name, job.name, "failed").inc()
        _remember(node, claim, error)
    return True


def _remember(node: Node, claim: _Claim, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:2000]
    with suppress(LostRun), node.db.begin() as tx:
        if claim.attempts > len(RETRIES_S):
            _close(tx, claim, state=RunState.FAILED, finished_at=db_now(tx), reason=reason, next_attempt_at=None)
            return
        later = db_later(tx, RETRIES_S[claim.attempts - 1] * node.settings.retry_scale)
        _close(tx, claim, state=RunState.RETRY, next_attempt_at=later, reason=reason)


def _close(tx: Session, claim: _Claim, **values: Any) -> None:
    mine = (job_runs.c.job == claim.job.name) & (job_runs.c.period == claim.period)
    closed = update(job_runs).where(mine, job_runs.c.holder == claim.holder, job_runs.c.state == RunState.RUNNING)
    if tx.execute(closed.values(**values, lease_until=None).returning(job_runs.c.job)).first() is None:
        raise LostRun(claim.job.name)


def _is_open() -> Any:
    return job_runs.c.state.in_((RunState.RUNNING, RunState.RETRY))

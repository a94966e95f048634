"""What a service does by the clock, and the record of each run. How they are run: ``chassis/job_runner.py``.

A run is named by its job and its period, the moment it was due. States:
``running → done | retry | failed``, ``retry → running``, and ``skipped`` for the period in which a daily job is first
seen: it was not missed, it did not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Index, Integer, String, Table, Text, select
from sqlalchemy.orm import Session

from chassis.clock import UtcDateTime
from chassis.database import chassis_metadata
from chassis.service import Node

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunState(StrEnum):
    """Where one run of a job stands."""

    RUNNING = "running"
    RETRY = "retry"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


job_runs = Table(
    "job_runs",
    chassis_metadata,
    Column("job", String(100), primary_key=True),
    Column("period", UtcDateTime, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("holder", String(100)),
    Column("lease_until", UtcDateTime),
    Column("next_attempt_at", UtcDateTime),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("reason", Text),
)
_open = job_runs.c.state.in_((RunState.RUNNING, RunState.RETRY))
Index("job_runs_open", job_runs.c.state, postgresql_where=_open, sqlite_where=_open)
Index("job_runs_finished", job_runs.c.finished_at)


@dataclass(frozen=True)
class Every:
    """Once in each span of this many seconds, counted from 1970."""

    seconds: float

    def latest(self, now: datetime) -> datetime:
        """The last moment at which a run was due."""
        spans = (now - _EPOCH) // timedelta(seconds=self.seconds)
        return _EPOCH + spans * timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class DailyAt:
    """Once a day at this wall-clock time; an hour that a change of clocks skips or repeats still counts once."""

    at: time
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """The last moment at which a run was due."""
        today = now.astimezone(self.zone).date()
        moments = (datetime.combine(day, self.at, self.zone).astimezone(UTC) for day in (today, today - timedelta(1)))
        return next(moment for moment in moments if moment <= now)


@dataclass(frozen=True)
class Job:
    """Work due by the clock. Give ``run``, one transaction that either happens or does not, or ``run_long``, which
    opens short transactions of its own and must bear being run again from the start.

    ``lease_s`` must outlive the longest run: when it runs out, the run is taken for dead and made up by another.
    """

    name: str
    schedule: Every | DailyAt
    run: Callable[[Session], object] | None = None
    run_long: Callable[[Node], object] | None = None
    lease_s: float = 900.0

    def __post_init__(self) -> None:
        if (self.run is None) == (self.run_long is None):
            raise TypeError(f"{self.name}: give run or run_long")


def every(
    seconds: float,
    name: str,
    run: Callable[[Session], object] | None = None,
    *,
    run_long: Callable[[Node], object] | None = None,
    lease_s: float = 900.0,
) -> Job:
    """A job for each span of ``seconds``; spans missed while nothing ran are made up by one run."""
    return Job(name, Every(seconds), run, run_long, lease_s)


def daily_at(
    at: str,
    zone: str,
    name: str,
    run: Callable[[Session], object] | None = None,
    *,
    run_long: Callable[[Node], object] | None = None,
    lease_s: float = 900.0,
) -> Job:
    """A job for every day at ``at`` ("02:30") in ``zone`` ("Asia/Ho_Chi_Minh"); days missed are made up by one run."""
    return Job(name, DailyAt(time.fromisoformat(at), ZoneInfo(zone)), run, run_long, lease_s)


@dataclass(frozen=True)
class JobRun:
    """One run as operators see it."""

    job: str
    period: datetime
    state: str
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    reason: str | None


def recent_runs(tx: Session, *, job: str | None = None, limit: int = 50) -> list[JobRun]:
    """The latest runs, newest first, of one job or of all."""
    shown = [job_runs.c[name] for name in JobRun.__dataclass_fields__]
    newest = select(*shown).order_by(job_runs.c.period.desc(), job_runs.c.job).limit(limit)
    if job is not None:
        newest = newest.where(job_runs.c.job == job)
    return [JobRun(*row) for row in tx.execute(newest)]

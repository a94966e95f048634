"""Time: aware UTC everywhere; the database's own clock where several processes must agree."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticKnownError
from sqlalchemy import ColumnElement, DateTime, Dialect, Interval, func, literal, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

_told: ContextVar[Callable[[], datetime] | None] = ContextVar("told_time", default=None)


def utcnow() -> datetime:
    """The present moment as an aware UTC datetime."""
    told = _told.get()
    return told() if told is not None else datetime.now(UTC)


@contextmanager
def by_clock(now: Callable[[], datetime]) -> Iterator[None]:
    """Inside, and in this thread alone, it is what ``now`` says: for whoever tells a company's past in its order.

    Records, events and ids all get these times. What processes agree on by PostgreSQL's own clock, leases and due
    times, does not.
    """
    token = _told.set(now)
    try:
        yield
    finally:
        _told.reset(token)


def now_ns() -> int:
    """Nanoseconds since 1970."""
    told = _told.get()
    return time.time_ns() if told is None else (told() - _EPOCH) // _MICROSECOND * 1000


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


_BEGINS_AS_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _as_written(value: object) -> object:
    # Pydantic would also take numbers, and texts of digits, for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _BEGINS_AS_A_DAY.match(value)):
        return value
    raise PydanticKnownError("datetime_type")


Moment = Annotated[AwareDatetime, BeforeValidator(_as_written)]
"""A time in a request: RFC 3339 with its zone, and nothing else."""


def _day_as_written(value: object) -> object:
    if type(value) is date or (isinstance(value, str) and len(value) == 10 and _BEGINS_AS_A_DAY.match(value)):
        return value
    raise PydanticKnownError("date_type")


Day = Annotated[date, BeforeValidator(_day_as_written)]
"""A day in a request: YYYY-MM-DD, and nothing else."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime: ``timestamptz`` on PostgreSQL, ISO text on SQLite (which forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # In UTC on both: what Python cannot hold must not get in, for it would never get out.
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def db_now(tx: Session) -> ColumnElement[datetime]:
    """SQL for "now" by the database's clock, so that replicas with skewed clocks agree on leases and due times."""
    if tx.get_bind().dialect.name == "postgresql":
        return func.clock_timestamp(type_=UtcDateTime())
    return literal(utcnow(), UtcDateTime())


def db_later(tx: Session, seconds: float) -> ColumnElement[datetime]:
    """SQL for "this many seconds from now" by the database's clock."""
    if tx.get_bind().dialect.name == "postgresql":
        return type_coerce(func.clock_timestamp() + literal(timedelta(seconds=seconds), Interval()), UtcDateTime())
    return literal(utcnow() + timedelta(seconds=seconds), UtcDateTime())

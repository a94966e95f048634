"""How a case stands against what was promised: a word and a colour, and when the next promise runs out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.console.calling import Record

SOON = timedelta(hours=2)
_OVER = ("resolved", "closed")


@dataclass(frozen=True)
class Standing:
    """``word`` is one of WORDS' ``sla``; ``tone`` the CSS class of its colour."""

    word: str
    tone: str


_LATE, _SOON = Standing("late", "danger"), Standing("soon", "warning")
_ON_TIME, _WAITING = Standing("on_time", "success"), Standing("waiting", "info")
_DONE, _OPEN = Standing("done", ""), Standing("no_promise", "")


def standing_of(case: Record, now: datetime | None = None) -> Standing:
    """Whether somebody has to hurry: what is over or waits for the customer has nobody hurry."""
    if case["status"] in _OVER:
        return _DONE
    if case["status"] == "waiting":
        return _WAITING
    return _by(case["due_at"], now)


def first_response_of(case: Record, now: datetime | None = None) -> Standing:
    """The promise of an answer."""
    if case["first_response_breached_at"]:
        return _LATE
    if case["first_responded_at"]:
        return _DONE
    return standing_of(case | {"due_at": case["first_response_due_at"]}, now)


def resolution_of(case: Record, now: datetime | None = None) -> Standing:
    """The promise of a solution."""
    if case["resolution_breached_at"]:
        return _LATE
    return standing_of(case | {"due_at": case["resolution_due_at"]}, now)


def _by(due: str | None, now: datetime | None) -> Standing:
    if due is None:
        return _OPEN
    left = datetime.fromisoformat(due) - (now or datetime.now(UTC))
    if left < timedelta():
        return _LATE
    return _SOON if left <= SOON else _ON_TIME

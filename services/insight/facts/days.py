"""Days as the company counts them."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FIRST = date(1970, 1, 1)


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - _FIRST).days


def day_of(moment: datetime) -> int:
    """The number of the day that this moment is part of here."""
    return number_of(moment.astimezone(ZONE).date())


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; None is open."""

    since: date | None = None
    until: date | None = None

"""Working time: how much of it lies between two moments, and when so much of it will have passed. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Minutes after midnight, by the clock on the wall: ``(480, 1020)`` is from eight to five. 1440 is midnight."""

# Fifty years: no promise reaches further, and a calendar that is closed for ever must not be walked for ever.
FARTHEST_DAYS = 18_300
_NONE = timedelta()


@dataclass(frozen=True)
class WorkingTime:
    """When work is done. ``week`` has the spans of Monday to Sunday, in order and apart.

    ``exceptions`` are days unlike their weekday: closed (None), or worked like another one (0 is Monday).
    """

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    exceptions: Mapping[date, int | None] = field(default_factory=dict)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time there is from start to end; none when the end is no later."""
        passed = _NONE
        for opens, closes in self._spans(start, until=end):
            passed += max(min(closes, end) - max(opens, start), _NONE)
        return passed

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which this much working time will have passed since start; start itself for none."""
        if amount <= _NONE:
            return start
        left, last = amount, start
        for opens, closes in self._spans(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, _NONE)
            last = closes
        return last

    def _spans(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """Every span that ends after start, in order, in UTC; those that begin before ``until``."""
        day = start.astimezone(self.zone).date()
        for _ in range(FARTHEST_DAYS):
            for first, last in self._of(day):
                opens, closes = self._moment(day, first), self._moment(day, last)
                if until is not None and opens >= until:
                    return
                if closes > start:
                    yield opens, closes
            day += timedelta(days=1)
            if until is not None and self._moment(day, 0) >= until:
                return

    def _of(self, day: date) -> tuple[Span, ...]:
        like = self.exceptions.get(day, day.weekday())
        return () if like is None else self.week[like]

    def _moment(self, day: date, minutes: int) -> datetime:
        days, rest = divmod(minutes, 24 * 60)
        wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), self.zone)
        return wall.astimezone(UTC)

"""The two clocks of a case: its first response and its resolution. They stand still while it waits for the customer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from events.service_desk import Clock
from services.service_desk.sla_policies.promise import Promise

CLOCKS: tuple[Clock, ...] = ("first_response", "resolution")
_NONE = timedelta()


class Clocked:
    """Mixin of a case. For each clock: when it runs out, how many seconds are left while it stands, and its breach.

    ``due_at`` is when the next running clock runs out, or ran out; ``breach_at`` the same of those whose breach nobody
    has noticed yet. Both are null while none runs.
    """

    sla_policy_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    first_response_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_response_left_s: Mapped[int | None] = mapped_column(Integer)
    first_response_breached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution_left_s: Mapped[int | None] = mapped_column(Integer)
    resolution_breached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    breach_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_running(self) -> bool:
        """Whether somebody here is to do something about it."""
        return True

    def due(self, clock: Clock) -> datetime | None:
        """When this clock runs out, or would have."""
        due: datetime | None = getattr(self, f"{clock}_due_at")
        return due

    def breached(self, clock: Clock) -> bool:
        """Whether its breach was noticed."""
        return getattr(self, f"{clock}_breached_at") is not None

    def run_out(self, at: datetime) -> Iterator[Clock]:
        """The running clocks that have run out by now without anybody having noticed."""
        for clock in self._running():
            due = self.due(clock)
            if due is not None and due <= at and not self.breached(clock):
                yield clock

    def note_breach(self, clock: Clock, at: datetime) -> None:
        """The promise was not kept."""
        setattr(self, f"{clock}_breached_at", at)
        self.look_ahead()

    def respond(self, at: datetime) -> None:
        """The customer has heard from us."""
        if self.first_responded_at is None:
            self.first_responded_at, self.first_response_left_s = at, None
            self.look_ahead()

    def stand_still(self, promise: Promise | None, at: datetime) -> None:
        """What is left of each clock is kept. Its breach must have been noticed before."""
        for clock in self._ticking():
            due = self.due(clock)
            if promise is not None and due is not None and getattr(self, f"{clock}_left_s") is None:
                setattr(self, f"{clock}_left_s", _seconds(promise.hours.between(at, due)))
        self.look_ahead()

    def go_on(self, promise: Promise | None, at: datetime) -> None:
        """What was left runs from now on; a clock that had run out stays as it was."""
        for clock in self._ticking():
            left: int | None = getattr(self, f"{clock}_left_s")
            if left and promise is not None:
                setattr(self, f"{clock}_due_at", promise.hours.after(at, timedelta(seconds=left)))
            setattr(self, f"{clock}_left_s", None)
        self.look_ahead()

    def promise(self, new: Promise | None, old: Promise | None, at: datetime, since: datetime) -> None:
        """Measure by another promise what time it has had; ``since`` is when it came in."""
        for clock in self._ticking():
            if new is None:
                left, due = None, None
            else:
                remains = _length(new, clock) - self._spent(clock, old or new, at, since)
                due = new.hours.after(at, remains) if remains > _NONE else at
                left = None if self.is_running else _seconds(max(remains, _NONE))
            setattr(self, f"{clock}_due_at", due)
            setattr(self, f"{clock}_left_s", left)
        self.sla_policy_id = new.policy_id if new else None
        self.look_ahead()

    def look_ahead(self) -> None:
        """Work out which moment is next."""
        running = [(self.due(clock), clock) for clock in self._running()]
        dues = [(due, clock) for due, clock in running if due is not None]
        self.due_at = min((due for due, _ in dues), default=None)
        self.breach_at = min((due for due, clock in dues if not self.breached(clock)), default=None)

    def _ticking(self) -> Iterator[Clock]:
        """Clocks that have something left to measure, whether they run or stand."""
        return (clock for clock in CLOCKS if clock == "resolution" or self.first_responded_at is None)

    def _running(self) -> Iterator[Clock]:
        return self._ticking() if self.is_running else iter(())

    def _spent(self, clock: Clock, by: Promise, at: datetime, since: datetime) -> timedelta:
        """How much of its time this clock has used, as the promise ``by`` measures it."""
        due = self.due(clock)
        if due is None:
            return by.hours.between(since, at)
        left: int | None = getattr(self, f"{clock}_left_s")
        if left is not None:
            return _length(by, clock) - timedelta(seconds=left)
        if due > at:
            return _length(by, clock) - by.hours.between(at, due)
        return _length(by, clock) + by.hours.between(due, at)


def _length(promise: Promise, clock: Clock) -> timedelta:
    return promise.first_response if clock == "first_response" else promise.resolution


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())

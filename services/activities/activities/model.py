"""An activity: a note, a task, a call or an appointment about somebody's record."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from events.activities import ActivityState
from services.activities.tables import Base


class Kind(StrEnum):
    """What it is."""

    NOTE = "note"
    TASK = "task"
    PHONE_CALL = "phone_call"
    APPOINTMENT = "appointment"


class Status(StrEnum):
    """Where it stands."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class ActivityIsOver(Conflict):
    """It was done or cancelled already; the other of the two can no longer be said."""

    code = "activity_is_over"


class Activity(Owned, Base):
    """``regarding`` is ``<noun>:<id>``. A note is done from the start."""

    __tablename__ = "activities"
    __noun__: ClassVar[str] = "activity"

    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None] = mapped_column(Text)
    regarding: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10), default=Status.PLANNED)
    direction: Mapped[str | None] = mapped_column(String(3))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str | None] = mapped_column(Text)

    def complete(self, at: datetime, result: str | None) -> bool:
        """It is done. False when it was before; raises ActivityIsOver when it was cancelled."""
        if self.status == Status.DONE:
            return False
        if self.status == Status.CANCELLED:
            raise ActivityIsOver(say("It was cancelled."))
        self.status, self.completed_at, self.result = Status.DONE, at, result or self.result
        return True

    def cancel(self) -> bool:
        """It will not be done. False when that was said before; raises ActivityIsOver when it is done."""
        if self.status == Status.CANCELLED:
            return False
        if self.status == Status.DONE:
            raise ActivityIsOver(say("It is done already."))
        self.status = Status.CANCELLED
        return True

    def state(self) -> ActivityState:
        """The published state, as events carry it."""
        return ActivityState.model_validate({name: getattr(self, name) for name in ActivityState.model_fields})


# One for each published filter and sort; the id last, because a page continues from a row and not from a value.
for _name in ("kind", "status", "owner_id", "team_id", "regarding"):
    Index(f"activities_{_name}", getattr(Activity, _name), Activity.created_at, Activity.id)
for _name in ("created_at", "updated_at", "due_at"):
    Index(f"activities_{_name}", getattr(Activity, _name), Activity.id)

"""What activities announces: notes, tasks, calls and appointments about a record."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal
from events.handovers import AboutProgress


class ActivityState(BaseModel):
    """Something somebody did or is to do. ``regarding`` is the record it is about, ``<noun>:<id>``; times are UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Literal["note", "task", "phone_call", "appointment"]
    subject: Personal
    regarding: str
    status: Literal["planned", "done", "cancelled"]
    direction: Literal["in", "out"] | None = None
    due_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    completed_at: datetime | None = None
    result: OptionalPersonal = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutActivity(Event):
    activity: ActivityState

    @property
    def subject(self) -> str:
        return f"activity:{self.activity.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.activity.regarding,)


class ActivityCreated(_AboutActivity):
    """There is something to do, or a note of what was done."""

    type: ClassVar[str] = "activities.activity.created.v1"


class _ActivityChange(_AboutActivity):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ActivityUpdated(_ActivityChange):
    """Fields of an activity changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "activities.activity.updated.v1"


class ActivityCompleted(_ActivityChange):
    """It is done; ``result`` says what came of it."""

    type: ClassVar[str] = "activities.activity.completed.v1"


class ActivityCancelled(_ActivityChange):
    """It will not be done."""

    type: ClassVar[str] = "activities.activity.cancelled.v1"


class ActivityAssigned(_ActivityChange):
    """It is somebody else's to do now; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "activities.activity.assigned.v1"
    handover_id: str | None = None


class HandoverAdvanced(AboutProgress):
    """Some planned activities of a seller who leaves got their new owner, or were given back."""

    type: ClassVar[str] = "activities.handover.advanced.v1"

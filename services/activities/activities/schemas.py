"""What is asked of activities, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import StringConstraints, model_validator

from chassis.clock import Moment
from chassis.fields import LongText, Text300
from chassis.http import Body, View
from services.activities.activities.model import Activity, Kind, Status

Regarding = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
"""``lead:<id>``: the kind of the record and its id."""


class _Facts(Body):
    """What people may say of an activity."""

    description: LongText | None = None
    direction: Literal["in", "out"] | None = None
    due_at: Moment | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    result: LongText | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at:
            raise ValueError("It cannot end before it starts.")
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return self.model_dump(exclude_unset=True, exclude={"id", "kind", "regarding"})


class CreateActivity(_Facts):
    """``regarding`` is the record it is about, such as ``lead:<id>``. The owner is who creates it."""

    id: UUID | None = None
    kind: Kind
    subject: Text300
    regarding: Regarding


class PatchActivity(_Facts):
    """A merge patch: null takes a value away."""

    subject: Text300 = ""


class CompleteActivity(Body):
    """What came of it."""

    result: LongText | None = None


class ActivityView(View):
    """An activity."""

    id: str
    kind: Kind
    subject: str
    description: str | None
    regarding: str
    status: Status
    direction: Literal["in", "out"] | None
    due_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    result: str | None
    owner_id: str | None
    team_id: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, activity: Activity) -> Self:
        """This activity."""
        return cls.model_validate(activity)

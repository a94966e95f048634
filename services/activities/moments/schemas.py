"""When a customer was last spoken to, and what comes next."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from chassis.http import View
from services.activities.activities.model import Activity
from services.activities.moments.queries import Moments


class Moment(View):
    """Something done or to do. ``at``: when it was done; when it is due or begins, if that was said."""

    id: str
    kind: Literal["note", "task", "phone_call", "appointment"]
    subject: str
    at: datetime | None
    owner_id: str | None

    @classmethod
    def of(cls, activity: Activity | None) -> Self | None:
        """This activity in brief."""
        if activity is None:
            return None
        at = activity.completed_at or activity.due_at or activity.starts_at
        shown = {name: getattr(activity, name) for name in ("id", "kind", "subject", "owner_id")}
        return cls(at=at, **shown)


class MomentsView(View):
    """Of one record."""

    regarding: str
    last_contact: Moment | None
    next_activity: Moment | None

    @classmethod
    def of(cls, moments: Moments) -> Self:
        """These two."""
        return cls(regarding=moments.ref, last_contact=Moment.of(moments.last), next_activity=Moment.of(moments.next))


class MomentsList(BaseModel):
    """Of the records that were asked about and are the caller's to read, in the order in which they were named."""

    items: list[MomentsView]


class PlannedCount(BaseModel):
    """Open records of somebody by kind."""

    counts: dict[str, int]

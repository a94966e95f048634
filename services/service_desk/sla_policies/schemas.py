"""What is asked of service level policies and holidays, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, model_validator

from chassis.clock import Day
from chassis.fields import Text200
from chassis.http import Body, View
from chassis.i18n import say
from services.service_desk.days import ZONE
from services.service_desk.kinds import CaseType, Priority
from services.service_desk.sla_policies.model import Holiday, SlaPolicy, week_of

MOST_MINUTES = 90 * 24 * 60
# Less than this and a long promise would reach into the next century.
LEAST_WEEK_MINUTES = 60
Minutes = Annotated[StrictInt, Field(ge=1, le=MOST_MINUTES)]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Weekday = Annotated[StrictInt, Field(ge=1, le=7)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # whatever a name can do to a file system, it is no time zone
        raise ValueError(say("There is no such time zone.")) from None
    return name


TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]{1,58}$"), AfterValidator(_zone)]


class Hours(Body):
    """On this weekday (1 is Monday) from then to then, by the clock on the wall."""

    weekday: Weekday
    opens: Clock
    closes: Clock


def _usable(hours: list[Hours]) -> list[Hours]:
    week = week_of([each.model_dump() for each in hours])
    for day in week:
        ends = 0
        for opens, closes in day:
            if closes <= opens or opens < ends:
                raise ValueError(say("Hours must not overlap, and must end after they begin."))
            ends = closes
    if sum(closes - opens for day in week for opens, closes in day) < LEAST_WEEK_MINUTES:
        raise ValueError(say("A week has at least an hour of work."))
    return hours


Week = Annotated[list[Hours], Field(max_length=50), AfterValidator(_usable)]
OFFICE_HOURS = [Hours(weekday=day, opens="08:00", closes="17:00") for day in range(1, 6)]


class _Facts(Body):
    priority: Priority | None = None
    type: CaseType | None = None
    time_zone: TimeZone = ZONE
    hours: Week = Field(default=OFFICE_HOURS)
    active: StrictBool = True

    @model_validator(mode="after")
    def _answers_before_it_solves(self) -> Self:
        first, whole = getattr(self, "first_response_minutes", None), getattr(self, "resolution_minutes", None)
        if first and whole and first > whole:
            raise ValueError(say("The first response cannot be promised later than the solution."))
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"id"})


class CreateSlaPolicy(_Facts):
    """A promise, in minutes of working time. From Monday to Friday, eight to five, unless ``hours`` say otherwise."""

    id: UUID | None = None
    name: Text200
    first_response_minutes: Minutes
    resolution_minutes: Minutes

    def facts(self) -> dict[str, Any]:
        """The columns, with what was not said."""
        return self.model_dump(mode="json", exclude={"id"})


class PatchSlaPolicy(_Facts):
    """A merge patch; ``hours`` are replaced whole. Cases that run already keep their due times."""

    name: Text200 = ""
    first_response_minutes: Minutes = Field(default=0)
    resolution_minutes: Minutes = Field(default=0)


class SlaPolicyView(View):
    """A promise to customers."""

    id: str
    name: str
    priority: Priority | None
    type: CaseType | None
    first_response_minutes: int
    resolution_minutes: int
    time_zone: str
    hours: list[Hours]
    active: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, policy: SlaPolicy) -> Self:
        """This policy."""
        shown = {name: getattr(policy, name) for name in cls.model_fields}
        return cls.model_validate(shown)


class CreateHoliday(Body):
    """A day without work; or, with ``works_like``, one worked like that weekday in exchange."""

    id: UUID | None = None
    on: Day
    name: Text200
    works_like: Weekday | None = None


class HolidayView(View):
    """A day unlike its weekday."""

    id: str
    on: date
    name: str
    works_like: int | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, holiday: Holiday) -> Self:
        """This day."""
        return cls.model_validate(holiday)

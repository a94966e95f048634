"""What is asked of leads, and what is answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints, model_validator

from chassis.errors import FieldError, Invalid
from chassis.history import Change
from chassis.http import Body, View
from chassis.i18n import say
from chassis.text import nfc
from services.sales.leads.model import MOST_POINTS, Lead, LeadStatus
from services.sales.leads.points import Element, Kind, Point, read_emails, read_phones

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(nfc)]
Text30 = Annotated[_Text, Field(max_length=30)]
Text60 = Annotated[_Text, Field(max_length=60)]
Text150 = Annotated[_Text, Field(max_length=150)]
Text200 = Annotated[_Text, Field(max_length=200)]
Text300 = Annotated[_Text, Field(max_length=300)]
Text500 = Annotated[_Text, Field(max_length=500)]
LongText = Annotated[_Text, Field(max_length=10_000)]
CustomValue = Annotated[str, Field(max_length=2000)] | int | float | bool | None
# One type for creating and patching: null says "no value", and takes one away that is there.
Custom = Annotated[dict[Text60, CustomValue], Field(max_length=100)]
Utm = Annotated[dict[Text60, Text500 | None], Field(max_length=20)]


class NewPoint(Body):
    """A phone number or an e-mail address as it is written. The first one is primary unless another says so."""

    value: Text200
    primary: StrictBool = False


NewPoints = Annotated[list[NewPoint | Text200], Field(max_length=MOST_POINTS)]


class _Facts(Body):
    """What people may say of a lead."""

    first_name: Text150 | None = None
    last_name: Text150 | None = None
    salutation: Text30 | None = None
    company: Text300 | None = None
    title: Text200 | None = None
    source: Text200 | None = None
    campaign: Text200 | None = None
    utm: Utm = Field(default_factory=dict)
    product_interest: Text500 | None = None
    needs: LongText | None = None
    rating: Literal["hot", "warm", "cold"] | None = None
    contactable: StrictBool = False
    custom: Custom = Field(default_factory=dict)
    phones: NewPoints = Field(default_factory=list)
    emails: NewPoints = Field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return self.model_dump(exclude_unset=True, exclude={"id", "owner_id", "phones", "emails"})

    def points(self, kind: Kind) -> list[tuple[Point, bool]] | None:
        """The contact points that were given, each with whether it is primary; None when they were left out.

        Raises Invalid for one that can reach nobody.
        """
        name = "phones" if kind == "phone" else "emails"
        if name not in self.model_fields_set:
            return None
        return [
            (point, given.primary if isinstance(given, NewPoint) else False)
            for number, given in enumerate(getattr(self, name))
            for point in read_points(kind, given if isinstance(given, str) else given.value, f"/{name}/{number}")
        ]


class CreateLead(_Facts):
    """A lead as somebody types it in: a name, or at least the company's. ``owner_id`` is the caller if left out."""

    id: UUID | None = None
    kind: Literal["person", "company"] = "person"
    full_name: Text300 | None = None
    owner_id: UUID | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.full_name or self.first_name or self.last_name or self.company):
            raise ValueError("Give full_name, first_name, last_name or company.")
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value, with a name for a lead of which only the company is known."""
        facts = super().facts()
        if not (self.full_name or self.first_name or self.last_name):
            facts |= {"kind": "company", "full_name": self.company}
        elif self.kind == "company" and not self.full_name:
            facts["full_name"] = self.company or " ".join(filter(None, (self.last_name, self.first_name)))
        return facts


class PatchLead(_Facts):
    """A merge patch: null takes a value away, arrays are replaced whole, ``custom`` and ``utm`` merge per key."""

    kind: Literal["person", "company"] = "person"
    full_name: Text300 = ""


class AddPoint(NewPoint):
    """One more way to reach somebody."""


class DisqualifyLead(Body):
    """Why it will not become a customer."""

    reason: Text500


class AssignLead(Body):
    """Who works on it from now on."""

    owner_id: UUID


class PointView(BaseModel):
    """``value`` is the normal form (E.164; lower case), ``original`` what was written.

    ``ambiguous`` numbers may be somebody else's as well; those that do not identify are hotlines and placeholders.
    """

    id: str
    value: str
    original: str
    primary: bool
    ambiguous: bool
    identifies: bool


class LeadView(View):
    """A lead. ``source``, ``campaign``, ``partner_id`` and ``submission_id`` are of its first touch."""

    id: str
    kind: Literal["person", "company"]
    full_name: str
    first_name: str | None
    last_name: str | None
    salutation: str | None
    company: str | None
    title: str | None
    phones: list[PointView]
    emails: list[PointView]
    source: str | None
    campaign: str | None
    utm: dict[str, str]
    product_interest: str | None
    needs: str | None
    rating: str | None
    status: LeadStatus
    stage: str
    disqualified_reason: str | None
    contactable: bool
    owner_id: str | None
    team_id: str | None
    partner_id: str | None
    submission_id: str | None
    first_touch_at: datetime
    contacted_at: datetime | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, lead: Lead) -> Self:
        """This lead, as whoever may see it sees it."""
        return cls.model_validate(lead)


class NewLeadView(LeadView):
    """``duplicates``: how many other leads that the caller may see share a phone or an e-mail address with it."""

    duplicates: int

    @classmethod
    def among(cls, lead: Lead, duplicates: Sequence[Lead]) -> Self:
        """This new lead, and how many there were."""
        return cls.model_validate({**LeadView.of(lead).model_dump(), "duplicates": len(duplicates)})


class Leads(BaseModel):
    """Some leads."""

    items: list[LeadView]
    next_cursor: None = None


class ChangeView(View):
    """One field's change. ``changed_by``: ``user:<id>``, ``key:<id>``, or the service that did it."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None

    @classmethod
    def of(cls, change: Change) -> Self:
        """This change."""
        return cls.model_validate(change)


class History(BaseModel):
    """Changes, newest first."""

    items: list[ChangeView]
    next_cursor: str | None


class Count(BaseModel):
    """How many leads have this value."""

    value: str | None
    count: int


class Summary(BaseModel):
    """How many leads have each value, of those that the caller may see."""

    by: Literal["source", "status"]
    items: list[Count]
    total: int


def read_points(kind: Kind, text: str, pointer: str) -> list[Point]:
    """The contact points in this text; raises Invalid, naming the place, when there is none."""
    points = read_phones(text) if kind == "phone" else read_emails(text)
    if points:
        return points
    message = say("This is not a phone number.") if kind == "phone" else say("This is not an e-mail address.")
    raise Invalid(message, errors=[FieldError(pointer, message)])


def view_of(element: Element | Mapping[str, Any]) -> PointView:
    """A contact point as it is shown."""
    return PointView.model_validate(element)

"""What is asked of leads, and what is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, model_validator

from chassis.fields import Custom, LongText, Text30, Text60, Text150, Text200, Text300, Text500
from chassis.http import Body, View
from services.sales.leads.model import Lead, LeadStatus
from services.sales.points.schemas import PointView, WithPoints

Utm = Annotated[dict[Text60, Text500 | None], Field(max_length=20)]


class _Facts(WithPoints):
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

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return self.model_dump(exclude_unset=True, exclude={"id", "owner_id", "phones", "emails"})


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


class DisqualifyLead(Body):
    """Why it will not become a customer."""

    reason: Text500


class LeadView(View):
    """A lead. ``source``, ``campaign``, ``partner_id`` and ``submission_id`` are of its first touch.

    ``opportunity_id`` is what it became when it was qualified, ``account_id`` or ``contact_id`` the customer.
    """

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
    opportunity_id: str | None
    account_id: str | None
    contact_id: str | None
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


class Count(BaseModel):
    """How many leads have this value."""

    value: str | None
    count: int


class Summary(BaseModel):
    """How many leads have each value, of those that the caller may see."""

    by: Literal["source", "status"]
    items: list[Count]
    total: int

"""What is asked of opportunities, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.clock import Day
from chassis.fields import Custom, NewMoney, Text30, Text60, Text150, Text200, Text300, Text500
from chassis.http import Body, View
from chassis.i18n import say
from chassis.money import Money
from services.sales.accounts.schemas import TaxCode
from services.sales.customers import model as customers
from services.sales.names import name_parts
from services.sales.opportunities.model import Opportunity, OpportunityStatus, Priority
from services.sales.points.model import elements
from services.sales.points.schemas import WithPoints

Probability = Annotated[int, Field(ge=0, le=100, strict=True)]


class NewProspect(WithPoints):
    """Who might buy, while they are no customer yet: a name, or at least the company's."""

    kind: Literal["person", "company"] = "person"
    full_name: Text300 | None = None
    first_name: Text150 | None = None
    last_name: Text150 | None = None
    salutation: Text30 | None = None
    company: Text300 | None = None
    title: Text200 | None = None
    tax_code: TaxCode | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.full_name or self.first_name or self.last_name or self.company):
            raise ValueError(say("Give full_name, first_name, last_name or company."))
        return self

    def prospect(self) -> customers.Prospect:
        """The prospect as an opportunity carries it; raises Invalid for a phone or address that reaches nobody."""
        full_name, first_name, last_name = name_parts(self.full_name, self.first_name, self.last_name)
        return {
            "kind": self.kind if full_name else "company",
            "full_name": full_name or self.company or "",
            "first_name": first_name,
            "last_name": last_name,
            "salutation": self.salutation,
            "company": self.company,
            "title": self.title,
            "tax_code": self.tax_code,
            "phones": elements(self.points("phone") or []),
            "emails": elements(self.points("email") or []),
        }


class _Facts(Body):
    """What people may say of an opportunity. ``probability`` follows the stage unless it is said."""

    priority: Priority = Priority.NORMAL
    close_date: Day | None = None
    next_step: Text500 | None = None
    source: Text200 | None = None
    campaign: Text200 | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts = self.model_dump(exclude_unset=True, exclude={"id", "owner_id", "amount", "prospect"}, mode="python")
        return {name: str(value) if isinstance(value, (UUID, Priority)) else value for name, value in facts.items()}


class CreateOpportunity(_Facts):
    """A possible sale, to a customer (``account_id``, ``contact_id``) or a ``prospect``; to neither, while unknown.

    ``pipeline_id`` and ``stage`` are the default pipeline and its first stage if left out; ``owner_id`` the caller.
    """

    id: UUID | None = None
    name: Text300
    amount: NewMoney | None = None
    pipeline_id: UUID | None = None
    stage: Text60 | None = None
    probability: Probability | None = None
    prospect: NewProspect | None = None
    owner_id: UUID | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.prospect and (self.account_id or self.contact_id):
            raise ValueError(say("Give a customer or a prospect, not both."))
        return self


class PatchOpportunity(_Facts):
    """A merge patch: null takes a value away, ``custom`` merges per key. Its stage goes by ``advance``."""

    name: Text300 = ""
    amount: NewMoney = NewMoney(amount="0")
    probability: Probability = 0


class AdvanceOpportunity(Body):
    """The stage of its pipeline that it goes to."""

    stage: Text60


class LoseOpportunity(Body):
    """Why they did not buy."""

    reason: Text500


class ProspectView(BaseModel):
    """Who might buy, while they are no customer yet. Phones in E.164, e-mail addresses in lower case."""

    kind: Literal["person", "company"]
    full_name: str
    first_name: str | None
    last_name: str | None
    salutation: str | None
    company: str | None
    title: str | None
    tax_code: str | None
    phones: list[str]
    emails: list[str]


class OpportunityView(View):
    """A possible sale. ``source``, ``campaign`` and ``partner_id`` are of the first touch of the lead ``lead_id``."""

    id: str
    name: str
    status: OpportunityStatus
    pipeline_id: str
    stage: str
    probability: int
    priority: Priority
    amount: Money
    close_date: date | None
    next_step: str | None
    account_id: str | None
    contact_id: str | None
    lead_id: str | None
    prospect: ProspectView | None
    source: str | None
    campaign: str | None
    partner_id: str | None
    lost_reason: str | None
    closed_at: datetime | None
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, opportunity: Opportunity) -> Self:
        """This opportunity, as whoever may see it sees it."""
        columns = {name: getattr(opportunity, name) for name in cls.model_fields}
        return cls.model_validate({**opportunity.shown(columns), "amount": opportunity.money})

"""What sales announces about opportunities."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal
from chassis.money import Money


class Prospect(BaseModel):
    """Who might buy, while they are no customer yet."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["person", "company"] = "person"
    full_name: Personal
    first_name: OptionalPersonal = None
    last_name: OptionalPersonal = None
    company: str | None = None
    title: str | None = None
    emails: tuple[Personal, ...] = ()
    phones: tuple[Personal, ...] = ()
    tax_code: OptionalPersonal = None


class OpportunityState(BaseModel):
    """A possible sale. ``account_id`` or ``contact_id`` is a known customer; without either it is ``prospect``.

    ``prospect`` stays as it was said when winning has made them a customer.
    ``status`` is open, won or lost; ``stage`` a step of its pipeline; ``probability`` in percent. ``source``,
    ``campaign`` and ``partner_id`` are of the lead that it came from. ``closed_at`` is when it was won or lost.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    status: Literal["open", "won", "lost"]
    pipeline_id: str
    stage: str
    probability: int
    priority: Literal["low", "normal", "high"] = "normal"
    amount: Money
    close_date: date | None = None
    next_step: str | None = None
    account_id: str | None = None
    contact_id: str | None = None
    lead_id: str | None = None
    prospect: Prospect | None = None
    source: str | None = None
    campaign: str | None = None
    partner_id: str | None = None
    lost_reason: str | None = None
    closed_at: datetime | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutOpportunity(Event):
    opportunity: OpportunityState

    @property
    def subject(self) -> str:
        return f"opportunity:{self.opportunity.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class OpportunityCreated(_AboutOpportunity):
    """Somebody may buy something."""

    type: ClassVar[str] = "sales.opportunity.created.v1"


class _OpportunityChange(_AboutOpportunity):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class OpportunityUpdated(_OpportunityChange):
    """Fields of an opportunity changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.opportunity.updated.v1"


class OpportunityAdvanced(_OpportunityChange):
    """It went to another stage of its pipeline, forth or back."""

    type: ClassVar[str] = "sales.opportunity.advanced.v1"


class OpportunityWon(_OpportunityChange):
    """They bought. From here on ``account_id`` or ``contact_id`` is there; ``new_customer`` when this made it."""

    type: ClassVar[str] = "sales.opportunity.won.v1"
    new_customer: bool = False


class OpportunityLost(_OpportunityChange):
    """They did not buy; the reason is in its state."""

    type: ClassVar[str] = "sales.opportunity.lost.v1"


class OpportunityReopened(_OpportunityChange):
    """A won or lost one is worked on again; the customer that winning made stays."""

    type: ClassVar[str] = "sales.opportunity.reopened.v1"


class OpportunityAssigned(_OpportunityChange):
    """An opportunity got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.opportunity.assigned.v1"
    handover_id: str | None = None


class OpportunityDeleted(_OpportunityChange):
    """An opportunity is gone from lists and reads."""

    type: ClassVar[str] = "sales.opportunity.deleted.v1"


class OpportunityRestored(_OpportunityChange):
    """A deleted opportunity is back."""

    type: ClassVar[str] = "sales.opportunity.restored.v1"

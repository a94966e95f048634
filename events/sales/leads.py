"""What sales announces about leads. Every event carries the lead's full published state."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal


class LeadState(BaseModel):
    """A lead as everybody may know it. ``phones`` and ``emails`` are normalised (E.164; lower case).

    ``status`` is one of new, working, qualified, disqualified; ``stage`` a finer step inside it, named by an
    administrator. ``first_touch_at`` is when the submission that brought the lead was accepted.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Literal["person", "company"] = "person"
    full_name: Personal
    company: str | None = None
    title: str | None = None
    emails: tuple[Personal, ...] = ()
    phones: tuple[Personal, ...] = ()
    source: str | None = None
    campaign: str | None = None
    product_interest: str | None = None
    status: str
    stage: str
    contactable: bool
    owner_id: str | None = None
    team_id: str | None = None
    partner_id: str | None = None
    submission_id: str | None = None
    disqualified_reason: OptionalPersonal = None
    first_touch_at: datetime
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutLead(Event):
    lead: LeadState

    @property
    def subject(self) -> str:
        return f"lead:{self.lead.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class LeadCreated(_AboutLead):
    """A new lead exists. ``submission_id`` is what brought it; None when a person typed it in."""

    type: ClassVar[str] = "sales.lead.created.v1"
    submission_id: str | None = None


class _LeadChange(_AboutLead):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class LeadUpdated(_LeadChange):
    """Fields of a lead changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.lead.updated.v1"


class LeadMerged(_LeadChange):
    """Another submission turned out to be this same person: its facts were added, no second lead was made.

    ``verdict`` is ``merged`` for the partner that brought the lead, ``duplicate`` for everybody else.
    """

    type: ClassVar[str] = "sales.lead.merged.v1"
    submission_id: str
    verdict: Literal["merged", "duplicate"]


class LeadReattributed(_LeadChange):
    """An earlier submission of the same person was worked on late: the first touch is its, not the later one's.

    ``submission_id`` is now the one that created the lead; ``former_submission_id`` gets ``former_verdict``.
    """

    type: ClassVar[str] = "sales.lead.reattributed.v1"
    submission_id: str
    former_submission_id: str
    former_verdict: Literal["merged", "duplicate"]


class LeadAssigned(_LeadChange):
    """A lead got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.lead.assigned.v1"
    handover_id: str | None = None


class LeadContacted(_LeadChange):
    """Somebody reached the person: the lead is being worked on."""

    type: ClassVar[str] = "sales.lead.contacted.v1"


class LeadQualified(_LeadChange):
    """The lead has become an opportunity; the customer is named when it is known already or was asked for."""

    type: ClassVar[str] = "sales.lead.qualified.v1"
    opportunity_id: str
    account_id: str | None = None
    contact_id: str | None = None


class LeadDisqualified(_LeadChange):
    """The lead will not become a customer; the reason is in its state."""

    type: ClassVar[str] = "sales.lead.disqualified.v1"


class LeadDeleted(_LeadChange):
    """A lead is gone from lists and reads. ``merged_into`` is the same person's lead that has everything it had."""

    type: ClassVar[str] = "sales.lead.deleted.v1"
    merged_into: str | None = None


class LeadRestored(_LeadChange):
    """A deleted lead is back."""

    type: ClassVar[str] = "sales.lead.restored.v1"


class IntakeRejected(Event):
    """A submission cannot become a lead: neither its phone nor its e-mail can reach anybody."""

    type: ClassVar[str] = "sales.intake.rejected.v1"
    submission_id: str
    reason: str

    @property
    def subject(self) -> str:
        return f"submission:{self.submission_id}"

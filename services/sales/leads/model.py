"""A lead: somebody who may become a customer, how they can be reached, and what may be done with them when."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.owned_lists import list_indexes
from chassis.published import Published
from chassis.search import Searchable, search_index
from events.sales import LeadState
from services.sales.points.model import Reachable
from services.sales.tables import Base, Json

NAMES = frozenset({"full_name", "first_name", "last_name", "kind"})


class LeadStatus(StrEnum):
    """Where a lead stands. An administrator may name stages inside each."""

    NEW = "new"
    WORKING = "working"
    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"


OPEN = (LeadStatus.NEW, LeadStatus.WORKING)


class LeadAlreadyQualified(Conflict):
    """It has become an opportunity; work goes on there."""

    code = "lead_already_qualified"


class LeadAlreadyDisqualified(Conflict):
    """Somebody has decided that this will not become a customer."""

    code = "lead_already_disqualified"


class LeadWasMerged(Conflict):
    """It was the same person as another lead, which has everything that it had."""

    code = "lead_was_merged"


class Lead(Reachable, Published, Searchable, Owned, Base):
    """``submission_id``, ``partner_id``, ``source`` and ``campaign`` are of the first touch: this person's earliest
    submission, accepted at ``first_touch_at``. A lead that a person typed in has no submission.
    """

    __tablename__ = "leads"
    __noun__: ClassVar[str] = "lead"
    __state__ = LeadState

    kind: Mapped[str] = mapped_column(String(10), default="person")
    full_name: Mapped[str] = mapped_column(String(300))
    first_name: Mapped[str | None] = mapped_column(String(150))
    last_name: Mapped[str | None] = mapped_column(String(150))
    salutation: Mapped[str | None] = mapped_column(String(30))
    company: Mapped[str | None] = mapped_column(String(300))
    title: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(200))
    campaign: Mapped[str | None] = mapped_column(String(200))
    utm: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    product_interest: Mapped[str | None] = mapped_column(String(500))
    needs: Mapped[str | None] = mapped_column(Text)
    rating: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20), default=LeadStatus.NEW)
    stage: Mapped[str] = mapped_column(String(60), default="new")
    disqualified_reason: Mapped[str | None] = mapped_column(String(500))
    contactable: Mapped[bool] = mapped_column(Boolean, default=False)
    partner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    submission_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    first_touch_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    # What it became when it was qualified; the customer if they were known then, or asked for.
    opportunity_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))

    @classmethod
    def search_parts(cls, row: Any) -> list[str | None]:
        """Name, company, addresses, and phones as they are dialled here and from abroad."""
        return [row["full_name"], row["company"], *cls.reach_words(row)]

    # --- how it stands -------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it is still being worked on, and takes in what else its person sends."""
        return self.status in OPEN and self.deleted_at is None

    def must_be_open(self) -> None:
        """Raise LeadAlreadyQualified or LeadAlreadyDisqualified."""
        match self.status:
            case LeadStatus.QUALIFIED:
                raise LeadAlreadyQualified(say("This lead has become an opportunity."))
            case LeadStatus.DISQUALIFIED:
                raise LeadAlreadyDisqualified(say("This lead was disqualified."))

    def contact(self, at: datetime) -> bool:
        """Somebody reached the person: it is being worked on. False when it was before."""
        self.must_be_open()
        if self.status == LeadStatus.WORKING:
            return False
        self.status, self.stage, self.contacted_at = LeadStatus.WORKING, "working", at
        return True

    def must_not_be_qualified(self) -> None:
        """Raise LeadAlreadyQualified: what it was then stays as it was."""
        if self.status == LeadStatus.QUALIFIED:
            self.must_be_open()

    def qualify(self, *, opportunity_id: str, account_id: str | None, contact_id: str | None) -> None:
        """It has become this opportunity. Raises LeadAlreadyQualified or LeadAlreadyDisqualified."""
        self.must_be_open()
        self.status, self.stage = LeadStatus.QUALIFIED, "qualified"
        self.opportunity_id, self.account_id, self.contact_id = opportunity_id, account_id, contact_id

    def disqualify(self, reason: str) -> bool:
        """It will not become a customer. False when that was said before; the first reason stays."""
        if self.status == LeadStatus.DISQUALIFIED:
            return False
        self.must_be_open()
        self.status, self.stage, self.disqualified_reason = LeadStatus.DISQUALIFIED, "disqualified", reason
        return True


# Where each contact point that can tell one party from another occurs, so that a twin is found by one index look-up.
# ``touched_at``, ``touched_by``: the earliest submission that brought it to this lead; none when a person typed it.
lead_points = Table(
    "lead_points",
    Base.metadata,
    Column("lead_id", Uuid(as_uuid=False), ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("ambiguous", Boolean, nullable=False),
    Column("touched_at", UtcDateTime),
    Column("touched_by", Uuid(as_uuid=False)),
)
Index("lead_points_value", lead_points.c.kind, lead_points.c.value)

# What became of each submission; the lead that it made, or that took it in.
Verdict = Literal["created", "merged", "duplicate"]
lead_submissions = Table(
    "lead_submissions",
    Base.metadata,
    Column("submission_id", Uuid(as_uuid=False), primary_key=True),
    Column("lead_id", Uuid(as_uuid=False), ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    Column("partner_id", Uuid(as_uuid=False)),
    Column("received_at", UtcDateTime, nullable=False),
    Column("verdict", String(10), nullable=False),
)
Index("lead_submissions_lead", lead_submissions.c.lead_id)

search_index(Lead, "full_name")
list_indexes(
    Lead,
    filters=("source", "campaign", "status", "stage", "contactable", "owner_id", "team_id", "partner_id"),
    sorts=("created_at", "updated_at", "full_name"),
)

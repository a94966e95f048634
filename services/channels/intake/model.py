"""Everything that came in, as it came and as we read it, and what sales made of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, Uuid, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from chassis.clock import UtcDateTime
from services.channels.model import Base

Facts = dict[str, Any]
"""What a submission says, as JSON values: the fields of ``events.channels.Submission`` that were given, no others."""


class Status(StrEnum):
    """What became of a submission."""

    RECEIVED = "received"
    CREATED = "created"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"  # taken for a robot's: announced to nobody until somebody looks at it


@dataclass(frozen=True, slots=True)
class Capture:
    """What arrived, word for word: the body as text, its content type, and the headers worth keeping."""

    raw: str
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an event says became of a submission. Its place among others: see ``record_verdicts``."""

    submission_id: str
    status: Status
    subject: str
    sequence: int
    at: datetime
    lead_id: str | None = None
    reason: str | None = None

    def supersedes(self, other: "Verdict") -> bool:
        """Whether this one counts when both have been heard."""
        if self.subject == other.subject:
            return self.sequence > other.sequence
        return (self.at, self.subject) > (other.at, other.subject)


class LeadStage(Base):
    """How far each lead has got, as sales announces it."""

    __tablename__ = "lead_stages"

    lead_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    stage: Mapped[str] = mapped_column(String(100))


class Submission(Base):
    """What somebody pushed or filled in. One row per partner and ``external_id``, however often it is pushed."""

    __tablename__ = "submissions"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    partner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    external_id: Mapped[str | None] = mapped_column(String(200))
    form_key: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[Facts] = mapped_column(JSON)
    raw: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(200))
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    lead_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    reason: Mapped[str | None] = mapped_column(Text)
    # The event the verdict comes from: a later one may change it, an earlier or the same one may not.
    verdict_subject: Mapped[str | None] = mapped_column(String(200))
    verdict_sequence: Mapped[int | None] = mapped_column(BigInteger)
    verdict_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Read with the submission, kept apart from it: a stage may arrive before the verdict that says which lead it is.
    stage: Mapped[str | None] = column_property(
        select(LeadStage.stage).where(LeadStage.lead_id == lead_id).correlate_except(LeadStage).scalar_subquery()
    )

    __table_args__ = (
        Index("submissions_received", "received_at", "id"),
        Index("submissions_partner", "partner_id", "received_at", "id"),
        Index("submissions_status", "status", "received_at", "id"),
    )


submissions = Base.metadata.tables["submissions"]
lead_stages = Base.metadata.tables["lead_stages"]

_named = submissions.c.external_id.is_not(None)
Index(
    "submissions_external",
    submissions.c.external_id,
    submissions.c.partner_id,
    unique=True,
    postgresql_where=_named,
    sqlite_where=_named,
)
_of_form = submissions.c.form_key.is_not(None)
Index(
    "submissions_form",
    submissions.c.form_key,
    submissions.c.received_at,
    postgresql_where=_of_form,
    sqlite_where=_of_form,
)
_led = submissions.c.lead_id.is_not(None)
Index("submissions_lead", submissions.c.lead_id, postgresql_where=_led, sqlite_where=_led)

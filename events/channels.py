"""What channels announces: something came in from outside."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal


class ConsentFact(BaseModel):
    """Proof that a person agreed to be contacted for one purpose on one channel."""

    model_config = ConfigDict(frozen=True)

    purpose: str
    channel: str
    given_at: datetime | None = None
    text_version: str | None = None
    proof: str | None = None


class Submission(BaseModel):
    """What somebody pushed or filled in, as they wrote it. At least one of ``email`` and ``phone`` is there.

    ``received_at`` is when it was first accepted: it decides who was first, however late it is worked on.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    channel: Literal["partner", "web"]
    received_at: datetime
    partner_id: str | None = None
    form_key: str | None = None
    external_id: str | None = None
    name: OptionalPersonal = None
    first_name: OptionalPersonal = None
    last_name: OptionalPersonal = None
    company: str | None = None
    title: str | None = None
    email: OptionalPersonal = None
    phone: OptionalPersonal = None
    source: str | None = None
    campaign: str | None = None
    product_interest: str | None = None
    note: OptionalPersonal = None
    consents: tuple[ConsentFact, ...] = ()
    custom: dict[str, Any] = {}


class _AboutSubmission(Event):
    submission: Submission

    @property
    def subject(self) -> str:
        return f"submission:{self.submission.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class SubmissionReceived(_AboutSubmission):
    """A lead was accepted from a partner or a web form: from here on it is never lost."""

    type: ClassVar[str] = "channels.submission.received.v1"


class SubmissionUpdated(_AboutSubmission):
    """A partner pushed the same ``external_id`` again with other contents."""

    type: ClassVar[str] = "channels.submission.updated.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)

"""Webhooks as administrators make and watch them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field, StrictBool, StringConstraints, model_validator
from sqlalchemy import Row

from chassis.clock import Moment
from chassis.deliveries import DeliveryState
from chassis.http import Body, View
from chassis.i18n import say

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
# A type, the beginning of one up to a dot, or everything.
Pattern = Annotated[
    str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?)$", max_length=200)
]
Patterns = Annotated[list[Pattern], Field(min_length=1, max_length=100)]
Order = Literal["per_subject", "none"]
Custom = Annotated[dict[str, Any], Field(max_length=100)]


class CreateWebhook(Body):
    """Where to send which events. ``per_subject``: what is about one thing leaves one by one."""

    id: UUID | None = None
    url: Url
    events: Patterns
    order: Order = "none"
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)


class ChangeWebhook(Body):
    """What is given is changed."""

    url: Url = ""
    events: Patterns = Field(default_factory=list)
    order: Order = "none"
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)


class WebhookView(View):
    """A webhook, without its secret."""

    id: str
    url: str
    events: list[str]
    order: Order
    active: bool
    disabled_reason: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int


class WebhookWithSecret(WebhookView):
    """A new webhook. Its secret is shown this once."""

    secret: str | None


class NewSecret(View):
    """The new secret, shown this once; the former one signs as well until then."""

    secret: str | None
    former_until: datetime


class TestFired(View):
    """The test event is on its way; see the attempts."""

    delivery_id: str


class ReplayWebhook(Body):
    """What to send again: one event, or what was made ready ``from`` … ``to``, or what stands at a ``status``."""

    event_id: UUID | None = None
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    status: Literal[DeliveryState.PARKED, DeliveryState.DELIVERED, DeliveryState.DROPPED] | None = None

    @model_validator(mode="after")
    def _means_something(self) -> "ReplayWebhook":
        if self.event_id is None and self.since is None and self.until is None and self.status is None:
            raise ValueError(say("Say what to send again."))
        return self


class Replayed(View):
    """How many are sent again."""

    replayed: int


class AttemptView(View):
    """One call. ``error`` says why it did not do; ``request`` and ``answer`` are cut after 2,048 characters."""

    at: datetime
    outcome: str
    status: int | None
    ms: int | None
    request: str | None
    answer: str | None
    error: str | None


class SentView(View):
    """One event for this webhook and every attempt to deliver it."""

    id: str
    event_id: str | None
    event_type: str | None
    subject: str
    state: DeliveryState
    attempts: list[AttemptView]
    next_attempt_at: datetime | None
    reason: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, delivery: Row[Any], attempts: list[Row[Any]]) -> "SentView":
        """A row of ``deliveries`` with its attempts."""
        return cls(
            id=delivery.id,
            event_id=delivery.event_id,
            event_type=orjson.loads(delivery.payload).get("type"),
            subject=delivery.subject,
            state=DeliveryState(delivery.state),
            attempts=[AttemptView.model_validate(attempt) for attempt in attempts],
            next_attempt_at=delivery.next_attempt_at,
            reason=delivery.reason,
            created_at=delivery.created_at,
            finished_at=delivery.finished_at,
        )


class SentPage(View):
    """What was sent, the newest first."""

    items: list[SentView]
    next_cursor: str | None

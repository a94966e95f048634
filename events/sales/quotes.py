"""What sales announces about quotes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event
from chassis.money import ExactDecimal
from events.sales.documents import Buyer, Line, Totals


class QuoteState(BaseModel):
    """An offer at a price. A revision has the next ``revision`` and ``supersedes_id``, the quote that it replaces."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    status: Literal["draft", "sent", "accepted", "rejected", "expired", "superseded"]
    revision: int = 1
    supersedes_id: str | None = None
    opportunity_id: str | None = None
    order_id: str | None = None
    buyer: Buyer
    currency: str = "VND"
    valid_until: date | None = None
    discount_percent: ExactDecimal = Decimal(0)
    lines: tuple[Line, ...]
    totals: Totals
    rejected_reason: str | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutQuote(Event):
    quote: QuoteState

    @property
    def subject(self) -> str:
        return f"quote:{self.quote.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.quote.buyer.reference,)


class QuoteCreated(_AboutQuote):
    """A quote was drafted."""

    type: ClassVar[str] = "sales.quote.created.v1"


class _QuoteChange(_AboutQuote):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class QuoteUpdated(_QuoteChange):
    """A draft changed; ``changed`` has the old and the new value of each field."""

    type: ClassVar[str] = "sales.quote.updated.v1"


class QuoteSent(_QuoteChange):
    """The customer has it."""

    type: ClassVar[str] = "sales.quote.sent.v1"


class QuoteAccepted(_QuoteChange):
    """The customer agreed: ``order_id`` is what it became."""

    type: ClassVar[str] = "sales.quote.accepted.v1"


class QuoteRejected(_QuoteChange):
    """The customer declined; the reason is in its state."""

    type: ClassVar[str] = "sales.quote.rejected.v1"


class QuoteExpired(_QuoteChange):
    """Its last day has passed without an answer."""

    type: ClassVar[str] = "sales.quote.expired.v1"


class QuoteSuperseded(_QuoteChange):
    """A revision has taken its place."""

    type: ClassVar[str] = "sales.quote.superseded.v1"


class QuoteAssigned(_QuoteChange):
    """A quote got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.quote.assigned.v1"
    handover_id: str | None = None

"""What is asked of quotes, and what is answered."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.clock import Day
from chassis.fields import Custom, Text500
from chassis.http import Body, View
from chassis.i18n import Catalogue
from chassis.money import ExactDecimal
from events.sales import Buyer, Line, Totals
from services.sales.amounts import Currency, Percent
from services.sales.days import today
from services.sales.lines.schemas import NewLines
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.quotes.queries import warnings_of
from services.sales.taxes.queries import Taxes


class CreateQuote(Body):
    """For the customer of an opportunity, or for an account, a contact, or a contact for their account."""

    id: UUID | None = None
    opportunity_id: UUID | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    valid_until: Day | None = None
    lines: NewLines
    currency: Currency = "VND"
    discount_percent: Percent = Decimal(0)
    owner_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_buyer(self) -> Self:
        if self.opportunity_id is None and self.account_id is None and self.contact_id is None:
            raise ValueError("Give opportunity_id, account_id or contact_id.")
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        custom = {key: value for key, value in self.custom.items() if value is not None}
        facts = {name: getattr(self, name) for name in ("currency", "discount_percent", "valid_until")}
        return {**facts, "custom": custom}


class PatchQuote(Body):
    """A merge patch of a draft: ``lines`` are replaced whole, ``custom`` merges per key."""

    valid_until: Day | None = None
    lines: NewLines = Field(default_factory=list)
    discount_percent: Percent = Decimal(0)
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"lines"}}


class AcceptQuote(Body):
    """What it becomes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    as_: Literal["order"] = Field(default="order", alias="as")


class RejectQuote(Body):
    """Why the customer declined."""

    reason: Text500


class AcceptedView(BaseModel):
    """What the quote became."""

    order_id: str


class WarningView(BaseModel):
    """Something about a line that its reader should know, in their language."""

    code: Literal["tax_ends_before_delivery"]
    line_id: str
    text: str


class QuoteView(View):
    """A quote. ``warnings`` are about its taxes by the day of delivery."""

    id: str
    number: str
    status: QuoteStatus
    revision: int
    supersedes_id: str | None
    opportunity_id: str | None
    order_id: str | None
    account_id: str | None
    contact_id: str | None
    buyer: Buyer
    currency: str
    valid_until: date | None
    discount_percent: ExactDecimal
    lines: list[Line]
    totals: Totals
    rejected_reason: str | None
    warnings: list[WarningView] = Field(default_factory=list)
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int


@dataclass(slots=True, frozen=True)
class Reader:
    """Shows quotes in one language: the taxes as they stand, and the words."""

    taxes: Taxes
    catalogue: Catalogue
    language: str

    def view(self, quote: Quote) -> QuoteView:
        """This quote, as whoever may see it reads it."""
        own = {name: getattr(quote, name) for name in QuoteView.model_fields if name != "warnings"}
        warnings = [
            {"code": each.code, "line_id": each.line_id, "text": self.catalogue.text(each.text, self.language)}
            for each in warnings_of(quote, self.taxes, today())
        ]
        return QuoteView.model_validate({**own, "warnings": warnings})

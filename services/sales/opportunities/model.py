"""An opportunity: a possible sale, how far it has got, and how it may end."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.money import Amount, Money, rounded
from chassis.owned_lists import list_indexes
from chassis.published import Published
from chassis.search import Searchable, search_index
from events.sales import OpportunityState
from services.sales.customers.model import Prospect, shown
from services.sales.pipelines.model import Stage
from services.sales.points.model import Reachable
from services.sales.tables import Base, Json


class OpportunityStatus(StrEnum):
    """Where an opportunity stands. While it is open its stage says more."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Priority(StrEnum):
    """How much it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class OpportunityAlreadyWon(Conflict):
    """They have bought; it can be reopened."""

    code = "opportunity_already_won"


class OpportunityAlreadyLost(Conflict):
    """They have not bought; it can be reopened."""

    code = "opportunity_already_lost"


class NobodyToSellTo(Conflict):
    """An opportunity without a customer and without a prospect cannot be won: nobody is there who bought."""

    code = "nobody_to_sell_to"


class Opportunity(Published, Searchable, Owned, Base):
    """``account_id`` or ``contact_id`` is the customer; ``prospect`` who it was before they were one.

    ``probability`` in percent. ``won_before``: winning it has counted as a purchase once, which reopening leaves so.
    """

    __tablename__ = "opportunities"
    __noun__: ClassVar[str] = "opportunity"
    __state__ = OpportunityState

    name: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(10), default=OpportunityStatus.OPEN.value)
    pipeline_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("pipelines.id"))
    stage: Mapped[str] = mapped_column(String(60))
    probability: Mapped[int] = mapped_column(Integer)
    priority: Mapped[str] = mapped_column(String(10), default=Priority.NORMAL.value)
    amount: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3), default="VND")
    close_date: Mapped[date | None] = mapped_column(Date)
    next_step: Mapped[str | None] = mapped_column(String(500))
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("accounts.id"))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("contacts.id"))
    lead_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    prospect: Mapped[Prospect | None] = mapped_column(Json)
    source: Mapped[str | None] = mapped_column(String(200))
    campaign: Mapped[str | None] = mapped_column(String(200))
    partner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    lost_reason: Mapped[str | None] = mapped_column(String(500))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    won_before: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def search_parts(cls, row: Any) -> list[str | None]:
        """Its name, and the prospect's with phones and addresses."""
        prospect = row["prospect"]
        if prospect is None:
            return [row["name"]]
        return [row["name"], prospect["full_name"], prospect["company"], *Reachable.reach_words(prospect)]

    # --- how it stands -------------------------------------------------------------------------------------------

    @property
    def is_known(self) -> bool:
        """Whether the customer is known."""
        return self.account_id is not None or self.contact_id is not None

    def must_be_open(self) -> None:
        """Raise OpportunityAlreadyWon or OpportunityAlreadyLost."""
        match self.status:
            case OpportunityStatus.WON:
                raise OpportunityAlreadyWon(say("This opportunity was won. Reopen it first."))
            case OpportunityStatus.LOST:
                raise OpportunityAlreadyLost(say("This opportunity was lost. Reopen it first."))

    def advance(self, stage: Stage) -> bool:
        """It goes to another stage, forth or back, and is as likely as that stage says. False when it was there."""
        self.must_be_open()
        if self.stage == stage["key"]:
            return False
        self.stage, self.probability = stage["key"], stage["probability"]
        return True

    def win(self, at: datetime) -> bool:
        """They bought. False when that was said before; raises OpportunityAlreadyLost."""
        if self.status == OpportunityStatus.WON:
            return False
        self.must_be_open()
        self.status, self.probability, self.closed_at = OpportunityStatus.WON.value, 100, at
        return True

    def lose(self, reason: str, at: datetime) -> bool:
        """They did not buy. False when that was said before, the first reason stays; raises OpportunityAlreadyWon."""
        if self.status == OpportunityStatus.LOST:
            return False
        self.must_be_open()
        self.status, self.probability, self.closed_at = OpportunityStatus.LOST.value, 0, at
        self.lost_reason = reason
        return True

    def reopen(self, stage: Stage | None) -> bool:
        """It is worked on again, in the stage that it was in; a customer that winning made stays. False when open."""
        if self.status == OpportunityStatus.OPEN:
            return False
        self.status, self.closed_at, self.lost_reason = OpportunityStatus.OPEN.value, None, None
        self.probability = stage["probability"] if stage else 0
        return True

    def price(self, money: Money) -> None:
        """What it may bring, to the currency's coin."""
        amount = rounded(money.amount, money.currency)
        if (self.amount, self.currency) != (amount, money.currency):
            self.amount, self.currency = amount, money.currency

    # --- what others are told ------------------------------------------------------------------------------------

    @property
    def money(self) -> Money:
        """What it may bring."""
        return Money(amount=self.amount, currency=self.currency)

    @classmethod
    def shown(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Columns as events show them."""
        prospect = values["prospect"]
        return {**values, "prospect": None if prospect is None else shown(prospect)}

    def published(self) -> dict[str, Any]:
        """Every field that events show, but for time and version of the last change."""
        return {**super().published(), "amount": self.money.model_dump()}


search_index(Opportunity, "name")
list_indexes(
    Opportunity,
    filters=(
        *("status", "stage", "pipeline_id", "priority", "probability", "account_id", "contact_id", "lead_id"),
        *("source", "campaign", "partner_id", "owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "name", "amount", "close_date"),
)

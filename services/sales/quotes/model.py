"""A quote: an offer at a price, until a day."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Date, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.owned_lists import list_indexes
from chassis.search import Searchable, search_index
from events.sales import QuoteState
from services.sales.announcing import Exact
from services.sales.lines.model import Priced
from services.sales.tables import Base


class QuoteStatus(StrEnum):
    """Where a quote stands."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class QuoteNotDraft(Conflict):
    """The customer has it: it is not changed any more, but revised."""

    code = "quote_not_draft"


class QuoteNotSent(Conflict):
    """The customer does not have it yet."""

    code = "quote_not_sent"


class QuoteAlreadyAccepted(Conflict):
    """It has become an order."""

    code = "quote_already_accepted"


class QuoteWasRejected(Conflict):
    """The customer has declined it."""

    code = "quote_rejected"


class QuoteHasExpired(Conflict):
    """Its last day has passed."""

    code = "quote_expired"


class QuoteWasSuperseded(Conflict):
    """A revision has taken its place."""

    code = "quote_superseded"


class CustomerUnknown(Conflict):
    """The opportunity's customer is not known yet: an account or a contact has to be made first."""

    code = "customer_unknown"


class Quote(Priced, Exact, Searchable, Owned, Base):
    """A revision keeps the ``number`` and has the next ``revision``; ``supersedes_id`` is the quote it replaces."""

    __tablename__ = "quotes"
    __noun__: ClassVar[str] = "quote"
    __state__ = QuoteState
    __searchable__ = ("number", "buyer_name")

    number: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20), default=QuoteStatus.DRAFT)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    supersedes_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    opportunity_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    order_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    valid_until: Mapped[date | None] = mapped_column(Date)
    rejected_reason: Mapped[str | None] = mapped_column(String(500))

    def has_expired(self, on: date) -> bool:
        """Whether its last day was before this one."""
        return self.valid_until is not None and self.valid_until < on

    def must_be_draft(self) -> None:
        """Raise QuoteNotDraft."""
        if self.status != QuoteStatus.DRAFT:
            raise QuoteNotDraft(say("Only a draft can be changed. Revise the quote instead."))

    def send(self, on: date) -> bool:
        """The customer has it. False when they had it before."""
        if self.status == QuoteStatus.SENT:
            return False
        if self.status != QuoteStatus.DRAFT:
            self._must_be_open()
        self._must_not_have_expired(on)
        self.status = QuoteStatus.SENT
        return True

    def may_be_accepted(self, on: date) -> bool:
        """Whether it can become an order now. False when it has become one; otherwise raises why not."""
        if self.status == QuoteStatus.ACCEPTED:
            return False
        self._must_be_open()
        self._must_not_have_expired(on)
        return True

    def accept(self, order_id: str) -> None:
        """It has become this order; ask ``may_be_accepted`` first."""
        self.status, self.order_id = QuoteStatus.ACCEPTED, order_id

    def reject(self, reason: str) -> bool:
        """The customer declined. False when they did before; the first reason stays."""
        if self.status == QuoteStatus.REJECTED:
            return False
        self._must_be_open()
        self.status, self.rejected_reason = QuoteStatus.REJECTED, reason
        return True

    def expire(self) -> None:
        """Its last day has passed without an answer."""
        self.status = QuoteStatus.EXPIRED

    def supersede(self) -> bool:
        """A revision takes its place. False when one has; raises QuoteNotSent or QuoteAlreadyAccepted."""
        match self.status:
            case QuoteStatus.SUPERSEDED:
                return False
            case QuoteStatus.DRAFT:
                raise QuoteNotSent(say("This quote is a draft: change it instead."))
            case QuoteStatus.ACCEPTED:
                raise QuoteAlreadyAccepted(say("This quote has become an order."))
        self.status = QuoteStatus.SUPERSEDED
        return True

    def _must_be_open(self) -> None:
        match self.status:
            case QuoteStatus.DRAFT:
                raise QuoteNotSent(say("This quote has not been sent yet."))
            case QuoteStatus.ACCEPTED:
                raise QuoteAlreadyAccepted(say("This quote has become an order."))
            case QuoteStatus.REJECTED:
                raise QuoteWasRejected(say("The customer has declined this quote."))
            case QuoteStatus.EXPIRED:
                raise QuoteHasExpired(say("This quote is not valid any more. Revise it."))
            case QuoteStatus.SUPERSEDED:
                raise QuoteWasSuperseded(say("A revision has taken this quote's place."))

    def _must_not_have_expired(self, on: date) -> None:
        if self.has_expired(on):
            raise QuoteHasExpired(say("This quote is not valid any more. Revise it."))


search_index(Quote, "number")
list_indexes(
    Quote,
    filters=("status", "opportunity_id", "account_id", "contact_id", "valid_until", "order_id", "owner_id", "team_id"),
    sorts=("created_at", "updated_at", "number"),
)
# Whatever races whom, a quote is replaced by one revision.
_revises = Quote.supersedes_id.is_not(None)
Index("quotes_supersedes_key", Quote.supersedes_id, unique=True, postgresql_where=_revises, sqlite_where=_revises)

"""A case: what a customer asks for or complains about, and how far it has got."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.history import VOLATILE
from chassis.i18n import say
from chassis.owned_lists import list_indexes
from chassis.published import Published
from chassis.search import Searchable, search_index
from events.service_desk import CaseState
from services.service_desk.cases.clocks import Clocked
from services.service_desk.entitlements.model import Coverage
from services.service_desk.kinds import Priority
from services.service_desk.tables import Base, Json

MOST_ARTICLES = 50


class CaseStatus(StrEnum):
    """Where a case stands."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


_OVER = (CaseStatus.RESOLVED, CaseStatus.CLOSED)


class CaseNotResolved(Conflict):
    """Only what is resolved is closed."""

    code = "case_not_resolved"


class CaseIsOver(Conflict):
    """It was resolved or closed; it can be reopened."""

    code = "case_is_over"


class CaseNotOver(Conflict):
    """It was never resolved, so it cannot be reopened."""

    code = "case_not_over"


class CaseWasMerged(Conflict):
    """Another case goes on in its place."""

    code = "case_was_merged"


class TooManyArticles(Conflict):
    """A case names so many articles and no more."""

    code = "too_many_articles"


class Case(Searchable, Clocked, Published, Owned, Base):
    """``account_id``, ``contact_id``, ``order_id`` and ``product_id`` are records of sales."""

    __tablename__ = "cases"
    __noun__: ClassVar[str] = "case"
    __state__ = CaseState
    __searchable__ = ("number", "subject", "description", "resolution")
    # How its clocks are kept says nothing to people; when they run out does.
    __history__ = frozenset(CaseState.model_fields) - VOLATILE - {"due_at"} | {"description", "custom", "deleted_at"}

    number: Mapped[str] = mapped_column(String(30))
    type: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default=CaseStatus.NEW)
    priority: Mapped[str] = mapped_column(String(10), default=Priority.NORMAL)
    category: Mapped[str | None] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    order_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    product_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    resolution: Mapped[str | None] = mapped_column(Text)
    entitlement_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    coverage: Mapped[str] = mapped_column(String(10), default=Coverage.NONE)
    article_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    merged_into_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_running(self) -> bool:
        """Whether its clocks run: somebody here is to do something about it."""
        return self.status in (CaseStatus.NEW, CaseStatus.OPEN)

    @property
    def customers(self) -> dict[str, str | None]:
        """Whose case it is."""
        return {"account_id": self.account_id, "contact_id": self.contact_id}

    def must_not_be_closed(self) -> None:
        """Raise CaseIsOver for one that is closed: it stays as it is until it is reopened."""
        if self.status == CaseStatus.CLOSED:
            raise CaseIsOver(say("This case is closed. Reopen it first."))

    def must_not_be_over(self) -> None:
        """Raise CaseIsOver."""
        if self.status in _OVER:
            raise CaseIsOver(say("This case is resolved. Reopen it first."))

    def must_not_be_merged(self) -> None:
        """Raise CaseWasMerged."""
        if self.merged_into_id is not None:
            raise CaseWasMerged(say("This case went into another one."))

    def open(self) -> bool:
        """Work on it begins, or goes on after a wait. False when it does already."""
        if self.status == CaseStatus.OPEN:
            return False
        self.must_not_be_over()
        self.status = CaseStatus.OPEN
        return True

    def wait(self) -> bool:
        """It waits for the customer. False when it does already."""
        if self.status == CaseStatus.WAITING:
            return False
        self.must_not_be_over()
        self.status = CaseStatus.WAITING
        return True

    def resolve(self, resolution: str, at: datetime) -> bool:
        """The customer has their answer. False when it was resolved before; the first resolution stays."""
        if self.status == CaseStatus.RESOLVED:
            return False
        self.must_not_be_closed()
        self.status, self.resolution, self.resolved_at = CaseStatus.RESOLVED, resolution, at
        return True

    def close(self, at: datetime) -> bool:
        """Nothing more is expected. False when it was closed before; raises CaseNotResolved."""
        if self.status == CaseStatus.CLOSED:
            return False
        if self.status != CaseStatus.RESOLVED:
            raise CaseNotResolved(say("Resolve this case before you close it."))
        self.status, self.closed_at = CaseStatus.CLOSED, at
        return True

    def reopen(self) -> bool:
        """It was not over after all. False when somebody works on it; raises CaseNotOver."""
        if self.status == CaseStatus.OPEN:
            return False
        self.must_not_be_merged()
        if self.status not in _OVER:
            raise CaseNotOver(say("This case is not resolved yet."))
        self.status, self.resolved_at, self.closed_at = CaseStatus.OPEN, None, None
        return True

    def escalate(self, at: datetime) -> bool:
        """Somebody higher up is to look at it. False when that was said before."""
        self.must_not_be_over()
        if self.escalated_at is not None:
            return False
        self.escalated_at = at
        return True

    def name_article(self, article_id: str) -> None:
        """This article helped with it. Raises TooManyArticles."""
        if article_id in self.article_ids:
            return
        if len(self.article_ids) >= MOST_ARTICLES:
            raise TooManyArticles(say("A case names at most {limit} articles.", limit=MOST_ARTICLES))
        self.article_ids = [*self.article_ids, article_id]

    def forget_article(self, article_id: str) -> None:
        """It did not help."""
        self.article_ids = [each for each in self.article_ids if each != article_id]


search_index(Case, "subject")
list_indexes(
    Case,
    filters=(
        *("status", "type", "priority", "category", "account_id", "contact_id", "order_id", "product_id"),
        *(
            "entitlement_id",
            "coverage",
            "resolution_breached_at",
            "escalated_at",
            "merged_into_id",
            "owner_id",
            "team_id",
        ),
    ),
    sorts=("created_at", "updated_at", "number", "due_at"),
)
Index("cases_number_key", Case.number, unique=True)
# What the job looks for: the next clock that runs out unnoticed.
_ticking = Case.breach_at.is_not(None)
Index("cases_breach_at", Case.breach_at, Case.id, postgresql_where=_ticking, sqlite_where=_ticking)

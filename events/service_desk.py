"""What the service desk announces: cases and what is said in them, articles, and service contracts (entitlements)."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal

Clock = Literal["first_response", "resolution"]


class CaseState(BaseModel):
    """What a customer asks for or complains about. Names of others' records are not in it; times are UTC.

    ``due_at`` is the nearest promise that is still running: null while it waits for the customer and once it is over.
    ``coverage`` says what the customer's service contract, ``entitlement_id``, was worth when the case came in.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    type: Literal["question", "request", "problem", "complaint", "warranty", "refund"]
    status: Literal["new", "open", "waiting", "resolved", "closed"]
    priority: Literal["low", "normal", "high", "urgent"]
    category: str | None = None
    subject: Personal
    account_id: str | None = None
    contact_id: str | None = None
    order_id: str | None = None
    product_id: str | None = None
    resolution: OptionalPersonal = None
    entitlement_id: str | None = None
    coverage: Literal["covered", "expired", "used_up", "none"] = "none"
    article_ids: tuple[str, ...] = ()
    sla_policy_id: str | None = None
    first_response_due_at: datetime | None = None
    first_responded_at: datetime | None = None
    first_response_breached_at: datetime | None = None
    resolution_due_at: datetime | None = None
    resolution_breached_at: datetime | None = None
    due_at: datetime | None = None
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into_id: str | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutCase(Event):
    case: CaseState

    @property
    def subject(self) -> str:
        return f"case:{self.case.id}"

    def persons(self) -> tuple[str, ...]:
        named = (("account", self.case.account_id), ("contact", self.case.contact_id))
        return tuple(f"{noun}:{known}" for noun, known in named if known)


class CaseCreated(_AboutCase):
    """A customer wants something."""

    type: ClassVar[str] = "service_desk.case.created.v1"


class _CaseChange(_AboutCase):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class CaseUpdated(_CaseChange):
    """Fields of a case changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "service_desk.case.updated.v1"


class CaseAssigned(_CaseChange):
    """Somebody else works on it from now on."""

    type: ClassVar[str] = "service_desk.case.assigned.v1"


class CaseEscalated(_CaseChange):
    """It went to somebody who can do more about it."""

    type: ClassVar[str] = "service_desk.case.escalated.v1"
    reason: OptionalPersonal = None


class CaseOpened(_CaseChange):
    """Work on it began, or goes on after waiting for the customer."""

    type: ClassVar[str] = "service_desk.case.opened.v1"


class CasePaused(_CaseChange):
    """It waits for the customer; its clocks stand still."""

    type: ClassVar[str] = "service_desk.case.paused.v1"


class CaseResolved(_CaseChange):
    """The customer has an answer or a remedy; ``resolution`` says which."""

    type: ClassVar[str] = "service_desk.case.resolved.v1"


class CaseClosed(_CaseChange):
    """Nothing more is expected of it."""

    type: ClassVar[str] = "service_desk.case.closed.v1"


class CaseReopened(_CaseChange):
    """It was not over after all."""

    type: ClassVar[str] = "service_desk.case.reopened.v1"


class CaseMerged(_CaseChange):
    """It was the same matter as another case, which goes on; this one is closed for good."""

    type: ClassVar[str] = "service_desk.case.merged.v1"
    merged_into: str


class CaseBreached(_CaseChange):
    """A promise was not kept: ``clock`` says which. Told once for each clock of a case."""

    type: ClassVar[str] = "service_desk.case.breached.v1"
    clock: Clock


class MessageState(BaseModel):
    """What was said in a case: to the customer, by the customer, or among ourselves (internal)."""

    model_config = ConfigDict(frozen=True)

    id: str
    case_id: str
    visibility: Literal["public", "internal"]
    direction: Literal["in", "out"]
    channel: str | None = None
    external_id: str | None = None
    text: Personal
    author: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class MessageWritten(Event):
    """Something was said in a case, which is of this customer."""

    type: ClassVar[str] = "service_desk.message.written.v1"

    message: MessageState
    account_id: str | None = None
    contact_id: str | None = None

    @property
    def subject(self) -> str:
        return f"message:{self.message.id}"

    def persons(self) -> tuple[str, ...]:
        named = (("account", self.account_id), ("contact", self.contact_id))
        return tuple(f"{noun}:{known}" for noun, known in named if known)


class ArticleState(BaseModel):
    """An answer to a common question, in one language. A revision of a published one names it in ``supersedes_id``."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    revision: int
    supersedes_id: str | None = None
    title: str
    language: Literal["vi", "en"]
    tags: tuple[str, ...] = ()
    status: Literal["draft", "review", "published", "archived"]
    author: str | None = None
    published_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutArticle(Event):
    article: ArticleState

    @property
    def subject(self) -> str:
        return f"article:{self.article.id}"


class ArticleCreated(_AboutArticle):
    """Somebody drafts an answer, or a revision of one."""

    type: ClassVar[str] = "service_desk.article.created.v1"


class _ArticleChange(_AboutArticle):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ArticleUpdated(_ArticleChange):
    """Fields of an article changed, or it went to or from review."""

    type: ClassVar[str] = "service_desk.article.updated.v1"


class ArticlePublished(_ArticleChange):
    """A second pair of eyes found it right: whoever searches finds it."""

    type: ClassVar[str] = "service_desk.article.published.v1"


class ArticleArchived(_ArticleChange):
    """It is not found any more."""

    type: ClassVar[str] = "service_desk.article.archived.v1"


class EntitlementState(BaseModel):
    """What a customer's service contract gives: so many cases (null: any number) from one day to another."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    account_id: str | None = None
    contact_id: str | None = None
    product_id: str | None = None
    starts_on: date
    ends_on: date
    cases_allotted: int | None = None
    cases_used: int = 0
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutEntitlement(Event):
    entitlement: EntitlementState

    @property
    def subject(self) -> str:
        return f"entitlement:{self.entitlement.id}"

    def persons(self) -> tuple[str, ...]:
        named = (("account", self.entitlement.account_id), ("contact", self.entitlement.contact_id))
        return tuple(f"{noun}:{known}" for noun, known in named if known)


class EntitlementCreated(_AboutEntitlement):
    """A customer is entitled to service."""

    type: ClassVar[str] = "service_desk.entitlement.created.v1"


class EntitlementUpdated(_AboutEntitlement):
    """Its terms changed, or a case used one of those that it allots."""

    type: ClassVar[str] = "service_desk.entitlement.updated.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)

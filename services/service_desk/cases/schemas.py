"""What is asked of cases, and what is answered."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from sqlalchemy.orm import Session

from chassis.fields import Custom, LongText, Text60, Text300, Text500
from chassis.http import Body, View
from chassis.i18n import say
from services.service_desk.articles.queries import titles_of
from services.service_desk.cases.model import Case, CaseStatus
from services.service_desk.entitlements.model import Coverage
from services.service_desk.entitlements.queries import entitlements_of
from services.service_desk.kinds import CaseType, Priority
from services.service_desk.people.queries import names_of
from services.service_desk.records.queries import known_records

_NAMED = ("account", "contact", "order", "product")
_LONGEST_SUBJECT = 300
_LOOKED_UP = ("account", "contact", "order", "product", "owner_name", "articles", "entitlement")


class _Facts(Body):
    """What people may say of a case. ``category`` is one of ``/case_categories``, or a word of one's own."""

    priority: Priority = Priority.NORMAL
    category: Text60 | None = None
    description: LongText | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    order_id: UUID | None = None
    product_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts = self.model_dump(exclude_unset=True, exclude={"id", "owner_id"}, mode="python")
        facts |= {name: str(value) for name, value in facts.items() if isinstance(value, UUID | CaseType | Priority)}
        return facts

    def references(self) -> dict[str, str]:
        """The records that it names, by field."""
        named = {f"{noun}_id": (noun, getattr(self, f"{noun}_id")) for noun in _NAMED}
        return {field: f"{noun}:{known}" for field, (noun, known) in named.items() if known}


class CreateCase(_Facts):
    """A matter of a customer; without a ``subject`` the description's first line serves. ``owner_id``: see assign."""

    id: UUID | None = None
    type: CaseType
    subject: Text300 | None = None
    owner_id: UUID | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.subject and not self.description:
            raise ValueError(say("Give a subject or a description."))
        return self

    def facts(self) -> dict[str, Any]:
        """The columns, with a subject."""
        facts = super().facts()
        first_line = (self.description or "").splitlines()[0].strip() if self.description else ""
        facts["subject"] = self.subject or first_line[:_LONGEST_SUBJECT]
        return facts | {"custom": {key: value for key, value in self.custom.items() if value is not None}}


class PatchCase(_Facts):
    """A merge patch: null takes a value away, ``custom`` merges per key."""

    type: CaseType = CaseType.QUESTION
    subject: Text300 = ""


class ResolveCase(Body):
    """What the answer or remedy was."""

    resolution: LongText


class EscalateCase(Body):
    """To whom; left out, to the manager of whoever owns it."""

    owner_id: UUID | None = None
    reason: Text500 | None = None


class MergeCase(Body):
    """Which case goes on."""

    into: UUID


class LinkArticle(Body):
    """Which published article helped."""

    article_id: UUID


class RecordName(BaseModel):
    """A record of sales; ``pending`` until its name is known here."""

    id: str
    name: str | None
    pending: bool


class ArticleName(BaseModel):
    """An article that helped."""

    id: str
    title: str


class Contract(View):
    """The customer's service contract that a case counts on. ``cases_left`` null is any number."""

    id: str
    name: str
    ends_on: date
    cases_left: int | None


class CaseView(View):
    """A case. ``due_at`` is the next promise that runs; it is overdue once that has passed.

    ``coverage`` is what the service contract ``entitlement_id`` was worth when the case came in: covered, with one of
    its cases used; expired; used_up; none.
    """

    id: str
    number: str
    type: CaseType
    status: CaseStatus
    priority: Priority
    category: str | None
    subject: str
    description: str | None
    account_id: str | None
    account: RecordName | None = None
    contact_id: str | None
    contact: RecordName | None = None
    order_id: str | None
    order: RecordName | None = None
    product_id: str | None
    product: RecordName | None = None
    resolution: str | None
    entitlement_id: str | None
    entitlement: Contract | None = None
    coverage: Coverage
    article_ids: list[str]
    articles: list[ArticleName] = Field(default_factory=list)
    sla_policy_id: str | None
    first_response_due_at: datetime | None
    first_responded_at: datetime | None
    first_response_breached_at: datetime | None
    resolution_due_at: datetime | None
    resolution_breached_at: datetime | None
    due_at: datetime | None
    escalated_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    merged_into_id: str | None
    owner_id: str | None
    owner_name: str | None = None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, case: Case) -> Self:
        """This case, without others' names."""
        return cls.model_validate({name: getattr(case, name) for name in cls.model_fields if name not in _LOOKED_UP})


class Category(BaseModel):
    """What customers often ask about."""

    key: str
    label: str


class Categories(BaseModel):
    """The usual ones; any other word will do as well."""

    items: list[Category]


class CustomersCase(View):
    """What somebody may know of a case who only may read its customer."""

    id: str
    number: str
    type: CaseType
    status: CaseStatus
    priority: Priority
    subject: str
    due_at: datetime | None
    resolved_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, case: Case) -> Self:
        """This case in short."""
        return cls.model_validate(case)


def case_view(tx: Session, case: Case) -> CaseView:
    """This case with the names of what it names."""
    view = CaseView.of(case)
    with_names(tx, [view])
    return view


def with_names(tx: Session, views: Sequence[CaseView]) -> None:
    """Fill in what the records, owners, contracts and articles of these cases are called."""
    refs = {ref for view in views for ref in _references(view).values()}
    known = known_records(tx, refs)
    people = names_of(tx, {view.owner_id for view in views if view.owner_id})
    titles = titles_of(tx, {each for view in views for each in view.article_ids})
    contracts = entitlements_of(tx, {view.entitlement_id for view in views if view.entitlement_id})
    for view in views:
        contract = contracts.get(view.entitlement_id or "")
        view.entitlement = Contract.model_validate(contract) if contract else None
        for noun, ref in _references(view).items():
            record = known.get(ref)
            name = record.name if record else None
            setattr(view, noun, RecordName(id=ref.partition(":")[2], name=name, pending=record is None))
        view.owner_name = people.get(view.owner_id or "")
        view.articles = [ArticleName(id=each, title=titles[each]) for each in view.article_ids if each in titles]


def _references(view: CaseView) -> dict[str, str]:
    named = {noun: getattr(view, f"{noun}_id") for noun in _NAMED}
    return {noun: f"{noun}:{known}" for noun, known in named.items() if known}

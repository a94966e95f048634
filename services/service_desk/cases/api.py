"""The routes of cases. Each says which right it needs, finds the case as the caller, calls one action or query."""

from typing import Annotated, Any, NoReturn
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.caller import Caller
from chassis.errors import FieldError, NotFound
from chassis.fields import Assign, Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.i18n import Catalogue, Language, say
from chassis.paging import ListRequest, Page
from chassis.rights import UnknownReference, must_have, owner_of_new, to_change, to_read
from services.service_desk.articles.model import ArticleStatus
from services.service_desk.articles.queries import find_article
from services.service_desk.cases import actions
from services.service_desk.cases.model import Case
from services.service_desk.cases.queries import CASES
from services.service_desk.cases.schemas import (
    CaseView,
    Categories,
    Category,
    CreateCase,
    CustomersCase,
    EscalateCase,
    LinkArticle,
    MergeCase,
    PatchCase,
    ResolveCase,
    case_view,
    with_names,
)
from services.service_desk.kinds import CATEGORIES
from services.service_desk.records.queries import known_records, may_name, must_be_nameable, must_be_readable

router = Router(tags=["cases"])

Regarding = Annotated[
    str,
    Query(
        pattern=r"^(account|contact):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        description="The customer: `account:<id>` or `contact:<id>`",
    ),
]


@router.get("/cases", listing=CASES)
def list_cases(tx: Session, asked: ListRequest) -> Page[CaseView]:
    """The cases that the caller may see."""
    must_have(tx, Case, "read")
    page = CASES.page(tx, asked, CaseView.of)
    with_names(tx, page.items)
    return page


@router.post("/cases", status_code=201)
def create_case(tx: Session, caller: Caller, body: CreateCase) -> CaseView:
    """Take up a customer's matter. It counts on their service contract, if one covers it."""
    must_have(tx, Case, "create")
    must_be_nameable(tx, body.references())
    case = actions.create_case(
        tx,
        facts=_with_account(tx, body.facts()),
        owner_id=owner_of_new(tx, caller, Case, body.owner_id),
        case_id=str(body.id) if body.id else None,
    )
    return case_view(tx, case)


@router.get("/cases/{case_id}")
def read_case(tx: Session, case_id: UUID) -> CaseView:
    """One case."""
    return case_view(tx, to_read(tx, Case, case_id))


@router.patch("/cases/{case_id}")
def change_case(tx: Session, case_id: UUID, body: PatchCase, if_match: IfMatch) -> CaseView:
    """Change fields of a case (merge patch); 409 for a closed one. Another type or priority has its own promise."""
    case = _to_change(tx, case_id, if_match)
    now = {f"{noun}_id": getattr(case, f"{noun}_id") for noun in ("account", "contact", "order", "product")}
    new = {field: ref for field, ref in body.references().items() if ref.partition(":")[2] != now[field]}
    must_be_nameable(tx, new)
    return case_view(tx, actions.change_case(tx, case, facts=body.facts()))


@router.post("/cases/{case_id}/assign")
def assign_case(tx: Session, case_id: UUID, body: Assign, if_match: IfMatch) -> CaseView:
    """Somebody works on it from now on; a new case is open with that."""
    case = _to_change(tx, case_id, if_match, act="assign")
    return case_view(tx, actions.assign_case(tx, case, owner_id=str(body.owner_id)))


@router.post("/cases/{case_id}/escalate")
def escalate_case(tx: Session, case_id: UUID, if_match: IfMatch, body: EscalateCase | None = None) -> CaseView:
    """It goes to somebody who can do more about it: whoever is named, or its owner's manager."""
    asked = body or EscalateCase()
    case = _to_change(tx, case_id, if_match)
    to = str(asked.owner_id) if asked.owner_id else None
    return case_view(tx, actions.escalate_case(tx, case, to=to, reason=asked.reason))


@router.post("/cases/{case_id}/open")
def open_case(tx: Session, case_id: UUID, if_match: IfMatch) -> CaseView:
    """Work on it begins, or goes on after a wait."""
    return case_view(tx, actions.open_case(tx, _to_change(tx, case_id, if_match)))


@router.post("/cases/{case_id}/wait")
def pause_case(tx: Session, case_id: UUID, if_match: IfMatch) -> CaseView:
    """It waits for the customer; its clocks stand still."""
    return case_view(tx, actions.pause_case(tx, _to_change(tx, case_id, if_match)))


@router.post("/cases/{case_id}/resolve")
def resolve_case(tx: Session, case_id: UUID, body: ResolveCase, if_match: IfMatch) -> CaseView:
    """The customer has an answer or a remedy: say which."""
    return case_view(tx, actions.resolve_case(tx, _to_change(tx, case_id, if_match), resolution=body.resolution))


@router.post("/cases/{case_id}/close")
def close_case(tx: Session, case_id: UUID, if_match: IfMatch) -> CaseView:
    """Nothing more is expected of it; 409 before it is resolved."""
    return case_view(tx, actions.close_case(tx, _to_change(tx, case_id, if_match)))


@router.post("/cases/{case_id}/reopen")
def reopen_case(tx: Session, case_id: UUID, if_match: IfMatch) -> CaseView:
    """It was not over after all; 409 for one that was never resolved."""
    return case_view(tx, actions.reopen_case(tx, _to_change(tx, case_id, if_match)))


@router.post("/cases/{case_id}/merge")
def merge_case(tx: Session, case_id: UUID, body: MergeCase, if_match: IfMatch) -> CaseView:
    """It is the same matter as another case that the caller may change: that one goes on, with what was said here."""
    to_read(tx, Case, case_id)  # whoever may not see it learns nothing about the other one
    # The locks: always the lower id first, so that two who merge two cases into each other do not wait for ever.
    for each in sorted({case_id, body.into}):
        if each == body.into:
            into = _other_case(tx, body.into)
        if each == case_id:
            case = _to_change(tx, case_id, if_match)
    if case is into:
        _refuse_into(say("A case does not go into itself."))
    return case_view(tx, actions.merge_case(tx, case, into=into))


@router.post("/cases/{case_id}/articles")
def link_article(tx: Session, case_id: UUID, body: LinkArticle, if_match: IfMatch) -> CaseView:
    """A published article helped with it."""
    case = _to_change(tx, case_id, if_match)
    _check_article(tx, body.article_id)
    return case_view(tx, actions.link_article(tx, case, str(body.article_id)))


@router.delete("/cases/{case_id}/articles/{article_id}", status_code=204)
def unlink_article(tx: Session, case_id: UUID, article_id: UUID, if_match: IfMatch) -> None:
    """It did not help."""
    actions.unlink_article(tx, _to_change(tx, case_id, if_match), str(article_id))


@router.get("/cases/{case_id}/history")
def read_case_history(tx: Session, case_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a case, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Case, case_id), limit=limit, cursor=cursor)


@router.get("/case_categories")
def list_categories(tx: Session, catalogue: Catalogue, language: Language) -> Categories:
    """What customers often ask about, in the reader's language."""
    must_have(tx, Case, "read")
    items = [Category(key=key, label=catalogue.text(label, language)) for key, label in CATEGORIES.items()]
    return Categories(items=items)


@router.get("/customer_cases", listing=CASES)
def list_customer_cases(tx: Session, asked: ListRequest, regarding: Regarding) -> Page[CustomersCase]:
    """The cases of a customer in short, whoever works on them, for whoever may read the customer."""
    must_have(tx, Case, "read")
    must_be_readable(tx, regarding)
    noun, _, customer_id = regarding.partition(":")
    whose: Any = Case.account_id if noun == "account" else Case.contact_id
    with as_system(tx, "whoever may read a customer may know of the customer's cases"):
        return CASES.page(tx, asked, CustomersCase.of, where=[whose == customer_id])


def _with_account(tx: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """A contact's matter is their account's too, as far as the caller may know it."""
    contact_id = facts.get("contact_id")
    if not contact_id or facts.get("account_id"):
        return facts
    contact = known_records(tx, {f"contact:{contact_id}"}).get(f"contact:{contact_id}")
    if contact is None or contact.account_id is None:
        return facts
    ref = f"account:{contact.account_id}"
    return facts | {"account_id": contact.account_id} if may_name(tx, ref, known_records(tx, {ref}).get(ref)) else facts


def _other_case(tx: Session, case_id: UUID) -> Case:
    try:
        return to_change(tx, Case, case_id)
    except NotFound:
        _refuse_into(say("There is no such record, or it is not yours to see."))


def _refuse_into(message: str) -> NoReturn:
    raise UnknownReference(message, errors=[FieldError("/into", message)])


def _check_article(tx: Session, article_id: UUID) -> None:
    try:
        published = find_article(tx, str(article_id)).status == ArticleStatus.PUBLISHED
    except NotFound:
        published = False
    if not published:
        message = say("There is no published article of this id.")
        raise UnknownReference(message, errors=[FieldError("/article_id", message)])


def _to_change(tx: Session, case_id: UUID, if_match: IfMatch, *, act: str = "write") -> Case:
    return to_change(tx, Case, case_id, if_match, view=lambda case: case_view(tx, case), act=act)

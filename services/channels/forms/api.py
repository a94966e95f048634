"""Routes for administrators who make forms, and for anybody who fills one in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from chassis.access import find
from chassis.caller import Caller, requires_role
from chassis.errors import Invalid, NotAllowed, RelataError
from chassis.filters import Filter
from chassis.http import Face, IfMatch, RawBody, Reply, Route, Router
from chassis.i18n import choose_language, say
from chassis.paging import Listing, ListRequest, Page
from services.channels.changes import HistoryPage, history_page
from services.channels.forms import actions
from services.channels.forms.answers import facts_in, is_robot, read_answers
from services.channels.forms.embedding import script_of
from services.channels.forms.model import Form
from services.channels.forms.queries import find_open_form
from services.channels.forms.rate import count_answer
from services.channels.forms.schemas import ChangeForm, CreateForm, FormView, Thanks
from services.channels.intake.actions import receive_form
from services.channels.intake.schemas import capture_of, headers_of

router = Router(tags=["forms"])

FORMS = Listing(
    model=Form,
    sorts=("created_at", "name"),
    default_sort="-created_at",
    filters={"key": Filter(Form.key), "active": Filter(Form.active)},
)

_administrators = requires_role("administrator")
_ANSWERS = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
_BODY = {
    "required": True,
    "content": {"application/json": _ANSWERS, "application/x-www-form-urlencoded": _ANSWERS},
}
_ANSWER_BYTES = 65_536
_SCRIPT_FRESH_S = 300


@router.get("/forms", allow=_administrators, listing=FORMS)
def list_forms(tx: Session, asked: ListRequest) -> Page[FormView]:
    """Web forms, the newest first."""
    return FORMS.page(tx, asked, FormView.model_validate, where=[Form.deleted_at.is_(None)])


@router.post("/forms", status_code=201, allow=_administrators)
def create_form(tx: Session, body: CreateForm) -> FormView:
    """Make a form that anybody may fill in."""
    values = body.model_dump(mode="json", exclude={"id"})
    return FormView.model_validate(actions.create_form(tx, form_id=str(body.id) if body.id else None, **values))


@router.get("/forms/{form_id}", allow=_administrators)
def read_form(tx: Session, form_id: UUID) -> FormView:
    """One form."""
    return FormView.model_validate(find(tx, Form, str(form_id)))


@router.patch("/forms/{form_id}", allow=_administrators)
def change_form(tx: Session, form_id: UUID, body: ChangeForm, if_match: IfMatch) -> FormView:
    """Change a form; its key stays."""
    form = _find_to_write(tx, form_id, if_match)
    changes = body.model_dump(mode="json", exclude_unset=True)
    if "custom" in changes:
        merged = {**form.custom, **changes["custom"]}
        changes["custom"] = {name: value for name, value in merged.items() if value is not None}
    return FormView.model_validate(actions.change_form(tx, form, changes))


@router.delete("/forms/{form_id}", allow=_administrators)
def delete_form(tx: Session, form_id: UUID, if_match: IfMatch) -> None:
    """Delete a form: pages that hold it are told that there is none."""
    actions.delete_form(tx, _find_to_write(tx, form_id, if_match))


@router.post("/forms/{form_id}/restore", allow=_administrators)
def restore_form(tx: Session, form_id: UUID) -> FormView:
    """Bring a deleted form back."""
    form = find(tx, Form, str(form_id), lock=True, deleted=True)
    return FormView.model_validate(actions.restore_form(tx, form))


@router.get("/forms/{form_id}/history", allow=_administrators)
def read_form_history(
    tx: Session, form_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed on a form, by whom and when."""
    return history_page(tx, find(tx, Form, str(form_id)), limit=limit, cursor=cursor)


def _find_to_write(tx: Session, form_id: UUID, if_match: IfMatch) -> Form:
    form = find(tx, Form, str(form_id), lock=True)
    if_match.check(form.version, lambda: FormView.model_validate(form))
    return form


@router.post(
    "/public/forms/{form_key}",
    status_code=202,
    public=True,
    body_limit=_ANSWER_BYTES,
    openapi_extra={"requestBody": _BODY},
)
def fill_in_form(
    tx: Session, caller: Caller, face: Face, request: Request, form_key: str, raw: RawBody
) -> Reply[Thanks]:
    """Fill in a form, as JSON or as a browser sends it."""
    form = find_open_form(tx, form_key)
    with _heard_by_the_page(form, request) as cors:
        count_answer(face.node.settings, form.id, caller.id)  # the gateway tells strangers apart by address
        answers = read_answers(raw, request.headers.get("content-type", ""))
        robot = is_robot(form, answers)
        try:
            facts = facts_in(form, answers)
        except Invalid:
            if not robot:
                raise
            facts = {}  # whatever it wrote, it learns nothing from our answer
        receive_form(tx, form.key, facts=facts, capture=capture_of(raw, headers_of(request)), suspicious=robot)
        language = choose_language(request.headers.get("accept-language", ""), caller.locale)
        thanks = face.catalogue.text(say("Thank you. We will be in touch."), language)
        return Reply(Thanks.of(form, thanks), headers=cors)


def may_fill_in(tx: Session, request: Request, form_key: str) -> Response:
    """What a browser asks before it lets a page of another origin send a form."""
    form = find_open_form(tx, form_key)
    with _heard_by_the_page(form, request) as cors:
        asked = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type, Accept-Language, Idempotency-Key",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers={**cors, **asked})


router.routes.append(
    Route(
        "OPTIONS", "/public/forms/{form_key}", may_fill_in, tags=("forms",), status_code=204, public=True, writes=False
    )
)


@router.get("/public/forms/{form_key}.js", public=True)
def embed_form(tx: Session, form_key: str) -> Response:
    """A script that puts the form on the page that loads it, in the page's language."""
    headers = {"Cache-Control": f"public, max-age={_SCRIPT_FRESH_S}", "X-Content-Type-Options": "nosniff"}
    return Response(script_of(find_open_form(tx, form_key)), 200, headers, "text/javascript; charset=utf-8")


@contextmanager
def _heard_by_the_page(form: Form, request: Request) -> Iterator[dict[str, str]]:
    """The headers that let the page read the answer, refusals included; raises NotAllowed for other people's pages."""
    origin = request.headers.get("origin")
    if not form.welcomes(origin):
        raise NotAllowed(say("This form does not belong on that page."))
    cors: dict[str, Any] = {"Vary": "Origin"}
    if origin is not None:
        cors["Access-Control-Allow-Origin"] = origin if form.allowed_origins else "*"
    try:
        yield cors
    except RelataError as error:
        error.headers.update(cors)
        raise

"""The routes of leads. Each says which right it needs, finds the lead as the caller, calls one action or query."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import System, access_of, find, require
from chassis.caller import Caller
from chassis.errors import NotAllowed
from chassis.history import history_of
from chassis.http import IfMatch, Reply, Router
from chassis.i18n import say
from chassis.paging import ListRequest, Page
from services.sales.leads import actions
from services.sales.leads.model import Lead
from services.sales.leads.points import Kind
from services.sales.leads.queries import LEADS, duplicates_of, summary
from services.sales.leads.schemas import (
    AddPoint,
    AssignLead,
    ChangeView,
    Count,
    CreateLead,
    DisqualifyLead,
    History,
    Leads,
    LeadView,
    NewLeadView,
    PatchLead,
    PointView,
    Summary,
    read_points,
    view_of,
)

router = Router(tags=["leads"])

_KNOWN: dict[int | str, Any] = {200: {"model": PointView, "description": "It was known already."}}


@router.get("/leads", listing=LEADS)
def list_leads(tx: Session, asked: ListRequest) -> Page[LeadView]:
    """The leads that the caller may see."""
    _may(tx, "read")
    return LEADS.page(tx, asked, LeadView.of)


@router.post("/leads", status_code=201)
def create_lead(tx: Session, caller: Caller, body: CreateLead) -> NewLeadView:
    """Type in a lead. A person who is known already is not refused: `duplicates` says so, as far as you may see."""
    _may(tx, "create")
    owner_id = _owner(tx, caller, body.owner_id)
    lead = actions.create_lead(
        tx,
        facts=body.facts(),
        phones=body.points("phone") or [],
        emails=body.points("email") or [],
        owner_id=owner_id,
        lead_id=str(body.id) if body.id else None,
    )
    return NewLeadView.among(lead, duplicates_of(tx, lead))


@router.get("/leads/summary")
def summarise_leads(tx: Session, by: Literal["source", "status"]) -> Summary:
    """How many leads have each source or status, of those that the caller may see."""
    _may(tx, "read")
    counts = [Count(value=value, count=count) for value, count in summary(tx, by)]
    return Summary(by=by, items=counts, total=sum(each.count for each in counts))


@router.get("/leads/{lead_id}")
def read_lead(tx: Session, lead_id: UUID) -> LeadView:
    """One lead."""
    _may(tx, "read")
    return LeadView.of(find(tx, Lead, str(lead_id)))


@router.patch("/leads/{lead_id}")
def change_lead(tx: Session, lead_id: UUID, body: PatchLead, if_match: IfMatch) -> LeadView:
    """Change fields of a lead (merge patch)."""
    lead = _to_change(tx, lead_id, if_match)
    phones, emails = body.points("phone"), body.points("email")
    return LeadView.of(actions.change_lead(tx, lead, facts=body.facts(), phones=phones, emails=emails))


@router.delete("/leads/{lead_id}", status_code=204)
def delete_lead(tx: Session, lead_id: UUID, if_match: IfMatch) -> None:
    """Take a lead out of lists and reads; it can be restored."""
    actions.delete_lead(tx, _to_change(tx, lead_id, if_match, act="delete"))


@router.post("/leads/{lead_id}/restore")
def restore_lead(tx: Session, lead_id: UUID) -> LeadView:
    """Bring a deleted lead back."""
    return LeadView.of(actions.restore_lead(tx, _to_change(tx, lead_id, act="delete", deleted=True)))


@router.post("/leads/{lead_id}/contact")
def contact_lead(tx: Session, lead_id: UUID, if_match: IfMatch) -> LeadView:
    """Somebody reached the person: the lead is being worked on."""
    return LeadView.of(actions.contact_lead(tx, _to_change(tx, lead_id, if_match)))


@router.post("/leads/{lead_id}/disqualify")
def disqualify_lead(tx: Session, lead_id: UUID, body: DisqualifyLead, if_match: IfMatch) -> LeadView:
    """It will not become a customer."""
    return LeadView.of(actions.disqualify_lead(tx, _to_change(tx, lead_id, if_match), reason=body.reason))


@router.post("/leads/{lead_id}/assign")
def assign_lead(tx: Session, lead_id: UUID, body: AssignLead, if_match: IfMatch) -> LeadView:
    """Give a lead to somebody else."""
    lead = _to_change(tx, lead_id, if_match, act="assign")
    return LeadView.of(actions.assign_lead(tx, lead, owner_id=str(body.owner_id)))


@router.get("/leads/{lead_id}/duplicates")
def list_duplicates(tx: Session, lead_id: UUID) -> Leads:
    """Other leads that share a phone or an e-mail address, of those that the caller may see; at most 50."""
    _may(tx, "read")
    lead = find(tx, Lead, str(lead_id))
    return Leads(items=[LeadView.of(each) for each in duplicates_of(tx, lead)])


@router.get("/leads/{lead_id}/history")
def read_history(
    tx: Session,
    lead_id: UUID,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> History:
    """What was changed on a lead, by whom and when, newest first."""
    _may(tx, "read")
    lead = find(tx, Lead, str(lead_id))
    changes, next_cursor = history_of(tx, Lead.__noun__, lead.id, limit=limit, cursor=cursor)
    return History(items=[ChangeView.of(change) for change in changes], next_cursor=next_cursor)


@router.post("/leads/{lead_id}/phones", status_code=201, responses=_KNOWN)
def add_phone(tx: Session, lead_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this person; one that is known is answered with 200."""
    return _add_point(tx, lead_id, "phone", body, if_match)


@router.delete("/leads/{lead_id}/phones/{phone_id}", status_code=204)
def remove_phone(tx: Session, lead_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    actions.remove_point(tx, _to_change(tx, lead_id, if_match), "phone", str(phone_id))


@router.post("/leads/{lead_id}/emails", status_code=201, responses=_KNOWN)
def add_email(tx: Session, lead_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more e-mail address of this person; one that is known is answered with 200."""
    return _add_point(tx, lead_id, "email", body, if_match)


@router.delete("/leads/{lead_id}/emails/{email_id}", status_code=204)
def remove_email(tx: Session, lead_id: UUID, email_id: UUID, if_match: IfMatch) -> None:
    """Take an e-mail address away."""
    actions.remove_point(tx, _to_change(tx, lead_id, if_match), "email", str(email_id))


def _add_point(tx: Session, lead_id: UUID, kind: Kind, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    lead = _to_change(tx, lead_id, if_match)
    known = {each["id"] for each in lead.points(kind)}
    for point in read_points(kind, body.value, "/value"):
        added = actions.add_point(tx, lead, point, primary=body.primary)
    return Reply(view_of(added), status=200 if added["id"] in known else 201)


def _may(tx: Session, act: str) -> None:
    """Refuse who has no right to do this to any lead."""
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(Lead.__noun__, act) == "none":
        raise NotAllowed(say("Your role does not include this."))


def _to_change(
    tx: Session, lead_id: UUID, if_match: IfMatch | None = None, *, act: str = "write", deleted: bool = False
) -> Lead:
    """The lead, locked, if the caller may do this to it and has seen it as it is."""
    _may(tx, act)
    lead = find(tx, Lead, str(lead_id), lock=True, deleted=deleted)
    require(tx, lead, act)
    if if_match is not None:
        if_match.check(lead.version, lambda: LeadView.of(lead))
    return lead


def _owner(tx: Session, caller: Caller, wanted: UUID | None) -> str | None:
    """Who owns a new lead: the caller, or whom somebody names who may assign everybody's."""
    own_id = caller.id if caller.kind == "user" else None
    if wanted is None or str(wanted) == own_id:
        return own_id
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(Lead.__noun__, "assign") != "all":
        raise NotAllowed(say("You may create leads for yourself only."))
    return str(wanted)

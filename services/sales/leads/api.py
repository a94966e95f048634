"""The routes of leads. Each says which right it needs, finds the lead as the caller, calls one action or query."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Assign, Cursor, History, Limit
from chassis.http import IfMatch, Reply, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, owner_of_new, to_change, to_read
from services.sales.leads import actions
from services.sales.leads.model import Lead
from services.sales.leads.queries import LEADS, duplicates_of, summary
from services.sales.leads.schemas import (
    Count,
    CreateLead,
    DisqualifyLead,
    Leads,
    LeadView,
    NewLeadView,
    PatchLead,
    Summary,
)
from services.sales.points.model import Kind
from services.sales.points.schemas import KNOWN, AddPoint, PointView, read_points, view_of

router = Router(tags=["leads"])


@router.get("/leads", listing=LEADS)
def list_leads(tx: Session, asked: ListRequest) -> Page[LeadView]:
    """The leads that the caller may see."""
    must_have(tx, Lead, "read")
    return LEADS.page(tx, asked, LeadView.of)


@router.post("/leads", status_code=201)
def create_lead(tx: Session, caller: Caller, body: CreateLead) -> NewLeadView:
    """Type in a lead. A person who is known already is not refused: `duplicates` says so, as far as you may see."""
    must_have(tx, Lead, "create")
    owner_id = owner_of_new(tx, caller, Lead, body.owner_id)
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
    must_have(tx, Lead, "read")
    counts = [Count(value=value, count=count) for value, count in summary(tx, by)]
    return Summary(by=by, items=counts, total=sum(each.count for each in counts))


@router.get("/leads/{lead_id}")
def read_lead(tx: Session, lead_id: UUID) -> LeadView:
    """One lead."""
    return LeadView.of(to_read(tx, Lead, lead_id))


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
def assign_lead(tx: Session, lead_id: UUID, body: Assign, if_match: IfMatch) -> LeadView:
    """Give a lead to somebody else."""
    lead = _to_change(tx, lead_id, if_match, act="assign")
    return LeadView.of(actions.assign_lead(tx, lead, owner_id=str(body.owner_id)))


@router.get("/leads/{lead_id}/duplicates")
def list_duplicates(tx: Session, lead_id: UUID) -> Leads:
    """Other leads that share a phone or an e-mail address, of those that the caller may see; at most 50."""
    lead = to_read(tx, Lead, lead_id)
    return Leads(items=[LeadView.of(each) for each in duplicates_of(tx, lead)])


@router.get("/leads/{lead_id}/history")
def read_lead_history(tx: Session, lead_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a lead, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Lead, lead_id), limit=limit, cursor=cursor)


@router.post("/leads/{lead_id}/phones", status_code=201, responses=KNOWN)
def add_phone(tx: Session, lead_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this person; one that is known is answered with 200."""
    return _add_point(tx, lead_id, "phone", body, if_match)


@router.delete("/leads/{lead_id}/phones/{phone_id}", status_code=204)
def remove_phone(tx: Session, lead_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    actions.remove_point(tx, _to_change(tx, lead_id, if_match), "phone", str(phone_id))


@router.post("/leads/{lead_id}/emails", status_code=201, responses=KNOWN)
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


def _to_change(tx: Session, lead_id: UUID, if_match: IfMatch | None = None, **how: Any) -> Lead:
    return to_change(tx, Lead, lead_id, if_match, view=LeadView.of, **how)

"""The routes of opportunities. Each names its right, finds the opportunity as the caller, calls one action or query."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Assign, Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_exist, must_have, owner_of_new, to_change, to_read
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.customers.model import Origin
from services.sales.opportunities import actions
from services.sales.opportunities.model import Opportunity
from services.sales.opportunities.queries import OPPORTUNITIES
from services.sales.opportunities.schemas import (
    AdvanceOpportunity,
    CreateOpportunity,
    LoseOpportunity,
    OpportunityView,
    PatchOpportunity,
)
from services.sales.people.queries import get_owner

router = Router(tags=["opportunities"])


@router.get("/opportunities", listing=OPPORTUNITIES)
def list_opportunities(tx: Session, asked: ListRequest) -> Page[OpportunityView]:
    """The opportunities that the caller may see."""
    must_have(tx, Opportunity, "read")
    return OPPORTUNITIES.page(tx, asked, OpportunityView.of)


@router.post("/opportunities", status_code=201)
def create_opportunity(tx: Session, caller: Caller, body: CreateOpportunity) -> OpportunityView:
    """Type in an opportunity. A prospect who is a customer already is linked, whoever's customer it is."""
    must_have(tx, Opportunity, "create")
    owner = get_owner(tx, owner_of_new(tx, caller, Opportunity, body.owner_id))
    must_exist(tx, Account, body.account_id, "account_id")
    must_exist(tx, Contact, body.contact_id, "contact_id")
    made = actions.create_opportunity(
        tx,
        facts=body.facts() | ({"id": str(body.id)} if body.id else {}),
        amount=body.amount.money() if body.amount else None,
        prospect=body.prospect.prospect() if body.prospect else None,
        origin=Origin(owner_id=owner.id if owner else None, team_id=owner.team_id if owner else None),
    )
    return OpportunityView.of(made)


@router.get("/opportunities/{opportunity_id}")
def read_opportunity(tx: Session, opportunity_id: UUID) -> OpportunityView:
    """One opportunity."""
    return OpportunityView.of(to_read(tx, Opportunity, opportunity_id))


@router.patch("/opportunities/{opportunity_id}")
def change_opportunity(tx: Session, opportunity_id: UUID, body: PatchOpportunity, if_match: IfMatch) -> OpportunityView:
    """Change fields of an open opportunity (merge patch)."""
    opportunity = _to_change(tx, opportunity_id, if_match)
    must_exist(tx, Account, body.account_id, "account_id", now=opportunity.account_id)
    must_exist(tx, Contact, body.contact_id, "contact_id", now=opportunity.contact_id)
    amount = body.amount.money() if "amount" in body.model_fields_set else None
    return OpportunityView.of(actions.change_opportunity(tx, opportunity, facts=body.facts(), amount=amount))


@router.delete("/opportunities/{opportunity_id}", status_code=204)
def delete_opportunity(tx: Session, opportunity_id: UUID, if_match: IfMatch) -> None:
    """Take an opportunity out of lists and reads; it can be restored."""
    actions.delete_opportunity(tx, _to_change(tx, opportunity_id, if_match, act="delete"))


@router.post("/opportunities/{opportunity_id}/restore")
def restore_opportunity(tx: Session, opportunity_id: UUID) -> OpportunityView:
    """Bring a deleted opportunity back."""
    deleted = _to_change(tx, opportunity_id, act="delete", deleted=True)
    return OpportunityView.of(actions.restore_opportunity(tx, deleted))


@router.post("/opportunities/{opportunity_id}/advance")
def advance_opportunity(
    tx: Session, opportunity_id: UUID, body: AdvanceOpportunity, if_match: IfMatch
) -> OpportunityView:
    """It goes to another stage of its pipeline, forth or back, and is as likely as that stage says."""
    opportunity = _to_change(tx, opportunity_id, if_match)
    return OpportunityView.of(actions.advance_opportunity(tx, opportunity, stage=body.stage))


@router.post("/opportunities/{opportunity_id}/win")
def win_opportunity(tx: Session, opportunity_id: UUID, if_match: IfMatch) -> OpportunityView:
    """They bought. An unknown customer becomes one account (a company) or one contact (a person), once."""
    return OpportunityView.of(actions.win_opportunity(tx, _to_change(tx, opportunity_id, if_match)))


@router.post("/opportunities/{opportunity_id}/lose")
def lose_opportunity(tx: Session, opportunity_id: UUID, body: LoseOpportunity, if_match: IfMatch) -> OpportunityView:
    """They did not buy."""
    opportunity = _to_change(tx, opportunity_id, if_match)
    return OpportunityView.of(actions.lose_opportunity(tx, opportunity, reason=body.reason))


@router.post("/opportunities/{opportunity_id}/reopen")
def reopen_opportunity(tx: Session, opportunity_id: UUID, if_match: IfMatch) -> OpportunityView:
    """A won or lost one is worked on again; a customer that winning made stays."""
    return OpportunityView.of(actions.reopen_opportunity(tx, _to_change(tx, opportunity_id, if_match)))


@router.post("/opportunities/{opportunity_id}/assign")
def assign_opportunity(tx: Session, opportunity_id: UUID, body: Assign, if_match: IfMatch) -> OpportunityView:
    """Give an opportunity to somebody else."""
    opportunity = _to_change(tx, opportunity_id, if_match, act="assign")
    return OpportunityView.of(actions.assign_opportunity(tx, opportunity, owner_id=str(body.owner_id)))


@router.get("/opportunities/{opportunity_id}/history")
def read_opportunity_history(tx: Session, opportunity_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an opportunity, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Opportunity, opportunity_id), limit=limit, cursor=cursor)


def _to_change(tx: Session, opportunity_id: UUID, if_match: IfMatch | None = None, **how: Any) -> Opportunity:
    return to_change(tx, Opportunity, opportunity_id, if_match, view=OpportunityView.of, **how)

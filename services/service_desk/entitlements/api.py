"""The routes of entitlements. They have no owner: whoever has the right may see or change each of them."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.service_desk.entitlements import actions
from services.service_desk.entitlements.model import Entitlement
from services.service_desk.entitlements.queries import ENTITLEMENTS
from services.service_desk.entitlements.schemas import CreateEntitlement, EntitlementView, PatchEntitlement
from services.service_desk.records.queries import must_be_nameable

router = Router(tags=["entitlements"])


@router.get("/entitlements", listing=ENTITLEMENTS)
def list_entitlements(tx: Session, asked: ListRequest) -> Page[EntitlementView]:
    """Service contracts; ``active_on`` a day finds those that cover a case then."""
    must_have(tx, Entitlement, "read")
    return ENTITLEMENTS.page(tx, asked, EntitlementView.of)


@router.post("/entitlements", status_code=201)
def create_entitlement(tx: Session, body: CreateEntitlement) -> EntitlementView:
    """A customer is entitled to service."""
    must_have(tx, Entitlement, "create")
    must_be_nameable(tx, body.references())
    entitlement_id = str(body.id) if body.id else None
    return EntitlementView.of(actions.create_entitlement(tx, facts=body.facts(), entitlement_id=entitlement_id))


@router.get("/entitlements/{entitlement_id}")
def read_entitlement(tx: Session, entitlement_id: UUID) -> EntitlementView:
    """One contract."""
    return EntitlementView.of(to_read(tx, Entitlement, entitlement_id))


@router.patch("/entitlements/{entitlement_id}")
def change_entitlement(tx: Session, entitlement_id: UUID, body: PatchEntitlement, if_match: IfMatch) -> EntitlementView:
    """Other terms (merge patch); cases that counted on it stay as they are."""
    entitlement = to_change(tx, Entitlement, entitlement_id, if_match, view=EntitlementView.of)
    return EntitlementView.of(actions.change_entitlement(tx, entitlement, facts=body.facts()))


@router.get("/entitlements/{entitlement_id}/history")
def read_entitlement_history(tx: Session, entitlement_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a contract, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Entitlement, entitlement_id), limit=limit, cursor=cursor)

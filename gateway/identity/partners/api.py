"""``/partners``: companies that push leads. Administrators only."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.filters import Filter
from chassis.http import IfMatch, Router
from chassis.paging import Listing, ListRequest, Page
from gateway.identity.administering import HistoryPage, administrators, find_to_write, history_page, merged
from gateway.identity.partners.actions import change_partner, create_partner, delete_partner, restore_partner
from gateway.identity.partners.model import Partner
from gateway.identity.partners.schemas import ChangePartner, CreatePartner, PartnerView

router = Router(tags=["partners"])

PARTNERS = Listing(
    model=Partner,
    sorts=("created_at", "name"),
    default_sort="-created_at",
    filters={"name": Filter(Partner.name), "active": Filter(Partner.active)},
)


@router.get("/partners", allow=administrators, listing=PARTNERS)
def list_partners(tx: Session, asked: ListRequest) -> Page[PartnerView]:
    """Partners, the newest first."""
    return PARTNERS.page(tx, asked, PartnerView.model_validate, where=[Partner.deleted_at.is_(None)])


@router.post("/partners", status_code=201, allow=administrators)
def add_partner(tx: Session, body: CreatePartner) -> PartnerView:
    """A new partner, which may then get keys."""
    partner_id = str(body.id) if body.id else None
    partner = create_partner(
        tx, name=body.name, active=body.active, custom=merged({}, body.custom), partner_id=partner_id
    )
    return PartnerView.model_validate(partner)


@router.get("/partners/{partner_id}", allow=administrators)
def read_partner(tx: Session, partner_id: UUID) -> PartnerView:
    """One partner."""
    return PartnerView.model_validate(find(tx, Partner, str(partner_id)))


@router.patch("/partners/{partner_id}", allow=administrators)
def update_partner(tx: Session, partner_id: UUID, body: ChangePartner, if_match: IfMatch) -> PartnerView:
    """Rename a partner, or switch all its keys off or on."""
    partner = find_to_write(tx, Partner, partner_id, if_match, PartnerView.model_validate)
    changes = body.model_dump(exclude_unset=True)
    if "custom" in changes:
        changes["custom"] = merged(partner.custom, body.custom)
    return PartnerView.model_validate(change_partner(tx, partner, changes))


@router.delete("/partners/{partner_id}", allow=administrators)
def remove_partner(tx: Session, partner_id: UUID, if_match: IfMatch) -> None:
    """Delete a partner; its keys open nothing from now on."""
    delete_partner(tx, find_to_write(tx, Partner, partner_id, if_match, PartnerView.model_validate))


@router.post("/partners/{partner_id}/restore", allow=administrators)
def bring_partner_back(tx: Session, partner_id: UUID) -> PartnerView:
    """Bring a deleted partner back, with its keys; its name is checked again."""
    return PartnerView.model_validate(restore_partner(tx, find(tx, Partner, str(partner_id), lock=True, deleted=True)))


@router.get("/partners/{partner_id}/history", allow=administrators)
def partner_history(
    tx: Session, partner_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed, by whom and when."""
    return history_page(tx, find(tx, Partner, str(partner_id)), limit, cursor)

"""``/roles``: what somebody may do. Administrators only."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.filters import Filter
from chassis.http import IfMatch, Router
from chassis.paging import Listing, ListRequest, Page
from gateway.identity.administering import HistoryPage, administrators, find_to_write, history_page
from gateway.identity.roles.actions import change_role, create_role, delete_role
from gateway.identity.roles.model import Role
from gateway.identity.roles.schemas import ChangeRole, CreateRole, RoleView

router = Router(tags=["roles"])

ROLES = Listing(
    model=Role,
    sorts=("created_at", "key"),
    default_sort="created_at",
    filters={"key": Filter(Role.key)},
)


@router.get("/roles", allow=administrators, listing=ROLES)
def list_roles(tx: Session, asked: ListRequest) -> Page[RoleView]:
    """Roles, the built-in ones first."""
    return ROLES.page(tx, asked, RoleView.model_validate, where=[Role.deleted_at.is_(None)])


@router.post("/roles", status_code=201, allow=administrators)
def add_role(tx: Session, body: CreateRole) -> RoleView:
    """A role of the company's own."""
    fields = body.model_dump(exclude={"id", "key"})
    return RoleView.model_validate(create_role(tx, key=body.key, role_id=str(body.id) if body.id else None, **fields))


@router.get("/roles/{role_id}", allow=administrators)
def read_role(tx: Session, role_id: UUID) -> RoleView:
    """One role."""
    return RoleView.model_validate(find(tx, Role, str(role_id)))


@router.patch("/roles/{role_id}", allow=administrators)
def update_role(tx: Session, role_id: UUID, body: ChangeRole, if_match: IfMatch) -> RoleView:
    """Change labels, rights or work areas."""
    role = find_to_write(tx, Role, role_id, if_match, RoleView.model_validate)
    return RoleView.model_validate(change_role(tx, role, body.model_dump(exclude_unset=True)))


@router.delete("/roles/{role_id}", allow=administrators)
def remove_role(tx: Session, role_id: UUID, if_match: IfMatch) -> None:
    """Delete a role of the company's own that nobody has."""
    delete_role(tx, find_to_write(tx, Role, role_id, if_match, RoleView.model_validate))


@router.get("/roles/{role_id}/history", allow=administrators)
def role_history(
    tx: Session, role_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed, by whom and when."""
    return history_page(tx, find(tx, Role, str(role_id)), limit, cursor)

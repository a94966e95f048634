"""``/users``: who may sign in, and as what. Administrators only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import SecretStr
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.caller import Caller
from chassis.filters import Filter, Special
from chassis.http import IfMatch, Router
from chassis.paging import Listing, ListRequest, Page
from chassis.search import search_clause
from gateway.identity.administering import HistoryPage, administrators, find_to_write, history_page, merged
from gateway.identity.roles.model import Role, role_holders
from gateway.identity.teams.model import team_members
from gateway.identity.users.actions import activate_user, change_user, create_user
from gateway.identity.users.model import User
from gateway.identity.users.schemas import ChangeUser, CreateUser, UserView

router = Router(tags=["users"])


def _with_role(key: str, _caller: Caller) -> ColumnElement[bool]:
    holders = select(role_holders.c.user_id).join(Role, Role.id == role_holders.c.role_id)
    return User.id.in_(holders.where(Role.key == key))


def _in_team(team_id: UUID, _caller: Caller) -> ColumnElement[bool]:
    return User.id.in_(select(team_members.c.user_id).where(team_members.c.team_id == str(team_id)))


USERS = Listing(
    model=User,
    sorts=("created_at", "updated_at", "name", "email"),
    default_sort="-created_at",
    filters={
        "email": Filter(User.email),
        "active": Filter(User.active),
        "manager_id": Filter(User.manager_id),
        "updated_at": Filter(User.updated_at),
        "role": Special(_with_role),
        "team_id": Special(_in_team, UUID),
    },
    search=lambda q: search_clause(User.search_text, q),
)


@router.get("/users", allow=administrators, listing=USERS)
def list_users(tx: Session, asked: ListRequest) -> Page[UserView]:
    """Users, the newest first."""
    return USERS.page(tx, asked, UserView.model_validate, where=[User.deleted_at.is_(None)])


@router.post("/users", status_code=201, allow=administrators)
def add_user(tx: Session, body: CreateUser) -> UserView:
    """Somebody new may sign in."""
    fields = _stored(body.model_dump(exclude={"id"}))
    fields["custom"] = merged({}, body.custom)
    return UserView.model_validate(create_user(tx, user_id=str(body.id) if body.id else None, **fields))


@router.get("/users/{user_id}", allow=administrators)
def read_user(tx: Session, user_id: UUID) -> UserView:
    """One user."""
    return UserView.model_validate(find(tx, User, str(user_id)))


@router.patch("/users/{user_id}", allow=administrators)
def update_user(tx: Session, user_id: UUID, body: ChangeUser, if_match: IfMatch) -> UserView:
    """Change a user; rights take effect at once."""
    user = find_to_write(tx, User, user_id, if_match, UserView.model_validate)
    changes = _stored(body.model_dump(exclude_unset=True))
    if "custom" in changes:
        changes["custom"] = merged(user.custom, body.custom)
    return UserView.model_validate(change_user(tx, user, changes))


@router.post("/users/{user_id}/activate", allow=administrators)
def let_user_in_again(tx: Session, user_id: UUID, if_match: IfMatch) -> UserView:
    """They may sign in again, with the password they had."""
    user = find_to_write(tx, User, user_id, if_match, UserView.model_validate)
    return UserView.model_validate(activate_user(tx, user))


@router.get("/users/{user_id}/history", allow=administrators)
def user_history(
    tx: Session, user_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed, by whom and when."""
    return history_page(tx, find(tx, User, str(user_id)), limit, cursor)


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    """Ids as texts, the password out of its wrapping."""
    for name, value in fields.items():
        if isinstance(value, UUID):
            fields[name] = str(value)
        elif isinstance(value, SecretStr):
            fields[name] = value.get_secret_value()
        elif name == "team_ids":
            fields[name] = [str(each) for each in value]
    return fields

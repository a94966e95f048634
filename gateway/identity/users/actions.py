"""Users come, change and go."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import lock
from chassis.i18n import say
from chassis.outbox import emit
from events.gateway import UserCreated, UserDeactivated, UserUpdated
from gateway.identity.passwords import hash_password
from gateway.identity.roles.queries import named_roles
from gateway.identity.teams.queries import teams_with_ids
from gateway.identity.users.model import EmailTaken, LastAdministrator, User
from gateway.identity.users.queries import check_manager, has_other_administrator, user_with_email


def create_user(
    tx: Session,
    *,
    email: str,
    name: str,
    password: str | None,
    role_ids: Sequence[str] = (),
    team_ids: Sequence[str] = (),
    user_id: str | None = None,
    **fields: Any,
) -> User:
    """Somebody new may sign in. ``role_ids`` are ids or keys; raises EmailTaken, Invalid for what is not there."""
    if user_with_email(tx, email) is not None:
        raise EmailTaken(say("Another user has this e-mail address."))
    check_manager(tx, user_id, fields.get("manager_id"))
    user = User(email=email, name=name, **fields)
    user.password_hash = hash_password(password) if password is not None else None
    user.roles = named_roles(tx, role_ids)
    user.teams = teams_with_ids(tx, team_ids)
    if user_id is not None:
        user.id = user_id
    tx.add(user)
    tx.flush()
    emit(tx, UserCreated(user=user.state))
    return user


def change_user(tx: Session, user: User, changes: Mapping[str, Any]) -> User:
    """Change what is given; raises EmailTaken, LastAdministrator, Invalid for what is not there."""
    before, rest = user.state, dict(changes)
    if "email" in rest and rest["email"] != user.email and user_with_email(tx, rest["email"]) is not None:
        raise EmailTaken(say("Another user has this e-mail address."))
    if "manager_id" in rest:
        check_manager(tx, user.id, rest["manager_id"])
    if "role_ids" in rest:
        _give_roles(tx, user, rest.pop("role_ids"))
    if "team_ids" in rest:
        user.teams = teams_with_ids(tx, rest.pop("team_ids"))
    if "password" in rest:
        user.give_password(hash_password(rest.pop("password")))
    for name, value in rest.items():
        setattr(user, name, value)
    _announce_change(tx, user, before)
    return user


def _give_roles(tx: Session, user: User, role_ids: Sequence[str]) -> None:
    was_administrator = user.is_administrator
    if was_administrator:
        # Two administrators who demote each other at the same moment.
        lock(tx, ["gateway administrators"])
    user.roles = named_roles(tx, role_ids)
    if was_administrator and not user.is_administrator:
        _keep_one_administrator(tx, user)


def deactivate_user(tx: Session, user: User) -> User:
    """They may no longer sign in; twice is once. Raises LastAdministrator."""
    if not user.active:
        return user
    if user.is_administrator:
        lock(tx, ["gateway administrators"])
        _keep_one_administrator(tx, user)
    before, user.active = user.state, False
    user.sign_in_again_after = utcnow()
    tx.flush()
    emit(tx, UserDeactivated(user=user.state, changed=_changed(before, user)))
    return user


def activate_user(tx: Session, user: User) -> User:
    """They may sign in again; twice is once."""
    if not user.active:
        before, user.active = user.state, True
        _announce_change(tx, user, before)
    return user


def _keep_one_administrator(tx: Session, user: User) -> None:
    if not has_other_administrator(tx, user.id):
        raise LastAdministrator(say("This is the last administrator."))


def _announce_change(tx: Session, user: User, before: Any) -> None:
    # Roles and teams are rows of other tables: the version of the user must rise with them.
    user.updated_at = utcnow()
    tx.flush()
    changed = _changed(before, user)
    if changed:
        emit(tx, UserUpdated(user=user.state, changed=changed))


def _changed(before: Any, user: User) -> dict[str, tuple[Any, Any]]:
    old, new = before.model_dump(mode="json"), user.state.model_dump(mode="json")
    return {name: (old[name], new[name]) for name in new if name != "version" and old[name] != new[name]}

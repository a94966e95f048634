"""Making and changing roles."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import soft_delete
from gateway.identity.roles.builtin import BUILT_IN, BuiltIn
from gateway.identity.roles.model import Role, RoleInUse, role_holders
from gateway.identity.roles.queries import role_with_key


class RoleKeyTaken(Conflict):
    """Another role has this key."""

    code = "role_key_taken"


def ensure_built_in_roles(tx: Session) -> None:
    """Every built-in role is there; kinds of records that are new to one are added, changed ones stay as they are."""
    there = {role.key: role for role in tx.scalars(select(Role).where(Role.built_in.is_(True)))}
    for built_in in BUILT_IN:
        role = there.get(built_in.key)
        if role is None:
            tx.add(_role(built_in))
        elif missing := {noun: acts for noun, acts in built_in.rights.items() if noun not in role.rights}:
            role.rights = {**role.rights, **missing}
    tx.flush()


def _role(built_in: BuiltIn) -> Role:
    return Role(
        key=built_in.key,
        labels=dict(built_in.labels),
        built_in=True,
        rights={noun: dict(acts) for noun, acts in built_in.rights.items()},
        work_areas=list(built_in.work_areas),
    )


def create_role(tx: Session, *, key: str, role_id: str | None = None, **fields: Any) -> Role:
    """A role of the company's own; raises RoleKeyTaken."""
    if role_with_key(tx, key) is not None:
        raise RoleKeyTaken(say("Another role has this key."))
    role = Role(key=key, built_in=False, **fields)
    if role_id is not None:
        role.id = role_id
    tx.add(role)
    tx.flush()
    return role


def change_role(tx: Session, role: Role, changes: Mapping[str, Any]) -> Role:
    """Give it other labels, rights or work areas; everyone with this role has the new rights at once."""
    for name, value in changes.items():
        if name == "rights":
            role.grant(value)
        else:
            setattr(role, name, value)
    tx.flush()
    return role


def delete_role(tx: Session, role: Role) -> None:
    """Take it away; raises BuiltInRole for one that must stay, RoleInUse while somebody has it."""
    role.check_may_go()
    if tx.execute(select(role_holders.c.user_id).where(role_holders.c.role_id == role.id).limit(1)).first():
        raise RoleInUse(say("Somebody has this role. Take it away from them first."))
    soft_delete(tx, role)

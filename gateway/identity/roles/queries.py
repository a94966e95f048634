"""Looking roles up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from gateway.identity.roles.model import Role


def named_roles(tx: Session, names: Sequence[str], pointer: str = "/role_ids") -> list[Role]:
    """The roles with these ids or keys; raises Invalid that points to the first one that is not there."""
    ids = [name for name in names if _is_id(name)]
    found = tx.scalars(select(Role).where(or_(Role.id.in_(ids), Role.key.in_(names)), Role.deleted_at.is_(None))).all()
    known = {role.id: role for role in found} | {role.key: role for role in found}
    for number, name in enumerate(names):
        if _spelled(name) not in known:
            message = say("There is no such role.")
            raise Invalid(message, errors=[FieldError(f"{pointer}/{number}", message)])
    return list({known[_spelled(name)].id: known[_spelled(name)] for name in names}.values())


def role_with_key(tx: Session, key: str) -> Role | None:
    """The role that services know by this key."""
    return tx.scalars(select(Role).where(Role.key == key, Role.deleted_at.is_(None))).one_or_none()


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _spelled(name: str) -> str:
    return str(UUID(name)) if _is_id(name) else name

"""Looking users up."""

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from gateway.identity.roles.model import ADMINISTRATOR, Role, role_holders
from gateway.identity.users.model import User


def user_with_email(tx: Session, email: str) -> User | None:
    """Whoever signs in with this normalised address, with their password hash."""
    statement = select(User).where(User.email == email, User.deleted_at.is_(None)).options(undefer(User.password_hash))
    return tx.scalars(statement).one_or_none()


def user_by_id(tx: Session, user_id: str) -> User | None:
    """This user, with their password hash."""
    statement = select(User).where(User.id == user_id, User.deleted_at.is_(None)).options(undefer(User.password_hash))
    return tx.scalars(statement).one_or_none()


def has_other_administrator(tx: Session, user_id: str) -> bool:
    """Whether anybody but this user may administer."""
    statement = (
        select(User.id)
        .join(role_holders, role_holders.c.user_id == User.id)
        .join(Role, Role.id == role_holders.c.role_id)
        .where(Role.key == ADMINISTRATOR, User.active.is_(True), User.deleted_at.is_(None), User.id != user_id)
    )
    return tx.execute(statement.limit(1)).first() is not None


def check_manager(tx: Session, user_id: str | None, manager_id: str | None) -> None:
    """Raises Invalid when there is no such user, or it is the user themselves."""
    if manager_id is None:
        return
    if manager_id == user_id or not tx.scalars(select(User.id).where(User.id == manager_id)).first():
        message = say("There is no such user, or it is the same one.")
        raise Invalid(message, errors=[FieldError("/manager_id", message)])

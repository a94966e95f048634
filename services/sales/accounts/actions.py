"""What people do with accounts alone; the rest they have in common with contacts, see ``parties``."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.database import lock
from chassis.errors import FieldError
from chassis.i18n import say
from services.sales.accounts.model import Account, AccountInsideItself
from services.sales.parties import actions as parties
from services.sales.people.queries import Person


def create_account(tx: Session, *, facts: Mapping[str, Any], owner: Person | None, **lists: Any) -> Account:
    """A new account. ``facts`` are columns by name; ``lists`` phones, emails and addresses."""
    account = Account(**facts)
    return parties.create(tx, account, owner=owner, tax_code=account.tax_code, **lists)


def change_account(tx: Session, account: Account, *, facts: Mapping[str, Any], **lists: Any) -> Account:
    """Set these columns; raises AccountInsideItself when the new parent is a part of this account."""
    if facts.get("parent_id"):
        _must_stay_a_tree(tx, account, facts["parent_id"])
    return parties.change(tx, account, facts, **lists)


def _must_stay_a_tree(tx: Session, account: Account, parent_id: str) -> None:
    # Two that become each other's parent at the same time wait for each other here.
    lock(tx, ["account tree"])
    above: str | None = parent_id
    with as_system(tx, "a circle goes through other people's accounts as well"):
        while above is not None:
            if above == account.id:
                message = say("An account cannot be a part of itself.")
                raise AccountInsideItself(message, errors=[FieldError("/parent_id", message)])
            above = tx.scalar(select(Account.parent_id).where(Account.id == above))

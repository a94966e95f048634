"""The routes of accounts. Each names its right, finds the account as the caller, calls one action or query."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Assign, Cursor, History, Limit
from chassis.http import IfMatch, Reply, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_exist, must_have, owner_of_new, to_change, to_read
from services.sales.accounts.actions import change_account, create_account
from services.sales.accounts.model import Account
from services.sales.accounts.queries import ACCOUNTS, duplicates_of
from services.sales.accounts.schemas import Accounts, AccountView, CreateAccount, NewAccountView, PatchAccount
from services.sales.parties import actions as parties
from services.sales.parties.schemas import AddressView, NewAddress
from services.sales.people.queries import get_owner
from services.sales.points.model import Kind
from services.sales.points.schemas import KNOWN, AddPoint, PointView, read_points, view_of

router = Router(tags=["accounts"])


@router.get("/accounts", listing=ACCOUNTS)
def list_accounts(tx: Session, asked: ListRequest) -> Page[AccountView]:
    """The accounts that the caller may see."""
    must_have(tx, Account, "read")
    return ACCOUNTS.page(tx, asked, AccountView.of)


@router.post("/accounts", status_code=201)
def add_account(tx: Session, caller: Caller, body: CreateAccount) -> NewAccountView:
    """Type in an account. One that may be known already is not refused: `duplicates` says so, as far as you may see."""
    must_have(tx, Account, "create")
    owner_id = owner_of_new(tx, caller, Account, body.owner_id)
    must_exist(tx, Account, body.parent_id, "parent_id")
    facts = body.facts() | ({"id": str(body.id)} if body.id else {})
    account = create_account(tx, facts=facts, owner=get_owner(tx, owner_id), **body.lists())
    return NewAccountView.among(account, duplicates_of(tx, account))


@router.get("/accounts/{account_id}")
def read_account(tx: Session, account_id: UUID) -> AccountView:
    """One account."""
    return AccountView.of(to_read(tx, Account, account_id))


@router.patch("/accounts/{account_id}")
def patch_account(tx: Session, account_id: UUID, body: PatchAccount, if_match: IfMatch) -> AccountView:
    """Change fields of an account (merge patch)."""
    account = _to_change(tx, account_id, if_match)
    must_exist(tx, Account, body.parent_id, "parent_id", now=account.parent_id)
    return AccountView.of(change_account(tx, account, facts=body.facts(), **body.lists()))


@router.delete("/accounts/{account_id}", status_code=204)
def delete_account(tx: Session, account_id: UUID, if_match: IfMatch) -> None:
    """Take an account out of lists and reads; it can be restored. Its contacts stay."""
    parties.remove(tx, _to_change(tx, account_id, if_match, act="delete"))


@router.post("/accounts/{account_id}/restore")
def restore_account(tx: Session, account_id: UUID) -> AccountView:
    """Bring a deleted account back."""
    return AccountView.of(parties.restore(tx, _to_change(tx, account_id, act="delete", deleted=True)))


@router.post("/accounts/{account_id}/assign")
def assign_account(tx: Session, account_id: UUID, body: Assign, if_match: IfMatch) -> AccountView:
    """Give an account to somebody else."""
    account = _to_change(tx, account_id, if_match, act="assign")
    return AccountView.of(parties.assign(tx, account, owner_id=str(body.owner_id)))


@router.get("/accounts/{account_id}/duplicates")
def list_account_duplicates(tx: Session, account_id: UUID) -> Accounts:
    """Other accounts that share a phone, an e-mail address or the tax code, of those you may see; at most 50."""
    account = to_read(tx, Account, account_id)
    return Accounts(items=[AccountView.of(each) for each in duplicates_of(tx, account)])


@router.get("/accounts/{account_id}/history")
def read_account_history(tx: Session, account_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an account, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Account, account_id), limit=limit, cursor=cursor)


@router.post("/accounts/{account_id}/phones", status_code=201, responses=KNOWN)
def add_account_phone(tx: Session, account_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this account; one that is known is answered with 200."""
    return _add_point(tx, account_id, "phone", body, if_match)


@router.delete("/accounts/{account_id}/phones/{phone_id}", status_code=204)
def remove_account_phone(tx: Session, account_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    parties.remove_point(tx, _to_change(tx, account_id, if_match), "phone", str(phone_id))


@router.post("/accounts/{account_id}/emails", status_code=201, responses=KNOWN)
def add_account_email(tx: Session, account_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more e-mail address of this account; one that is known is answered with 200."""
    return _add_point(tx, account_id, "email", body, if_match)


@router.delete("/accounts/{account_id}/emails/{email_id}", status_code=204)
def remove_account_email(tx: Session, account_id: UUID, email_id: UUID, if_match: IfMatch) -> None:
    """Take an e-mail address away."""
    parties.remove_point(tx, _to_change(tx, account_id, if_match), "email", str(email_id))


@router.post("/accounts/{account_id}/addresses", status_code=201)
def add_account_address(tx: Session, account_id: UUID, body: NewAddress, if_match: IfMatch) -> AddressView:
    """One more address of this account."""
    added = parties.add_address(tx, _to_change(tx, account_id, if_match), body.model_dump())
    return AddressView.model_validate(added)


@router.delete("/accounts/{account_id}/addresses/{address_id}", status_code=204)
def remove_account_address(tx: Session, account_id: UUID, address_id: UUID, if_match: IfMatch) -> None:
    """Take an address away."""
    parties.remove_address(tx, _to_change(tx, account_id, if_match), str(address_id))


def _add_point(tx: Session, account_id: UUID, kind: Kind, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    account = _to_change(tx, account_id, if_match)
    known = {each["id"] for each in account.points(kind)}
    for point in read_points(kind, body.value, "/value"):
        added = parties.add_point(tx, account, point, primary=body.primary)
    return Reply(view_of(added), status=200 if added["id"] in known else 201)


def _to_change(tx: Session, account_id: UUID, if_match: IfMatch | None = None, **how: Any) -> Account:
    return to_change(tx, Account, account_id, if_match, view=AccountView.of, **how)

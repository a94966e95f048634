"""The routes of accounts. Each names its right, finds the account as the caller, calls one action or query."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.http import IfMatch, Reply, Router
from chassis.paging import ListRequest, Page
from services.sales.accounts.actions import change_account, create_account
from services.sales.accounts.model import Account
from services.sales.accounts.queries import ACCOUNTS, duplicates_of
from services.sales.accounts.schemas import Accounts, AccountView, CreateAccount, NewAccountView, PatchAccount
from services.sales.parties.schemas import AddressView, NewAddress
from services.sales.parties.serving import Serving
from services.sales.people.queries import get_owner
from services.sales.points.schemas import KNOWN, AddPoint, PointView
from services.sales.rights import must_exist, must_have, owner_of_new
from services.sales.schemas import Assign, Cursor, History, Limit

router = Router(tags=["accounts"])
_accounts = Serving(Account, AccountView.of)


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
    return AccountView.of(_accounts.find(tx, account_id))


@router.patch("/accounts/{account_id}")
def patch_account(tx: Session, account_id: UUID, body: PatchAccount, if_match: IfMatch) -> AccountView:
    """Change fields of an account (merge patch)."""
    account = _accounts.to_change(tx, account_id, if_match)
    must_exist(tx, Account, body.parent_id, "parent_id", now=account.parent_id)
    return AccountView.of(change_account(tx, account, facts=body.facts(), **body.lists()))


@router.delete("/accounts/{account_id}", status_code=204)
def delete_account(tx: Session, account_id: UUID, if_match: IfMatch) -> None:
    """Take an account out of lists and reads; it can be restored. Its contacts stay."""
    _accounts.remove(tx, account_id, if_match)


@router.post("/accounts/{account_id}/restore")
def restore_account(tx: Session, account_id: UUID) -> AccountView:
    """Bring a deleted account back."""
    return _accounts.restore(tx, account_id)


@router.post("/accounts/{account_id}/assign")
def assign_account(tx: Session, account_id: UUID, body: Assign, if_match: IfMatch) -> AccountView:
    """Give an account to somebody else."""
    return _accounts.assign(tx, account_id, body, if_match)


@router.get("/accounts/{account_id}/duplicates")
def list_account_duplicates(tx: Session, account_id: UUID) -> Accounts:
    """Other accounts that share a phone, an e-mail address or the tax code, of those you may see; at most 50."""
    account = _accounts.find(tx, account_id)
    return Accounts(items=[AccountView.of(each) for each in duplicates_of(tx, account)])


@router.get("/accounts/{account_id}/history")
def read_account_history(tx: Session, account_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an account, by whom and when, newest first."""
    return _accounts.history(tx, account_id, limit, cursor)


@router.post("/accounts/{account_id}/phones", status_code=201, responses=KNOWN)
def add_account_phone(tx: Session, account_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this account; one that is known is answered with 200."""
    return _accounts.add_point(tx, account_id, "phone", body, if_match)


@router.delete("/accounts/{account_id}/phones/{phone_id}", status_code=204)
def remove_account_phone(tx: Session, account_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    _accounts.remove_point(tx, account_id, "phone", phone_id, if_match)


@router.post("/accounts/{account_id}/emails", status_code=201, responses=KNOWN)
def add_account_email(tx: Session, account_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more e-mail address of this account; one that is known is answered with 200."""
    return _accounts.add_point(tx, account_id, "email", body, if_match)


@router.delete("/accounts/{account_id}/emails/{email_id}", status_code=204)
def remove_account_email(tx: Session, account_id: UUID, email_id: UUID, if_match: IfMatch) -> None:
    """Take an e-mail address away."""
    _accounts.remove_point(tx, account_id, "email", email_id, if_match)


@router.post("/accounts/{account_id}/addresses", status_code=201)
def add_account_address(tx: Session, account_id: UUID, body: NewAddress, if_match: IfMatch) -> AddressView:
    """One more address of this account."""
    return _accounts.add_address(tx, account_id, body, if_match)


@router.delete("/accounts/{account_id}/addresses/{address_id}", status_code=204)
def remove_account_address(tx: Session, account_id: UUID, address_id: UUID, if_match: IfMatch) -> None:
    """Take an address away."""
    _accounts.remove_address(tx, account_id, address_id, if_match)

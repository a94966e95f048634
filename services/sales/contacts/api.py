"""The routes of contacts. Each names its right, finds the contact as the caller, calls one action or query."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Assign, Cursor, History, Limit
from chassis.http import IfMatch, Reply, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_exist, must_have, owner_of_new, to_change, to_read
from services.sales.accounts.model import Account
from services.sales.contacts.actions import change_contact, create_contact
from services.sales.contacts.model import Contact
from services.sales.contacts.queries import CONTACTS, duplicates_of
from services.sales.contacts.schemas import Contacts, ContactView, CreateContact, NewContactView, PatchContact
from services.sales.parties import actions as parties
from services.sales.parties.schemas import AddressView, NewAddress
from services.sales.people.queries import get_owner
from services.sales.points.model import Kind
from services.sales.points.schemas import KNOWN, AddPoint, PointView, read_points, view_of

router = Router(tags=["contacts"])


@router.get("/contacts", listing=CONTACTS)
def list_contacts(tx: Session, asked: ListRequest) -> Page[ContactView]:
    """The contacts that the caller may see."""
    must_have(tx, Contact, "read")
    return CONTACTS.page(tx, asked, ContactView.of)


@router.post("/contacts", status_code=201)
def add_contact(tx: Session, caller: Caller, body: CreateContact) -> NewContactView:
    """Type in a contact. One that may be known already is not refused: `duplicates` says so, as far as you may see."""
    must_have(tx, Contact, "create")
    owner_id = owner_of_new(tx, caller, Contact, body.owner_id)
    must_exist(tx, Account, body.account_id, "account_id")
    facts = body.facts() | ({"id": str(body.id)} if body.id else {})
    contact = create_contact(tx, facts=facts, owner=get_owner(tx, owner_id), **body.lists())
    return NewContactView.among(contact, duplicates_of(tx, contact))


@router.get("/contacts/{contact_id}")
def read_contact(tx: Session, contact_id: UUID) -> ContactView:
    """One contact."""
    return ContactView.of(to_read(tx, Contact, contact_id))


@router.patch("/contacts/{contact_id}")
def patch_contact(tx: Session, contact_id: UUID, body: PatchContact, if_match: IfMatch) -> ContactView:
    """Change fields of a contact (merge patch)."""
    contact = _to_change(tx, contact_id, if_match)
    must_exist(tx, Account, body.account_id, "account_id", now=contact.account_id)
    return ContactView.of(change_contact(tx, contact, facts=body.facts(), **body.lists()))


@router.delete("/contacts/{contact_id}", status_code=204)
def delete_contact(tx: Session, contact_id: UUID, if_match: IfMatch) -> None:
    """Take a contact out of lists and reads; it can be restored."""
    parties.remove(tx, _to_change(tx, contact_id, if_match, act="delete"))


@router.post("/contacts/{contact_id}/restore")
def restore_contact(tx: Session, contact_id: UUID) -> ContactView:
    """Bring a deleted contact back."""
    return ContactView.of(parties.restore(tx, _to_change(tx, contact_id, act="delete", deleted=True)))


@router.post("/contacts/{contact_id}/assign")
def assign_contact(tx: Session, contact_id: UUID, body: Assign, if_match: IfMatch) -> ContactView:
    """Give a contact to somebody else."""
    contact = _to_change(tx, contact_id, if_match, act="assign")
    return ContactView.of(parties.assign(tx, contact, owner_id=str(body.owner_id)))


@router.get("/contacts/{contact_id}/duplicates")
def list_contact_duplicates(tx: Session, contact_id: UUID) -> Contacts:
    """Other contacts that share a phone or an e-mail address, of those you may see; at most 50."""
    contact = to_read(tx, Contact, contact_id)
    return Contacts(items=[ContactView.of(each) for each in duplicates_of(tx, contact)])


@router.get("/contacts/{contact_id}/history")
def read_contact_history(tx: Session, contact_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a contact, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Contact, contact_id), limit=limit, cursor=cursor)


@router.post("/contacts/{contact_id}/phones", status_code=201, responses=KNOWN)
def add_contact_phone(tx: Session, contact_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this contact; one that is known is answered with 200."""
    return _add_point(tx, contact_id, "phone", body, if_match)


@router.delete("/contacts/{contact_id}/phones/{phone_id}", status_code=204)
def remove_contact_phone(tx: Session, contact_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    parties.remove_point(tx, _to_change(tx, contact_id, if_match), "phone", str(phone_id))


@router.post("/contacts/{contact_id}/emails", status_code=201, responses=KNOWN)
def add_contact_email(tx: Session, contact_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more e-mail address of this contact; one that is known is answered with 200."""
    return _add_point(tx, contact_id, "email", body, if_match)


@router.delete("/contacts/{contact_id}/emails/{email_id}", status_code=204)
def remove_contact_email(tx: Session, contact_id: UUID, email_id: UUID, if_match: IfMatch) -> None:
    """Take an e-mail address away."""
    parties.remove_point(tx, _to_change(tx, contact_id, if_match), "email", str(email_id))


@router.post("/contacts/{contact_id}/addresses", status_code=201)
def add_contact_address(tx: Session, contact_id: UUID, body: NewAddress, if_match: IfMatch) -> AddressView:
    """One more address of this contact."""
    added = parties.add_address(tx, _to_change(tx, contact_id, if_match), body.model_dump())
    return AddressView.model_validate(added)


@router.delete("/contacts/{contact_id}/addresses/{address_id}", status_code=204)
def remove_contact_address(tx: Session, contact_id: UUID, address_id: UUID, if_match: IfMatch) -> None:
    """Take an address away."""
    parties.remove_address(tx, _to_change(tx, contact_id, if_match), str(address_id))


def _add_point(tx: Session, contact_id: UUID, kind: Kind, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    contact = _to_change(tx, contact_id, if_match)
    known = {each["id"] for each in contact.points(kind)}
    for point in read_points(kind, body.value, "/value"):
        added = parties.add_point(tx, contact, point, primary=body.primary)
    return Reply(view_of(added), status=200 if added["id"] in known else 201)


def _to_change(tx: Session, contact_id: UUID, if_match: IfMatch | None = None, **how: Any) -> Contact:
    return to_change(tx, Contact, contact_id, if_match, view=ContactView.of, **how)

"""The routes of contacts. Each names its right, finds the contact as the caller, calls one action or query."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.http import IfMatch, Reply, Router
from chassis.paging import ListRequest, Page
from services.sales.accounts.model import Account
from services.sales.contacts.actions import change_contact, create_contact
from services.sales.contacts.model import Contact
from services.sales.contacts.queries import CONTACTS, duplicates_of
from services.sales.contacts.schemas import Contacts, ContactView, CreateContact, NewContactView, PatchContact
from services.sales.parties.schemas import AddressView, NewAddress
from services.sales.parties.serving import Serving
from services.sales.people.queries import get_owner
from services.sales.points.schemas import KNOWN, AddPoint, PointView
from services.sales.rights import must_exist, must_have, owner_of_new
from services.sales.schemas import Assign, Cursor, History, Limit

router = Router(tags=["contacts"])
_contacts = Serving(Contact, ContactView.of)


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
    return ContactView.of(_contacts.find(tx, contact_id))


@router.patch("/contacts/{contact_id}")
def patch_contact(tx: Session, contact_id: UUID, body: PatchContact, if_match: IfMatch) -> ContactView:
    """Change fields of a contact (merge patch)."""
    contact = _contacts.to_change(tx, contact_id, if_match)
    must_exist(tx, Account, body.account_id, "account_id", now=contact.account_id)
    return ContactView.of(change_contact(tx, contact, facts=body.facts(), **body.lists()))


@router.delete("/contacts/{contact_id}", status_code=204)
def delete_contact(tx: Session, contact_id: UUID, if_match: IfMatch) -> None:
    """Take a contact out of lists and reads; it can be restored."""
    _contacts.remove(tx, contact_id, if_match)


@router.post("/contacts/{contact_id}/restore")
def restore_contact(tx: Session, contact_id: UUID) -> ContactView:
    """Bring a deleted contact back."""
    return _contacts.restore(tx, contact_id)


@router.post("/contacts/{contact_id}/assign")
def assign_contact(tx: Session, contact_id: UUID, body: Assign, if_match: IfMatch) -> ContactView:
    """Give a contact to somebody else."""
    return _contacts.assign(tx, contact_id, body, if_match)


@router.get("/contacts/{contact_id}/duplicates")
def list_contact_duplicates(tx: Session, contact_id: UUID) -> Contacts:
    """Other contacts that share a phone or an e-mail address, of those you may see; at most 50."""
    contact = _contacts.find(tx, contact_id)
    return Contacts(items=[ContactView.of(each) for each in duplicates_of(tx, contact)])


@router.get("/contacts/{contact_id}/history")
def read_contact_history(tx: Session, contact_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a contact, by whom and when, newest first."""
    return _contacts.history(tx, contact_id, limit, cursor)


@router.post("/contacts/{contact_id}/phones", status_code=201, responses=KNOWN)
def add_contact_phone(tx: Session, contact_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more phone number of this contact; one that is known is answered with 200."""
    return _contacts.add_point(tx, contact_id, "phone", body, if_match)


@router.delete("/contacts/{contact_id}/phones/{phone_id}", status_code=204)
def remove_contact_phone(tx: Session, contact_id: UUID, phone_id: UUID, if_match: IfMatch) -> None:
    """Take a phone number away."""
    _contacts.remove_point(tx, contact_id, "phone", phone_id, if_match)


@router.post("/contacts/{contact_id}/emails", status_code=201, responses=KNOWN)
def add_contact_email(tx: Session, contact_id: UUID, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
    """One more e-mail address of this contact; one that is known is answered with 200."""
    return _contacts.add_point(tx, contact_id, "email", body, if_match)


@router.delete("/contacts/{contact_id}/emails/{email_id}", status_code=204)
def remove_contact_email(tx: Session, contact_id: UUID, email_id: UUID, if_match: IfMatch) -> None:
    """Take an e-mail address away."""
    _contacts.remove_point(tx, contact_id, "email", email_id, if_match)


@router.post("/contacts/{contact_id}/addresses", status_code=201)
def add_contact_address(tx: Session, contact_id: UUID, body: NewAddress, if_match: IfMatch) -> AddressView:
    """One more address of this contact."""
    return _contacts.add_address(tx, contact_id, body, if_match)


@router.delete("/contacts/{contact_id}/addresses/{address_id}", status_code=204)
def remove_contact_address(tx: Session, contact_id: UUID, address_id: UUID, if_match: IfMatch) -> None:
    """Take an address away."""
    _contacts.remove_address(tx, contact_id, address_id, if_match)

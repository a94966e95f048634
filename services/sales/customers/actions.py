"""What happens to customers whether they are accounts or contacts."""

from typing import Any

from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.database import lock
from chassis.errors import Conflict, NotFound
from chassis.i18n import say
from chassis.published import Change
from events.sales import AccountUpdated, ContactUpdated
from services.sales.accounts.actions import create_account
from services.sales.accounts.model import Account, AccountKind
from services.sales.contacts.actions import create_contact
from services.sales.contacts.model import Contact
from services.sales.customers.model import Origin, Prospect, is_organisation, points_of
from services.sales.customers.queries import find_customer, known_customer
from services.sales.parties.actions import point_key
from services.sales.parties.model import Lifecycle
from services.sales.people.queries import Person
from services.sales.points.model import Kind, as_point


class CustomerWasDeleted(Conflict):
    """The customer is gone from lists and reads; it can be restored, or another one named."""

    code = "customer_was_deleted"


def mark_as_customer(tx: Session, *, account_id: str | None, contact_id: str | None) -> Account | Contact:
    """They bought: a prospect becomes a customer, a customer one who comes again. Call it once for each purchase.

    Whoever sold it need not have rights to the customer: it may be a colleague's. Raises CustomerWasDeleted.
    """
    with as_system(tx, "what was sold shows on its customer, whoever owns that"):
        try:
            customer = find_customer(tx, account_id=account_id, contact_id=contact_id, lock=True)
        except NotFound:
            raise CustomerWasDeleted(say("This customer was deleted.")) from None
        change = Change(customer)
        if customer.buy():
            change.announce(tx, AccountUpdated if isinstance(customer, Account) else ContactUpdated)
    return customer


def hold(tx: Session, prospect: Prospect) -> None:
    """Until the transaction ends nobody else makes a customer of this prospect: who looks for one first, holds it."""
    keys = [point_key(point.kind, point.value) for point in points_of(prospect) if point.matches]
    lock(tx, [*keys, *([point_key("tax", prospect["tax_code"])] if prospect["tax_code"] else [])])


def make_customer(
    tx: Session, prospect: Prospect, origin: Origin, *, lifecycle: Lifecycle = Lifecycle.PROSPECT
) -> tuple[Account | Contact, bool]:
    """The customer that this prospect is, and whether it was made now: exactly one account or one contact.

    A company becomes an account with its phones and addresses; so does a person who has a tax code. Any other person
    becomes a contact, and keeps the name of the company as it was said: a person's word does not make an account.
    """
    hold(tx, prospect)
    known = known_customer(tx, prospect)
    if known is not None:
        return known, False
    owner = Person(origin.owner_id, origin.team_id) if origin.owner_id else None
    facts: dict[str, Any] = {**origin.facts(), "lifecycle": lifecycle.value}
    lists: dict[str, Any] = {"phones": _points(prospect, "phone"), "emails": _points(prospect, "email")}
    if is_organisation(prospect):
        name = prospect["company"] or prospect["full_name"]
        code = prospect["tax_code"]
        facts |= {"kind": _kind_of(prospect), "name": name, "tax_code": code}
        return create_account(tx, facts=facts, owner=owner, **lists), True
    facts |= {key: prospect[key] for key in _OF_A_PERSON}  # type: ignore[literal-required]
    return create_contact(tx, facts=facts, owner=owner, **lists), True


_OF_A_PERSON = ("full_name", "first_name", "last_name", "salutation", "title", "company")


def _kind_of(prospect: Prospect) -> str:
    match len(prospect["tax_code"] or ""):
        case 12:
            return AccountKind.HOUSEHOLD.value
        case 14:
            return AccountKind.BRANCH.value
    return AccountKind.COMPANY.value


def _points(prospect: Prospect, kind: Kind) -> list[Any]:
    elements = prospect["phones"] if kind == "phone" else prospect["emails"]
    return [(as_point(each), each["primary"]) for each in elements]

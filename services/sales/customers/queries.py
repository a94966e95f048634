"""Who buys: an account or a contact, found by its id, or by what tells it from all others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.access import as_system, find
from chassis.errors import NotFound
from events.sales import Address, Buyer
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.customers.model import Prospect, is_organisation, points_of
from services.sales.parties.queries import having


def find_customer(
    tx: Session, *, account_id: str | None, contact_id: str | None, lock: bool = False
) -> Account | Contact:
    """Who buys: the account where there is one, else the contact. NotFound when absent or not the caller's to see.

    A contact that is named beside an account must be there as well. ``lock`` keeps the customer from changing until
    the transaction ends.
    """
    if account_id is None and contact_id is None:
        raise NotFound()
    contact = find(tx, Contact, contact_id, lock=lock and account_id is None) if contact_id else None
    account = find(tx, Account, account_id, lock=lock) if account_id else None
    customer = account or contact
    assert customer is not None
    return customer


def buyer_of(tx: Session, *, account_id: str | None, contact_id: str | None) -> Buyer:
    """Who a document is for, as they are now. NotFound when absent or not the caller's to see.

    Name, tax code and address are the account's where there is one; the contact's phone and e-mail come first.
    """
    customer = find_customer(tx, account_id=account_id, contact_id=contact_id)
    contact = find(tx, Contact, contact_id) if contact_id else None
    reached = [each for each in (contact, customer) if each is not None]
    return Buyer(
        account_id=account_id,
        contact_id=contact_id,
        name=customer.name if isinstance(customer, Account) else customer.full_name,
        tax_code=customer.tax_code if isinstance(customer, Account) else None,
        email=next(filter(None, (each.primary("email") for each in reached)), None),
        phone=next(filter(None, (each.primary("phone") for each in reached)), None),
        address=Address.model_validate(customer.addresses[0]) if customer.addresses else None,
    )


def known_customer(tx: Session, prospect: Prospect) -> Account | Contact | None:
    """The customer that this prospect is, whoever owns it; None when we know none.

    The account with its tax code; else the oldest account or contact that has one of its phones or e-mail addresses.
    Ambiguous numbers and hotlines say nothing, nor does a name. Of an account and a contact that both have one, a
    company is the account, a person the contact.
    """
    with as_system(tx, "a customer is known to the company, not only to who owns it"):
        if prospect["tax_code"] is not None:
            with_code: Account | None = _oldest(tx, Account, Account.tax_code == prospect["tax_code"])
            if with_code is not None:
                return with_code
        points = [point for point in points_of(prospect) if point.matches]
        phones = [point.value for point in points if point.kind == "phone"]
        emails = [point.value for point in points if point.kind == "email"]
        if not points:
            return None
        models: tuple[Any, Any] = (Account, Contact) if is_organisation(prospect) else (Contact, Account)
        for model in models:
            found: Account | Contact | None = _oldest(
                tx, model, model.id.in_(having(model.__noun__, phones, emails, surely=True))
            )
            if found is not None:
                return found
    return None


def _oldest(tx: Session, model: Any, condition: Any) -> Any:
    return tx.scalars(select(model).where(condition).order_by(model.created_at, model.id).limit(1)).first()


def with_account(tx: Session, facts: Mapping[str, Any], now: str | None = None) -> dict[str, Any]:
    """References to a customer, completed: a contact brings its account along, which is who buys then.

    Unless one is named, or is there ``now``.
    """
    if facts.get("contact_id") is None or facts.get("account_id", now) is not None:
        return dict(facts)
    account_id = find(tx, Contact, facts["contact_id"]).account_id
    return {**facts, "account_id": account_id} if account_id else dict(facts)

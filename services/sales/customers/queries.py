"""Who buys: an account or a contact, found by its id."""

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.errors import NotFound
from events.sales import Address, Buyer
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact


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

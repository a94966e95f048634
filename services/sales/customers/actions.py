"""What happens to customers whether they are accounts or contacts."""

from sqlalchemy.orm import Session

from chassis.access import as_system
from events.sales import AccountUpdated, ContactUpdated
from services.sales.accounts.model import Account
from services.sales.changes import Change
from services.sales.contacts.model import Contact
from services.sales.customers.queries import find_customer


def mark_as_customer(tx: Session, *, account_id: str | None, contact_id: str | None) -> Account | Contact:
    """They bought: a prospect becomes a customer, a customer one who comes again. Call it once for each purchase.

    Whoever sold it need not have rights to the customer: it may be a colleague's. Raises NotFound when it is absent.
    """
    with as_system(tx, "what was sold shows on its customer, whoever owns that"):
        customer = find_customer(tx, account_id=account_id, contact_id=contact_id, lock=True)
        change = Change(customer)
        if customer.buy():
            change.announce(tx, AccountUpdated if isinstance(customer, Account) else ContactUpdated)
    return customer

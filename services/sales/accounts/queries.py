"""Looking for accounts: the published list, twins."""

from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.accounts.model import Account, AccountKind
from services.sales.parties import queries as parties
from services.sales.parties.model import Lifecycle

ACCOUNTS = Listing(
    model=Account,
    sorts=("created_at", "updated_at", "name"),
    default_sort="-created_at",
    filters={
        "kind": Filter(Account.kind, AccountKind),
        "lifecycle": Filter(Account.lifecycle, Lifecycle),
        "industry": Filter(Account.industry),
        "size": Filter(Account.size),
        "tax_code": Filter(Account.tax_code),
        "parent_id": Filter(Account.parent_id),
        "source": Filter(Account.source),
        "campaign": Filter(Account.campaign),
        "partner_id": Filter(Account.partner_id),
        "lead_id": Filter(Account.lead_id),
        **owned_filters(Account),
    },
    search=Search(Account, Account.name),
)


def duplicates_of(tx: Session, account: Account) -> list[Account]:
    """Others that share a phone, an e-mail address or the tax code, oldest first: those that the asker may see."""
    same_code = (Account.tax_code == account.tax_code,) if account.tax_code else ()
    return parties.duplicates_of(tx, account, *same_code)

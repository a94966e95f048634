"""Looking for contacts: the published list, twins."""

from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.contacts.model import Contact
from services.sales.parties import queries as parties
from services.sales.parties.model import Lifecycle

CONTACTS = Listing(
    model=Contact,
    sorts=("created_at", "updated_at", "full_name"),
    default_sort="-created_at",
    filters={
        "lifecycle": Filter(Contact.lifecycle, Lifecycle),
        "account_id": Filter(Contact.account_id),
        "birthday": Filter(Contact.birthday),
        "source": Filter(Contact.source),
        "campaign": Filter(Contact.campaign),
        "partner_id": Filter(Contact.partner_id),
        "lead_id": Filter(Contact.lead_id),
        **owned_filters(Contact),
    },
    search=Search(Contact, Contact.full_name),
)


def duplicates_of(tx: Session, contact: Contact) -> list[Contact]:
    """Others that share a phone or an e-mail address, oldest first: those that the asker may see."""
    return parties.duplicates_of(tx, contact)

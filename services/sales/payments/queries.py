"""Looking for payments."""

from typing import Literal

from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.payments.model import Payment, PaymentStatus

PAYMENTS = Listing(
    model=Payment,
    sorts=("created_at", "updated_at", "number"),
    default_sort="-created_at",
    filters={
        "status": Filter(Payment.status, PaymentStatus),
        "number": Filter(Payment.number),
        "account_id": Filter(Payment.account_id),
        "contact_id": Filter(Payment.contact_id),
        "paid_on": Filter(Payment.paid_on),
        "method": Filter(Payment.method),
        "reference": Filter(Payment.reference),
        "origin": Filter(Payment.origin, Literal["hand", "erp"]),
        **owned_filters(Payment),
    },
    search=Search(Payment, Payment.number),
)

"""Looking for orders."""

from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.orders.model import InvoiceOn, Order, OrderStatus

ORDERS = Listing(
    model=Order,
    sorts=("created_at", "updated_at", "number"),
    default_sort="-created_at",
    filters={
        "status": Filter(Order.status, OrderStatus),
        "number": Filter(Order.number),
        "quote_id": Filter(Order.quote_id),
        "opportunity_id": Filter(Order.opportunity_id),
        "account_id": Filter(Order.account_id),
        "contact_id": Filter(Order.contact_id),
        "ordered_on": Filter(Order.ordered_on),
        "invoice_on": Filter(Order.invoice_on, InvoiceOn),
        **owned_filters(Order),
    },
    search=Search(Order, Order.number),
)

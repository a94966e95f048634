"""Looking for shipments, and how much of an order is in them."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.shipments.model import Shipment, ShipmentStatus

SHIPMENTS = Listing(
    model=Shipment,
    sorts=("created_at", "updated_at", "number"),
    default_sort="-created_at",
    filters={
        "status": Filter(Shipment.status, ShipmentStatus),
        "number": Filter(Shipment.number),
        "order_id": Filter(Shipment.order_id),
        **owned_filters(Shipment),
    },
    search=Search(Shipment, Shipment.number),
)


def shipped_of(tx: Session, order_id: str) -> dict[str, Decimal]:
    """How much of each of the order's lines is in shipments, planned ones too."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with as_system(tx, "what is left of an order is what nobody has shipped"):
        for shipment in tx.scalars(select(Shipment).where(Shipment.order_id == order_id)):
            for line_id, quantity in shipment.quantities.items():
                sums[line_id] += quantity
    return sums

"""A shipment: what leaves the warehouse for an order, whole or in part."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.owned_lists import list_indexes
from chassis.search import Searchable, search_index
from events.sales import ShipmentState
from services.sales.announcing import Exact
from services.sales.tables import Base, Json


class ShipmentStatus(StrEnum):
    """Where a shipment stands."""

    PLANNED = "planned"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


class MoreThanOrdered(Conflict):
    """More than is left of the order's line."""

    code = "more_than_ordered"


class NothingToShip(Conflict):
    """All of the order is in shipments already."""

    code = "nothing_to_ship"


class ShipmentNotShipped(Conflict):
    """It is still in the warehouse."""

    code = "shipment_not_shipped"


class Shipment(Exact, Searchable, Owned, Base):
    """It belongs to whoever owns its order. ``buyer`` is the order's, as events show it."""

    __tablename__ = "shipments"
    __noun__: ClassVar[str] = "shipment"
    __state__ = ShipmentState
    __searchable__ = ("number", "buyer_name")

    number: Mapped[str] = mapped_column(String(30))
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("orders.id"))
    status: Mapped[str] = mapped_column(String(20), default=ShipmentStatus.PLANNED)
    buyer: Mapped[dict[str, Any]] = mapped_column(Json)
    buyer_name: Mapped[str] = mapped_column(String(300))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    received_by: Mapped[str | None] = mapped_column(String(200))
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def quantities(self) -> dict[str, Decimal]:
        """How much of each of the order's lines is in it."""
        return {line["order_line_id"]: Decimal(line["quantity"]) for line in self.lines}

    def ship(self, at: datetime) -> bool:
        """It leaves the warehouse. False when it has left before."""
        if self.status != ShipmentStatus.PLANNED:
            return False
        self.status, self.shipped_at = ShipmentStatus.SHIPPED, at
        return True

    def deliver(self, at: datetime, received_by: str) -> bool:
        """The customer has it. False when they had it before; who received it first stays."""
        if self.status == ShipmentStatus.DELIVERED:
            return False
        if self.status == ShipmentStatus.PLANNED:
            raise ShipmentNotShipped(say("This shipment has not left the warehouse yet."))
        self.status, self.delivered_at, self.received_by = ShipmentStatus.DELIVERED, at, received_by
        return True


search_index(Shipment, "number")
list_indexes(
    Shipment,
    filters=("status", "order_id", "owner_id", "team_id"),
    sorts=("created_at", "updated_at", "number"),
)

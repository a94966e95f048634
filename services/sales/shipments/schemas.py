"""What is asked of shipments, and what is answered."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from chassis.fields import Text200
from chassis.http import Body, View
from events.sales import ShippedLine
from services.sales.orders.parts import Parts
from services.sales.shipments.model import Shipment, ShipmentStatus


class CreateShipment(Body):
    """For an order that was released; without ``lines`` all that is in no shipment yet."""

    id: UUID | None = None
    order_id: UUID
    lines: Parts | None = None


class DeliverShipment(Body):
    """Who took the goods."""

    received_by: Text200


class ShipmentView(View):
    """A shipment."""

    id: str
    number: str
    order_id: str
    status: ShipmentStatus
    buyer_name: str
    lines: list[ShippedLine]
    received_by: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, shipment: Shipment) -> Self:
        """This shipment, as whoever may see it sees it."""
        return cls.model_validate(shipment)

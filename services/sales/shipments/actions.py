"""What people do with shipments. Each checks no rights: its caller found the record as the one who asks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.money import plain
from chassis.published import Change, announce_new
from events.sales import Buyer, ShipmentDelivered, ShipmentPlanned, ShipmentShipped
from services.sales.numbers.actions import next_number
from services.sales.orders.actions import deliver_part, order_of
from services.sales.orders.model import Order
from services.sales.orders.quantities import asked_of
from services.sales.shipments.model import MoreThanOrdered, NothingToShip, Shipment
from services.sales.shipments.queries import shipped_of


def plan_shipment(
    tx: Session,
    order: Order,
    *,
    wanted: Sequence[tuple[str, Decimal]] | None,
    day: date,
    shipment_id: str | None = None,
) -> Shipment:
    """Set goods aside for an order, which must be locked: these lines, or all that is in no shipment yet.

    Raises OrderNotReleased, MoreThanOrdered, NothingToShip or UnknownOrderLine.
    """
    order.must_be_released()
    shipped = shipped_of(tx, order.id)
    left = {line.id: line.quantity - shipped.get(line.id, Decimal(0)) for line in order.priced_lines}
    asked = asked_of(order, wanted, left, too_much=MoreThanOrdered, nothing=NothingToShip)
    shipment = Shipment(
        id=shipment_id or new_id(),
        order_id=order.id,
        buyer=order.buyer,
        buyer_name=order.buyer_name,
        lines=[{"order_line_id": line_id, "quantity": plain(quantity)} for line_id, quantity in asked.items()],
        owner_id=order.owner_id,
        team_id=order.team_id,
        number=next_number(tx, "SHP", day),
    )
    announce_new(tx, shipment, ShipmentPlanned, buyer=order.who_buys)
    return shipment


def ship(tx: Session, shipment: Shipment) -> Shipment:
    """It leaves the warehouse. Again changes nothing."""
    change = Change(shipment)
    if shipment.ship(utcnow()):
        change.announce(tx, ShipmentShipped, buyer=Buyer.model_validate(shipment.buyer))
    return shipment


def deliver(tx: Session, shipment: Shipment, *, received_by: str) -> Shipment:
    """The customer has it, and the order is further by that. Again changes nothing; raises ShipmentNotShipped."""
    change = Change(shipment)
    if shipment.deliver(utcnow(), received_by):
        change.announce(tx, ShipmentDelivered, buyer=Buyer.model_validate(shipment.buyer))
        deliver_part(tx, order_of(tx, shipment.order_id), shipment.quantities)
    return shipment

"""The routes of shipments. Each says which right it needs, finds the record as the caller, calls one action."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.sales.days import today
from services.sales.orders.model import Order
from services.sales.orders.parts import quantities
from services.sales.shipments import actions
from services.sales.shipments.model import Shipment
from services.sales.shipments.queries import SHIPMENTS
from services.sales.shipments.schemas import CreateShipment, DeliverShipment, ShipmentView

router = Router(tags=["shipments"])


@router.get("/shipments", listing=SHIPMENTS)
def list_shipments(tx: Session, asked: ListRequest) -> Page[ShipmentView]:
    """The shipments that the caller may see."""
    must_have(tx, Shipment, "read")
    return SHIPMENTS.page(tx, asked, ShipmentView.of)


@router.post("/shipments", status_code=201)
def create_shipment(tx: Session, body: CreateShipment) -> ShipmentView:
    """Set goods aside for an order that was released; 409 for more than is left of it."""
    must_have(tx, Shipment, "create")
    must_have(tx, Order, "read")
    order = find(tx, Order, str(body.order_id), lock=True)
    shipment_id = str(body.id) if body.id else None
    wanted = quantities(body.lines)
    return ShipmentView.of(actions.plan_shipment(tx, order, wanted=wanted, day=today(), shipment_id=shipment_id))


@router.get("/shipments/{shipment_id}")
def read_shipment(tx: Session, shipment_id: UUID) -> ShipmentView:
    """One shipment."""
    return ShipmentView.of(to_read(tx, Shipment, shipment_id))


@router.post("/shipments/{shipment_id}/ship")
def ship(tx: Session, shipment_id: UUID, if_match: IfMatch) -> ShipmentView:
    """The goods leave the warehouse."""
    return ShipmentView.of(actions.ship(tx, to_change(tx, Shipment, shipment_id, if_match, view=ShipmentView.of)))


@router.post("/shipments/{shipment_id}/deliver")
def deliver(tx: Session, shipment_id: UUID, body: DeliverShipment, if_match: IfMatch) -> ShipmentView:
    """The goods are with the customer; the order is further by that."""
    shipment = to_change(tx, Shipment, shipment_id, if_match, view=ShipmentView.of)
    return ShipmentView.of(actions.deliver(tx, shipment, received_by=body.received_by))


@router.get("/shipments/{shipment_id}/history")
def read_shipment_history(tx: Session, shipment_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a shipment, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Shipment, shipment_id), limit=limit, cursor=cursor)

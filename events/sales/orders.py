"""What sales announces about orders and the shipments that fulfil them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event
from chassis.money import ExactDecimal
from events.sales.documents import Buyer, Line, Totals


class Fulfilment(BaseModel):
    """How much of an order's line has been delivered and invoiced."""

    model_config = ConfigDict(frozen=True)

    order_line_id: str
    delivered: ExactDecimal
    invoiced: ExactDecimal


class OrderState(BaseModel):
    """What a customer ordered. ``invoice_on`` says when it is invoiced: at confirmation, or once delivered."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    status: Literal["draft", "confirmed", "released", "in_delivery", "delivered", "cancelled"]
    quote_id: str | None = None
    opportunity_id: str | None = None
    buyer: Buyer
    currency: str = "VND"
    ordered_on: date
    invoice_on: Literal["confirmation", "delivery"] = "delivery"
    discount_percent: ExactDecimal = Decimal(0)
    lines: tuple[Line, ...]
    fulfilment: tuple[Fulfilment, ...] = ()
    totals: Totals
    cancelled_reason: str | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutOrder(Event):
    order: OrderState

    @property
    def subject(self) -> str:
        return f"order:{self.order.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.order.buyer.reference,)


class OrderCreated(_AboutOrder):
    """An order was drafted, from a quote or directly."""

    type: ClassVar[str] = "sales.order.created.v1"


class _OrderChange(_AboutOrder):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class OrderUpdated(_OrderChange):
    """Fields of an order changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.order.updated.v1"


class OrderConfirmed(_OrderChange):
    """The order is binding: the ERP is to have it."""

    type: ClassVar[str] = "sales.order.confirmed.v1"


class OrderReleased(_OrderChange):
    """The goods may leave the warehouse."""

    type: ClassVar[str] = "sales.order.released.v1"


class OrderDelivered(_OrderChange):
    """Goods reached the customer: a part (status in_delivery) or the last of them (delivered)."""

    type: ClassVar[str] = "sales.order.delivered.v1"


class OrderCancelled(_OrderChange):
    """The order will not be fulfilled; the reason is in its state."""

    type: ClassVar[str] = "sales.order.cancelled.v1"


class OrderAssigned(_OrderChange):
    """An order got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.order.assigned.v1"
    handover_id: str | None = None


class ShippedLine(BaseModel):
    """How much of an order's line is in a shipment."""

    model_config = ConfigDict(frozen=True)

    order_line_id: str
    quantity: ExactDecimal


class ShipmentState(BaseModel):
    """What leaves the warehouse for an order, whole or in part."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    order_id: str
    status: Literal["planned", "shipped", "delivered"]
    lines: tuple[ShippedLine, ...]
    received_by: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutShipment(Event):
    shipment: ShipmentState
    buyer: Buyer

    @property
    def subject(self) -> str:
        return f"shipment:{self.shipment.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.buyer.reference,)


class ShipmentPlanned(_AboutShipment):
    """Goods are set aside for an order."""

    type: ClassVar[str] = "sales.shipment.planned.v1"


class ShipmentShipped(_AboutShipment):
    """The goods have left."""

    type: ClassVar[str] = "sales.shipment.shipped.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ShipmentDelivered(_AboutShipment):
    """The goods are with the customer."""

    type: ClassVar[str] = "sales.shipment.delivered.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ShipmentAssigned(_AboutShipment):
    """A shipment got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.shipment.assigned.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)
    handover_id: str | None = None

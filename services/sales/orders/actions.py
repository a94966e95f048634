"""What people do with orders. Each checks no rights: its caller found the order as the one who asks.

Confirming one, which may invoice it, is in ``confirmation``.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from chassis.access import as_system, find
from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.sales import (
    Buyer,
    Line,
    OrderCancelled,
    OrderCreated,
    OrderDelivered,
    OrderReleased,
    OrderUpdated,
    Totals,
)
from services.sales.lines.pricing import Wanted, charge, price
from services.sales.numbers.actions import next_number
from services.sales.orders.model import Order, Quantities
from services.sales.people.actions import hand_to


def create_order(
    tx: Session,
    *,
    buyer: Buyer,
    wanted: Sequence[Wanted],
    owner_id: str | None,
    day: date,
    facts: Mapping[str, Any],
    order_id: str | None = None,
) -> Order:
    """A draft as somebody enters it. ``facts`` are columns by name, such as ``currency`` and ``discount_percent``."""
    order = Order(id=order_id or new_id(), ordered_on=day, currency="VND", discount_percent=Decimal(0))
    set_fields(order, facts, by_key=())
    priced = price(tx, wanted, currency=order.currency, discount_percent=order.discount_percent, day=day)
    if owner_id is not None:
        hand_to(tx, order, owner_id)
    return _open(tx, order, buyer, *priced, day=day)


def order_from_quote(
    tx: Session,
    *,
    quote_id: str,
    opportunity_id: str | None,
    buyer: Buyer,
    currency: str,
    discount_percent: Decimal,
    lines: Sequence[Line],
    totals: Totals,
    owner: tuple[str | None, str | None],
    day: date,
) -> Order:
    """A draft of what the quote offered, at its prices. ``owner`` is its owner and their team."""
    order = Order(
        id=new_id(),
        quote_id=quote_id,
        opportunity_id=opportunity_id,
        currency=currency,
        discount_percent=discount_percent,
        ordered_on=day,
    )
    order.owner_id, order.team_id = owner
    return _open(tx, order, buyer, lines, totals, day=day)


def _open(tx: Session, order: Order, buyer: Buyer, lines: Sequence[Line], totals: Totals, *, day: date) -> Order:
    order.sell_to(buyer)
    order.charge(lines, totals)
    order.begin()
    order.number = next_number(tx, "SO", day)
    announce_new(tx, order, OrderCreated)
    return order


def change_order(
    tx: Session, order: Order, *, facts: Mapping[str, Any], wanted: Sequence[Wanted] | None, day: date
) -> Order:
    """Change a draft; ``wanted`` replaces its lines. Saying the same is no change. Raises OrderNotDraft."""
    order.must_be_draft()
    change = Change(order)
    charge(tx, order, wanted=wanted, discount_percent=facts.get("discount_percent"), day=day)
    set_fields(order, {name: value for name, value in facts.items() if name != "discount_percent"})
    if wanted is not None:
        order.begin()
    if tx.is_modified(order):
        change.announce(tx, OrderUpdated)
    return order


def release_order(tx: Session, order: Order) -> Order:
    """The goods may leave. Again changes nothing; raises OrderNotConfirmed or OrderWasCancelled."""
    change = Change(order)
    if order.release():
        change.announce(tx, OrderReleased)
    return order


def cancel_order(tx: Session, order: Order, *, reason: str) -> Order:
    """It will not be fulfilled. Again changes nothing; raises OrderAlreadyReleased or OrderAlreadyInvoiced."""
    change = Change(order)
    if order.cancel(reason):
        change.announce(tx, OrderCancelled)
    return order


def deliver_part(tx: Session, order: Order, quantities: Quantities) -> None:
    """This much more of the order has reached the customer."""
    change = Change(order)
    order.deliver(quantities)
    change.announce(tx, OrderDelivered)


def note_invoiced(tx: Session, order: Order, quantities: Quantities) -> None:
    """This much more of the order is on an invoice, or less of it."""
    change = Change(order)
    order.invoice(quantities)
    change.announce(tx, OrderUpdated)


def order_of(tx: Session, order_id: str) -> Order:
    """The order that a shipment or an invoice is of, locked, whoever owns it."""
    with as_system(tx, "what is shipped or invoiced moves its order, whoever owns that"):
        return find(tx, Order, order_id, lock=True)

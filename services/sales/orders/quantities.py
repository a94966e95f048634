"""How much of an order's lines somebody asks to ship or to invoice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from chassis.errors import Conflict, FieldError, Invalid
from chassis.i18n import say
from chassis.money import plain
from services.sales.orders.model import Order


class UnknownOrderLine(Invalid):
    """The order has no such line."""

    code = "unknown_order_line"


def asked_of(
    order: Order,
    wanted: Sequence[tuple[str, Decimal]] | None,
    left: Mapping[str, Decimal],
    *,
    too_much: type[Conflict],
    nothing: type[Conflict],
) -> dict[str, Decimal]:
    """The quantities by line: those wanted, or all that is left when nobody says.

    Raises UnknownOrderLine, ``too_much`` for more than is left of a line, ``nothing`` when nothing is left at all.
    """
    if not any(quantity > 0 for quantity in left.values()):
        raise nothing(say("Nothing is left of this order."))
    if wanted is None:
        return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}
    asked: dict[str, Decimal] = defaultdict(Decimal)
    lines = order.line_of
    for number, (line_id, quantity) in enumerate(wanted):
        if line_id not in lines:
            message = say("The order has no such line.")
            raise UnknownOrderLine(message, errors=[FieldError(f"/lines/{number}/order_line_id", message)])
        asked[line_id] += quantity
        if asked[line_id] > left.get(line_id, Decimal(0)):
            most = plain(left.get(line_id, Decimal(0)))
            raise too_much(say("At most {most} of “{name}”.", most=most, name=lines[line_id].name))
    return dict(asked)

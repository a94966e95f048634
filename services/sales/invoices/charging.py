"""What a part of an order comes to, so that all its invoices together are the order, to the coin."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from chassis.ids import new_id
from events.sales import Line, Totals
from services.sales.invoices.model import Invoice
from services.sales.lines.totals import Group, part_of, tax_of, with_taxes
from services.sales.orders.model import Order
from services.sales.taxes.queries import Taxes


def lines_for(order: Order, quantities: Mapping[str, Decimal], earlier: Sequence[Invoice]) -> list[Line]:
    """A line for each of these quantities of the order, net and not yet taxed; ``earlier`` are its other invoices."""
    before: dict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for invoice in earlier:
        for line in invoice.priced_lines:
            quantity, net = before[line.order_line_id or ""]
            before[line.order_line_id or ""] = (quantity + line.quantity, net + line.net)
    return [
        line.model_copy(
            update={
                "id": new_id(),
                "order_line_id": line.id,
                "quantity": quantities[line.id],
                "net": part_of(
                    line.net,
                    line.quantity,
                    taken=quantities[line.id],
                    before=before[line.id],
                    currency=order.currency,
                ),
                "tax": Decimal(0),
            }
        )
        for line in order.priced_lines
        if line.id in quantities
    ]


def taxed_on(
    day: date, lines: Sequence[Line], taxes: Taxes, order: Order, earlier: Sequence[Invoice]
) -> tuple[tuple[Line, ...], Totals]:
    """These lines with the taxes of this day. The invoice that completes a rate group takes what is left of its tax."""
    resolved = []
    for line in lines:
        tax = taxes.on(line.tax_code, day)
        resolved.append(line.model_copy(update={"tax_code": tax.code, "tax_rate": tax.rate}))
    return with_taxes(resolved, order.currency, _known_taxes(resolved, order, earlier))


def _known_taxes(lines: Sequence[Line], order: Order, earlier: Sequence[Invoice]) -> dict[Group, Decimal]:
    """The tax of each group that the order has as well: never more than the order's, and all of it in the end."""
    nets: dict[Group, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.tax_code, line.tax_rate] += line.net
    known = {}
    for group in order.comes_to.groups:
        key = (group.tax_code, group.rate)
        if key not in nets:
            continue
        charged = [each for invoice in earlier for each in invoice.comes_to.groups if (each.tax_code, each.rate) == key]
        left = group.tax - sum((each.tax for each in charged), Decimal(0))
        completes = nets[key] + sum((each.net for each in charged), Decimal(0)) == group.net
        known[key] = left if completes else min(tax_of(nets[key], group.rate, order.currency), left)
    return known

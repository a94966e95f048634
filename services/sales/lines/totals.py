"""The money rules of every document: nothing here knows a table.

Each line is rounded to the currency's coin; the tax of a rate group is computed once on the group's net and rounded
once; it is then spread over the group's lines. So the lines, the groups and the totals agree exactly, whoever adds up.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext

from chassis.errors import Invalid
from chassis.i18n import say
from chassis.money import MOST, rounded
from events.sales import Line, TaxGroup, Totals

HUNDRED = Decimal(100)
# Enough for quantity x price x two discounts without rounding on the way.
_DIGITS = 80

Group = tuple[str, Decimal]
"""A tax code and its rate."""


class AmountTooLarge(Invalid):
    """More than the ledgers of this world hold."""

    code = "amount_too_large"


def net_of(quantity: Decimal, unit_price: Decimal, *discounts: Decimal, currency: str) -> Decimal:
    """Quantity × unit price less the discounts (each in percent, of what the one before has left), rounded once."""
    with localcontext(prec=_DIGITS):
        net = quantity * unit_price
        for percent in discounts:
            net = net * (HUNDRED - percent) / HUNDRED
        _refuse_too_large(net)
        return rounded(net, currency)


def spread(whole: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Shares of ``whole`` in proportion to the weights, in coins; their sum is ``whole``, each within a coin of exact.

    Rounding running totals instead of shares leaves no remainder.
    """
    shares, run, given = [], Decimal(0), Decimal(0)
    with localcontext(prec=_DIGITS):
        everything = sum(weights, Decimal(0))
        for weight in weights:
            run += weight
            upto = rounded(whole * run / everything, currency) if everything else Decimal(0)
            shares.append(upto - given)
            given = upto
    return shares


def tax_of(net: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The tax on a group's net, rounded once."""
    with localcontext(prec=_DIGITS):
        return rounded(net * rate / HUNDRED, currency)


def with_taxes(
    lines: Sequence[Line], currency: str, taxes: Mapping[Group, Decimal] | None = None
) -> tuple[tuple[Line, ...], Totals]:
    """These lines with their share of tax, and the document's totals. ``taxes`` names a group's tax where it is known
    from elsewhere; every other group's is computed. Raises AmountTooLarge.
    """
    members: dict[Group, list[int]] = {}
    for place, line in enumerate(lines):
        members.setdefault((line.tax_code, line.tax_rate), []).append(place)
    taxed, groups = list(lines), []
    for (code, rate), places in members.items():
        net = sum((lines[place].net for place in places), Decimal(0))
        tax = (taxes or {}).get((code, rate), tax_of(net, rate, currency))
        for place, share in zip(places, spread(tax, [lines[each].net for each in places], currency), strict=True):
            taxed[place] = lines[place].model_copy(update={"tax": share})
        groups.append(TaxGroup(tax_code=code, rate=rate, net=net, tax=tax))
    net = sum((group.net for group in groups), Decimal(0))
    tax = sum((group.tax for group in groups), Decimal(0))
    _refuse_too_large(net + tax)
    return tuple(taxed), Totals(net=net, tax=tax, total=net + tax, groups=tuple(groups))


def part_of(
    net: Decimal, quantity: Decimal, *, taken: Decimal, before: tuple[Decimal, Decimal], currency: str
) -> Decimal:
    """The net of ``taken`` out of a line's ``quantity``, of which ``before`` (quantity, net) has been taken already.

    All parts of a line together are its net, never more.
    """
    quantity_before, net_before = before
    with localcontext(prec=_DIGITS):
        upto = rounded(net * (quantity_before + taken) / quantity, currency)
    return max(upto - net_before, Decimal(0))


def _refuse_too_large(amount: Decimal) -> None:
    if amount > MOST:
        raise AmountTooLarge(say("An amount must not be more than {limit}.", limit=f"{MOST:f}"))

"""Lines, tax groups and totals agree to the coin, whoever adds up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import rounded
from events.sales import Line, Totals
from services.sales.lines.totals import AmountTooLarge, net_of, part_of, spread, with_taxes
from services.sales.taxes.model import TaxCode
from services.sales.taxes.queries import Taxes, UnknownTaxCode

CURRENCIES = st.sampled_from(["VND", "USD"])
QUANTITIES = st.decimals("0.0001", 10_000, places=4, allow_nan=False)
PRICES = st.decimals(0, 1_000_000_000, places=4, allow_nan=False)
PERCENTS = st.decimals(0, 100, places=2, allow_nan=False)
TAXES = st.sampled_from([("VAT0", 0), ("VAT5", 5), ("VAT8", 8), ("VAT10", 10), ("KCT", 0)])


def line(net: Decimal, tax: tuple[str, int] = ("VAT8", 8)) -> Line:
    """A line of this net and tax."""
    return Line(
        id="l",
        name="Máy nén khí",
        unit="cái",
        quantity=Decimal(1),
        unit_price=net,
        discount_percent=Decimal(0),
        tax_code=tax[0],
        tax_rate=Decimal(tax[1]),
        net=net,
        tax=Decimal(0),
    )


def check(lines: tuple[Line, ...], totals: Totals, currency: str) -> None:
    """Lines, groups and totals are the same sums, all of whole coins."""
    assert sum(each.net for each in lines) == sum(group.net for group in totals.groups) == totals.net
    assert sum(each.tax for each in lines) == sum(group.tax for group in totals.groups) == totals.tax
    assert totals.total == totals.net + totals.tax
    for each in lines:
        assert each.tax == rounded(each.tax, currency)
        assert each.tax >= 0
        assert abs(each.tax - each.net * each.tax_rate / 100) < 2 * rounded(Decimal("0.5"), currency) + 1
    for group in totals.groups:
        assert group.tax == rounded(group.net * group.rate / 100, currency)


def test_three_lines_of_333333_at_8_percent_are_taxed_80000() -> None:
    lines, totals = with_taxes([line(Decimal(333_333))] * 3, "VND")
    assert (totals.net, totals.tax, totals.total) == (Decimal(999_999), Decimal(80_000), Decimal(1_079_999))
    assert sorted(each.tax for each in lines) == [26_666, 26_667, 26_667]


@given(st.lists(st.tuples(QUANTITIES, PRICES, PERCENTS, TAXES), max_size=12), PERCENTS, CURRENCIES)
def test_lines_groups_and_totals_agree(
    asked: list[tuple[Decimal, Decimal, Decimal, tuple[str, int]]], discount: Decimal, currency: str
) -> None:
    lines = [
        line(net_of(quantity, price, percent, discount, currency=currency), tax)
        for quantity, price, percent, tax in asked
    ]
    check(*with_taxes(lines, currency), currency)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=20), CURRENCIES)
def test_what_is_spread_is_all_given_and_each_share_is_within_a_coin(
    whole: int, weights: list[int], currency: str
) -> None:
    shares = spread(Decimal(whole), [Decimal(each) for each in weights], currency)
    everything = sum(weights)
    assert sum(shares) == (whole if everything else 0)
    coin = Decimal(1) if currency == "VND" else Decimal("0.01")
    for share, weight in zip(shares, weights, strict=True):
        assert share >= 0
        if everything:
            assert abs(share - Decimal(whole) * weight / everything) <= coin


@given(st.data(), QUANTITIES, st.integers(0, 10**12))
def test_the_parts_of_a_line_together_are_the_line(data: Any, quantity: Decimal, net: int) -> None:
    """Whatever parts are taken and given back, no more than the line is out, and all of it in the end."""
    out: list[tuple[Decimal, Decimal]] = []
    for _ in range(data.draw(st.integers(0, 6))):
        if out and data.draw(st.booleans()):
            out.pop(data.draw(st.integers(0, len(out) - 1)))
            continue
        left = quantity - sum((each for each, _ in out), Decimal(0))
        if left > 0:
            taken = data.draw(st.decimals("0.0001", left, places=4))
            out.append((taken, part(net, quantity, taken, out)))
            assert sum(each for _, each in out) <= net
    if (left := quantity - sum((each for each, _ in out), Decimal(0))) > 0:
        out.append((left, part(net, quantity, left, out)))
    assert sum(each for _, each in out) == net


def part(net: int, quantity: Decimal, taken: Decimal, out: list[tuple[Decimal, Decimal]]) -> Decimal:
    before = (sum((q for q, _ in out), Decimal(0)), sum((n for _, n in out), Decimal(0)))
    return part_of(Decimal(net), quantity, taken=taken, before=before, currency="VND")


def test_an_amount_that_no_ledger_holds_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        net_of(Decimal(10**8), Decimal(10**9), currency="VND")
    with pytest.raises(AmountTooLarge):
        with_taxes([line(Decimal(9 * 10**14))], "VND")


def tax(code: str, rate: int, first: str, last: str | None = None, then: str | None = None) -> TaxCode:
    """A tax code with its days."""
    return TaxCode(
        code=code,
        rate=Decimal(rate),
        valid_from=date.fromisoformat(first),
        valid_to=date.fromisoformat(last) if last else None,
        then_code=then,
    )


@pytest.mark.parametrize(
    ("day", "charged"),
    [("2026-12-31", "VAT8"), ("2027-01-01", "VAT10"), ("2025-06-30", "VAT10"), ("2025-07-01", "VAT8")],
)
def test_the_reduced_rate_ends_with_the_year(day: str, charged: str) -> None:
    taxes = Taxes([tax("VAT8", 8, "2025-07-01", "2026-12-31", "VAT10"), tax("VAT10", 10, "2009-01-01")])
    assert taxes.on("VAT8", date.fromisoformat(day)).code == charged


def test_a_code_that_applies_on_no_such_day_is_refused() -> None:
    taxes = Taxes([tax("VAT8", 8, "2025-07-01", "2026-12-31"), tax("A", 1, "2030-01-01", then="A")])
    for code in ("VAT8", "A", "VAT11"):
        with pytest.raises(UnknownTaxCode):
            taxes.on(code, date(2027, 1, 1))

"""The deals that were really closed, and what follows from the two files alone: nothing of the product is used here.

Their money is Brazil's: the marketplace is Brazilian, and so are the declared revenues.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CLOSED, LEADS = "olist_closed_deals.csv", "olist_leads.csv"
CURRENCY = "BRL"
CENT = Decimal("0.01")
DISCOUNT_PERCENT, TAX_PERCENT = Decimal("2.5"), Decimal(10)


@dataclass(frozen=True)
class Deal:
    """One row: which lead, who sold, when, in which line of business, for how much a month. Amounts to the cent."""

    lead: str
    origin: str
    seller: str
    won_on: str
    business: str
    revenue: Decimal

    @property
    def net(self) -> Decimal:
        """What is charged: a month's revenue less the discount, rounded half up."""
        return (self.revenue * (100 - DISCOUNT_PERCENT) / 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def tax(self) -> Decimal:
        """The tax on that, rounded half up."""
        return (self.net * TAX_PERCENT / 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.net + self.tax


@dataclass
class Line:
    """A line of the funnel as the files have it."""

    captured: int = 0
    won: int = 0
    revenue: Decimal = field(default_factory=Decimal)


def closed_deals(folder: Path) -> list[Deal]:
    """Every row of the file, in its order."""
    with (folder / LEADS).open(encoding="utf-8", newline="") as file:
        origins = {row["mql_id"]: row["origin"] for row in csv.DictReader(file)}
    with (folder / CLOSED).open(encoding="utf-8", newline="") as file:
        return [
            Deal(
                lead=row["mql_id"],
                origin=origins[row["mql_id"]],
                seller=row["sr_id"],
                won_on=row["won_date"][:10],
                business=row["business_segment"],
                revenue=Decimal(row["declared_monthly_revenue"]),
            )
            for row in csv.DictReader(file)
        ]


def best_first(deals: Sequence[Deal], count: int) -> list[Deal]:
    """So many, those with a declared revenue first; else in the order of the file."""
    return sorted(deals, key=lambda deal: deal.revenue == 0)[:count]


def some_leads(folder: Path, deals: Collection[Deal], more: int) -> set[str]:
    """The leads of these deals, and the first so many of the others."""
    with (folder / LEADS).open(encoding="utf-8", newline="") as file:
        others = [row["mql_id"] for row in csv.DictReader(file)]
    wanted = {deal.lead for deal in deals}
    return wanted | set([each for each in others if each not in wanted][:more])


def funnel_by_origin(origins: Collection[str], deals: Collection[Deal]) -> dict[str, Line]:
    """The funnel: ``origins`` has that of each lead that came in."""
    lines: dict[str, Line] = defaultdict(Line)
    for origin in origins:
        lines[origin].captured += 1
    for deal in deals:
        lines[deal.origin].won += 1
        lines[deal.origin].revenue += deal.revenue
    return dict(lines)


def won_by_seller(deals: Collection[Deal]) -> dict[str, tuple[int, Decimal]]:
    """How many deals each seller won, and the revenue of these."""
    won: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for deal in deals:
        count, revenue = won[deal.seller]
        won[deal.seller] = count + 1, revenue + deal.revenue
    return dict(won)

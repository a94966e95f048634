"""Reports as people and programs read them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import Field

from chassis.errors import FieldError, Invalid
from chassis.http import View
from chassis.i18n import Catalogue, say
from chassis.money import Money
from services.insight.facts.days import Span
from services.insight.reports.queries import DIMENSIONS, Dimension, Line, Row, Step

_TITLES = {
    "source": say("Funnel by source"),
    "campaign": say("Funnel by campaign"),
    "partner": say("Funnel by partner"),
    "owner": say("Funnel by owner"),
}
MOST_LINES = 500


class ReportView(View):
    """A report that can be run."""

    id: str
    title: str
    group_by: Dimension
    group_by_choices: list[Dimension]
    steps: list[Step]


class ReportsView(View):
    """The reports there are."""

    items: list[ReportView]
    next_cursor: None = None


class FunnelFigures(View):
    """Leads that came in, those that were qualified, and what they brought. Amounts stand by currency."""

    captured: int
    qualified: int
    won: int
    revenue: list[Money]
    orders: int
    ordered: list[Money]
    invoices: int
    invoiced: list[Money]
    invoices_paid: int
    paid: list[Money]

    @classmethod
    def figures(cls, lines: Sequence[Line]) -> dict[str, object]:
        """These lines added up."""
        counts = {step: sum(line.counts[step] for line in lines) for step in ("captured", "qualified", "won")}
        more = {
            name: sum(line.counts[step] for line in lines)
            for name, step in (("orders", "ordered"), ("invoices", "invoiced"), ("invoices_paid", "paid"))
        }
        amounts = {
            name: _added([line.amounts[step] for line in lines])
            for name, step in (("revenue", "won"), ("ordered", "ordered"), ("invoiced", "invoiced"), ("paid", "paid"))
        }
        return {**counts, **more, **amounts}


class FunnelLine(FunnelFigures):
    """One value of the dimension; ``key`` is null for what has none. ``label`` is what people call it."""

    key: str | None
    label: str | None


class FunnelTotals(FunnelFigures):
    """All lines added up, those that are not shown included."""

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Self:
        """The totals of these lines."""
        return cls.model_validate(cls.figures(lines))


class FunnelView(View):
    """Of those who came in between the two days, how many got how far. ``as_of``: the newest event it has heard of."""

    report: str
    title: str
    group_by: Dimension
    since: date | None = Field(serialization_alias="from")
    until: date | None = Field(serialization_alias="to")
    as_of: datetime | None
    rows: list[FunnelLine]
    more_rows: int
    totals: FunnelTotals


class RowView(View):
    """A record behind a number; ``type`` and ``id`` are where to click."""

    type: str
    id: str
    at: datetime
    owner_id: str | None
    amount: Money | None


class RowsView(View):
    """The records behind a number, newest first."""

    items: list[RowView]
    next_cursor: str | None
    as_of: datetime | None


def title_of(by: Dimension, catalogue: Catalogue, language: str) -> str:
    """What people call the report."""
    return catalogue.text(_TITLES[by], language)


def line_view(line: Line, names: Mapping[str, str]) -> FunnelLine:
    """This line; ``names`` has those of users and partners."""
    label = names.get(line.key or "", line.key)
    return FunnelLine.model_validate(FunnelFigures.figures([line]) | {"key": line.key, "label": label})


def row_view(row: Row) -> RowView:
    """This record."""
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = Money(amount=row.amount, currency=row.currency)
    return RowView(type=row.kind, id=row.id, at=row.at, owner_id=row.owner_id, amount=amount)


def span_of(since: date | None, until: date | None) -> Span:
    """The span between two days; raises Invalid when it ends before it begins."""
    if since is not None and until is not None and until < since:
        message = say("The last day is before the first.")
        raise Invalid(message, errors=[FieldError("?to", message)])
    return Span(since, until)


def asked_for(values: Mapping[Dimension, str | None], none: Dimension | None) -> dict[Dimension, str | None]:
    """The values that rows are asked for; ``none`` is the dimension that shall have no value. Raises Invalid."""
    wanted: dict[Dimension, str | None] = {name: value for name, value in values.items() if value is not None}
    for name in ("partner", "owner"):
        if wanted.get(name) is not None:
            wanted[name] = _id(name, str(wanted[name]))
    if none is not None:
        if none in wanted:
            message = say("Given twice.")
            raise Invalid(message, errors=[FieldError("?without", message)])
        wanted[none] = None
    return {name: wanted[name] for name in DIMENSIONS if name in wanted}


def _id(name: str, value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError as error:
        message = say("This is no id.")
        raise Invalid(message, errors=[FieldError(f"?{name}", message)]) from error


def _added(amounts: Sequence[Mapping[str, Decimal]]) -> list[Money]:
    total: dict[str, Decimal] = {}
    for each in amounts:
        for currency, amount in each.items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    return [Money(amount=total[currency], currency=currency) for currency in sorted(total)]

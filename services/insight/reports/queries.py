"""The funnel: of those who came in during a span, how many got how far, by where they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select
from sqlalchemy.orm import Session

from chassis.access import System, access_of
from chassis.cursors import Key, beyond, binding_of, read_cursor, read_position, write_cursor
from services.insight.facts.days import Span, number_of
from services.insight.facts.model import INVOICE, LEAD, OPPORTUNITY, ORDER, facts

NOUN = "report"
Dimension = Literal["source", "campaign", "partner", "owner"]
Step = Literal["captured", "qualified", "won", "ordered", "invoiced", "paid"]
DIMENSIONS: tuple[Dimension, ...] = ("source", "campaign", "partner", "owner")
STEPS: tuple[Step, ...] = ("captured", "qualified", "won", "ordered", "invoiced", "paid")

_COLUMN: dict[Dimension, ColumnElement[str]] = {
    "source": facts.c.source,
    "campaign": facts.c.campaign,
    "partner": facts.c.partner_id,
    "owner": facts.c.owner_id,
}
_QUALIFIED = facts.c.qualified == 1
_PAID = facts.c.paid > Decimal(0)
# Which rows a step counts.
_WHICH: dict[Step, tuple[ColumnElement[bool], ...]] = {
    "captured": (facts.c.kind == LEAD,),
    "qualified": (facts.c.kind == LEAD, _QUALIFIED),
    "won": (facts.c.kind == OPPORTUNITY,),
    "ordered": (facts.c.kind == ORDER,),
    "invoiced": (facts.c.kind == INVOICE,),
    "paid": (facts.c.kind == INVOICE, _PAID),
}
# The steps of each kind: the first counts all its rows, the second some of them.
_STEPS_OF: dict[str, tuple[Step, Step | None]] = {
    LEAD: ("captured", "qualified"),
    OPPORTUNITY: ("won", None),
    ORDER: ("ordered", None),
    INVOICE: ("invoiced", "paid"),
}


@dataclass
class Line:
    """One value of the dimension: how many records reached each step, and their amounts by currency."""

    key: str | None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))
    amounts: dict[str, dict[str, Decimal]] = field(default_factory=lambda: {step: {} for step in STEPS})

    def add(self, step: Step, count: int, currency: str | None, amount: Decimal) -> None:
        """So many more of this step."""
        self.counts[step] += count
        if currency is not None and count:
            known = self.amounts[step]
            known[currency] = known.get(currency, Decimal(0)) + amount


def _counted(tx: Session, span: Span) -> list[ColumnElement[bool]]:
    """The rows that count for the asker in this span."""
    wanted = [facts.c.counts.is_(True), *_reach(tx)]
    if span.since is not None:
        wanted.append(facts.c.day >= number_of(span.since))
    if span.until is not None:
        wanted.append(facts.c.day <= number_of(span.until))
    return wanted


def _reach(tx: Session) -> list[ColumnElement[bool]]:
    """The rows that the asker's right to reports reaches, each by its own owner."""
    access = access_of(tx)
    if isinstance(access, System):
        return []
    own = facts.c.owner_id == access.asker_id
    match access.depth(NOUN, "read"):
        case "all":
            return []
        case "own":
            return [own]
        case "team":
            return [or_(own, facts.c.team_id.in_(sorted(access.team_ids)))]
        case "below":
            return [or_(own, facts.c.team_id.in_(sorted(access.below_ids)))]
    return [facts.c.id.is_(None)]


def funnel(tx: Session, by: Dimension, span: Span) -> list[Line]:
    """A line for each value of the dimension, the most leads first; those without a value have the key None."""
    groups = (_COLUMN[by], facts.c.kind, facts.c.currency)
    figures = (
        func.count().label("all_of_them"),
        func.sum(facts.c.qualified + cast(_PAID, Integer)).label("some_of_them"),
        func.sum(facts.c.amount).label("amount"),
        func.sum(facts.c.paid).label("paid"),
    )
    lines: dict[str | None, Line] = {}
    for row in tx.execute(select(*groups, *figures).where(*_counted(tx, span)).group_by(*groups)):
        line = lines.setdefault(row[0], Line(row[0]))
        first, second = _STEPS_OF[row.kind]
        line.add(first, row.all_of_them, row.currency, row.amount)
        if second is not None:
            line.add(second, row.some_of_them, row.currency, row.paid)
    return sorted(lines.values(), key=lambda line: (-line.counts["captured"], -line.counts["won"], line.key or ""))


@dataclass(frozen=True, slots=True)
class Row:
    """One record behind a number."""

    id: str
    kind: str
    at: datetime
    owner_id: str | None
    amount: Decimal | None
    currency: str | None


_KEYS: Sequence[Key] = (Key(facts.c.created_at, True, False), Key(facts.c.id, True, False))


def rows_behind(
    tx: Session,
    step: Step,
    span: Span,
    where: Mapping[Dimension, str | None],
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row], str | None]:
    """A page of the records that a number counts, newest first; ``where`` has the values asked for, None for none.

    Raises InvalidCursor for a cursor of other rows.
    """
    given = [(name, value or "") for name, value in where.items()] + [("span", str(span))]
    binding = binding_of("rows", step, "", given)
    wanted = [*_counted(tx, span), *_WHICH[step]]
    wanted += [_COLUMN[by].is_(None) if value is None else _COLUMN[by] == value for by, value in where.items()]
    if cursor is not None:
        wanted.append(beyond(_KEYS, read_position(_KEYS, read_cursor(cursor, binding))))
    amount = facts.c.paid if step == "paid" else facts.c.amount
    chosen = select(
        facts.c.id, facts.c.kind, facts.c.created_at, facts.c.owner_id, amount.label("amount"), facts.c.currency
    )
    found = tx.execute(chosen.where(*wanted).order_by(*(key.ordered() for key in _KEYS)).limit(limit + 1)).all()
    shown = [Row(*each) for each in found[:limit]]
    return shown, write_cursor(binding, [shown[-1].at, shown[-1].id]) if len(found) > limit else None


def as_of(tx: Session) -> datetime | None:
    """The time of the newest event that was taken in; None before the first."""
    newest: datetime | None = tx.scalar(select(func.max(facts.c.told_at)))
    return newest

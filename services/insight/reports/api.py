"""The routes of reports."""

from datetime import date
from typing import Annotated

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import System, access_of
from chassis.errors import NotAllowed, NotFound
from chassis.http import Router
from chassis.i18n import Catalogue, Language, say
from services.insight.people.queries import names_of
from services.insight.reports.queries import DIMENSIONS, NOUN, STEPS, Dimension, Step, as_of, funnel, rows_behind
from services.insight.reports.schemas import (
    MOST_LINES,
    FunnelTotals,
    FunnelView,
    ReportsView,
    ReportView,
    RowsView,
    asked_for,
    line_view,
    row_view,
    span_of,
    title_of,
)

router = Router(tags=["reports"])

_REPORTS: dict[str, Dimension] = {f"funnel_by_{by}": by for by in DIMENSIONS}

Since = Annotated[date | None, Query(alias="from", description="Who came in on this day or later.")]
Until = Annotated[date | None, Query(alias="to", description="Who came in on this day or earlier.")]
Value = Annotated[str | None, Query(max_length=200)]


@router.get("/reports")
def list_reports(tx: Session, catalogue: Catalogue, language: Language) -> ReportsView:
    """The reports there are."""
    _may_read(tx)
    return ReportsView(
        items=[
            ReportView(
                id=report,
                title=title_of(by, catalogue, language),
                group_by=by,
                group_by_choices=list(DIMENSIONS),
                steps=list(STEPS),
            )
            for report, by in _REPORTS.items()
        ]
    )


@router.get("/reports/{report}/run")
def run_report(
    tx: Session,
    catalogue: Catalogue,
    language: Language,
    report: str,
    since: Since = None,
    until: Until = None,
    group_by: Dimension | None = None,
) -> FunnelView:
    """Of the leads that came in between two days, how many were qualified and won, and what they brought."""
    _may_read(tx)
    by = group_by or _find(report)
    _find(report)
    span = span_of(since, until)
    lines = funnel(tx, by, span)
    shown = lines[:MOST_LINES]
    keys = [line.key for line in shown if line.key is not None]
    names = names_of(tx, keys) if by in ("partner", "owner") else {}
    return FunnelView(
        report=report,
        title=title_of(by, catalogue, language),
        group_by=by,
        since=since,
        until=until,
        as_of=as_of(tx),
        rows=[line_view(line, names) for line in shown],
        more_rows=len(lines) - len(shown),
        totals=FunnelTotals.of(lines),
    )


@router.get("/reports/{report}/rows")
def read_rows(
    tx: Session,
    report: str,
    step: Step,
    since: Since = None,
    until: Until = None,
    source: Value = None,
    campaign: Value = None,
    partner: Value = None,
    owner: Value = None,
    without: Annotated[Dimension | None, Query(description="Those that have no value here, the line of null.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> RowsView:
    """The records that a number of the report counts, newest first."""
    _may_read(tx)
    _find(report)
    values: dict[Dimension, str | None] = {
        "source": source,
        "campaign": campaign,
        "partner": partner,
        "owner": owner,
    }
    where = asked_for(values, without)
    rows, next_cursor = rows_behind(tx, step, span_of(since, until), where, limit=limit, cursor=cursor)
    return RowsView(items=[row_view(row) for row in rows], next_cursor=next_cursor, as_of=as_of(tx))


def _find(report: str) -> Dimension:
    """What this report is by; raises NotFound."""
    by = _REPORTS.get(report)
    if by is None:
        raise NotFound()
    return by


def _may_read(tx: Session) -> None:
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(NOUN, "read") == "none":
        raise NotAllowed(say("Your role does not include this."))

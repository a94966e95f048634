"""Reports: the funnel as a chart and as a table, and the records behind each number."""

import json
from datetime import date

from starlette.responses import Response

from gateway.console.calling import Record, Refused
from gateway.console.colleagues import names_of
from gateway.console.pasts import page_of
from gateway.console.routes import Entry, Get
from gateway.console.visits import Visit

KINDS = {
    "funnel_by_source": ("source", "By source"),
    "funnel_by_campaign": ("campaign", "By campaign"),
    "funnel_by_partner": ("partner", "By partner"),
    "funnel_by_owner": ("owner", "By owner"),
}
# What is counted, by the name of its step, and what people call it.
COUNTS = (
    ("captured", "captured", "Leads that came in"),
    ("qualified", "qualified", "Qualified"),
    ("won", "won", "Won"),
    ("orders", "ordered", "Orders"),
    ("invoices_paid", "paid", "Paid"),
)
_STEPS = {
    "captured": "Leads that came in",
    "qualified": "Qualified",
    "won": "Won",
    "ordered": "Orders",
    "invoiced": "Invoices",
    "paid": "Paid",
}
_IN_CHART = 12


async def show_first(visit: Visit) -> Response:
    """The funnel by source."""
    return visit.lead_to("/reports/funnel_by_source")


async def show_report(visit: Visit, report: str) -> Response:
    """One report, of those who came in between two days."""
    if report not in KINDS:
        raise Refused(404, {})
    days = _days(visit)
    funnel: Record = await visit.api.get(f"/reports/{report}/run", from_=days["from"], to=days["to"])
    dimension = KINDS[report][0]
    lines = [(line, _drill(dimension, line["key"], days)) for line in funnel["rows"]]
    kinds = [(name, label) for name, (_, label) in KINDS.items()]
    return visit.show(
        "reports/report.html",
        report=report,
        kinds=kinds,
        funnel=funnel,
        lines=lines,
        days=days,
        counts=COUNTS,
        chart=_chart(visit, funnel),
    )


def _days(visit: Visit) -> dict[str, str]:
    """The days asked for; what is no day is left out."""
    days = {}
    for name in ("from", "to"):
        try:
            days[name] = date.fromisoformat(visit.query.get(name, "")).isoformat()
        except ValueError:
            days[name] = ""
    return days


def _drill(dimension: str, key: str | None, days: dict[str, str]) -> dict[str, str]:
    """What the records of a line are asked with."""
    which = {"without": dimension} if key is None else {dimension: key}
    return {name: value for name, value in {**which, **days}.items() if value}


def _chart(visit: Visit, funnel: Record) -> str:
    """What the script draws: names, and a row of numbers for each step."""
    rows = funnel["rows"][:_IN_CHART]
    return json.dumps(
        {
            "names": [row["label"] or visit.say("Without") for row in rows],
            "series": [
                {"name": visit.say(label), "data": [row[field] for row in rows]} for field, _, label in COUNTS[:3]
            ],
        }
    )


async def show_rows(visit: Visit, report: str) -> Response:
    """The records that a number counts."""
    step = visit.query.get("step", "")
    if report not in KINDS or step not in _STEPS:
        raise Refused(404, {})
    names = ("from", "to", "source", "campaign", "partner", "owner", "without")
    asked = {name: visit.query[name] for name in names if visit.query.get(name)}
    wanted = {("from_" if name == "from" else name): value for name, value in asked.items()}
    page = await visit.api.page(
        f"/reports/{report}/rows", step=step, limit=50, cursor=visit.query.get("cursor"), **wanted
    )
    records = [(row, page_of(row["type"], row["id"])) for row in page.items]
    owners = await names_of(visit, (row["owner_id"] for row in page.items))
    return visit.show(
        "reports/rows.html",
        report=report,
        page=page,
        records=records,
        names=owners,
        what=visit.say(_STEPS[step]),
        which=asked.get(KINDS[report][0], ""),
        kept={**asked, "step": step},
    )


ROUTES: list[Entry] = [
    Get("/reports", show_first),
    Get("/reports/{report}", show_report),
    Get("/reports/{report}/rows", show_rows),
]

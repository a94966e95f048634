"""The queue of cases: searched while one types, the most urgent first."""

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.cases.clocks import standing_of
from gateway.console.routes import Entry, Get
from gateway.console.visits import Visit

_PER_PAGE = 25
_LONGEST = 200
_OF_ONE = 20
_MOST_OPEN = 200
FILTERS = ("q", "status", "type", "priority", "owner", "overdue", "sort", "cursor")
UNDER_WAY, EVERY = "new,open,waiting", "every"


async def list_cases(visit: Visit) -> Response:
    """The cases that this person may see: those under way, unless they ask for others."""
    asked = {name: visit.query.get(name, "")[: _LONGEST if name == "q" else None] for name in FILTERS}
    page = await visit.api.page("/cases", limit=_PER_PAGE, count=True, **_query(asked))
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    template = "cases/rows.html" if visit.wants_part else "cases/list.html"
    return visit.show(template, page=page, kept=kept, asked=asked, standing_of=standing_of)


def _query(asked: dict[str, str]) -> Record:
    """What the API is asked: no status is "under way", and those are wanted by when they are due."""
    query: Record = {**asked, "sort": asked["sort"] or ("-created_at" if asked["status"] else "due_at")}
    match query.pop("status"):
        case "":
            query["status__in"] = UNDER_WAY
        case status if status != EVERY:
            query["status"] = status
    return query


@dataclass(frozen=True)
class CustomersCases:
    """A customer's cases in short, and the ids of those that this person may open."""

    page: Page
    open_to_me: frozenset[str]


async def cases_of(visit: Visit, noun: str, record_id: str) -> CustomersCases | None:
    """The cases of a customer, the newest first; None for whoever reads no cases."""
    if not visit.may("case.read"):
        return None
    all_of_them, mine = await asyncio.gather(
        if_allowed(visit.api.page("/customer_cases", regarding=f"{noun}:{record_id}", limit=_OF_ONE), None),
        if_allowed(visit.api.page("/cases", **{f"{noun}_id": record_id, "limit": _MOST_OPEN}), Page([])),
    )
    # The desk may not have heard of a customer who was written down a moment ago.
    page = all_of_them or Page(mine.items[:_OF_ONE], mine.next_cursor)
    return CustomersCases(page, frozenset(each["id"] for each in mine.items))


ROUTES: list[Entry] = [Get("/cases", list_cases)]

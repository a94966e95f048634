"""A seller leaves, the relationships stay: who gives what to whom, how far it has got, each customer in brief."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Page, Record, if_allowed, is_id
from gateway.console.colleagues import names_of
from gateway.console.handovers.counting import Line, lines_of, moved_in_all
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_PAGE = 25
_BRIEFS = 10
_MOST = 200
_NEWS_FOR = timedelta(days=7)
_NONE = Page([])


async def list_handovers(visit: Visit) -> Response:
    """Handovers that this person may see: of their people, and those that brought them customers."""
    page = await visit.api.page("/handovers", limit=_PER_PAGE, cursor=visit.query.get("cursor", ""))
    names = await names_of(visit, (each for handover in page.items for each in _people(handover)))
    return visit.show("handovers/list.html", page=page, names=names, moved_in_all=moved_in_all)


async def ask_for_handover(visit: Visit) -> Response:
    """The form: who leaves, who takes over, and what they should know."""
    people, teams = await asyncio.gather(
        visit.api.page("/colleagues", in_reach=True, limit=_MOST),
        visit.api.page("/handover_teams", limit=_MOST),
    )
    leaving = visit.given("from_user_id") or visit.query.get("from_user_id", "")
    return visit.show("handovers/form.html", people=people.items, teams=teams.items, leaving=leaving)


async def count(visit: Visit) -> Response:
    """What would be handed over, before anything is; the next button does it."""
    body = _asked(visit)
    told: Record = await visit.api.post("/handovers", body | {"dry_run": True})
    names = await names_of(visit, _people(told))
    return visit.show("handovers/check.html", told=told, lines=lines_of(told), names=names, to=visit.given("to"))


async def hand_over(visit: Visit) -> Response:
    """Do it: the services move the records, and the page says how far they have got."""
    made: Record = await visit.api.post("/handovers", _asked(visit), **visit.once())
    return visit.lead_to(f"/handovers/{made['id']}")


def _asked(visit: Visit) -> dict[str, Any]:
    """The form as the API wants it; ``to`` is ``user:<id>`` or ``team:<id>``."""
    kind, _, chosen = visit.given("to").partition(":")
    body: dict[str, Any] = {"from_user_id": visit.given("from_user_id")}
    body |= {"rules": {"team_id": chosen}} if kind == "team" else {"to_user_id": chosen}
    return body | ({"note": note} if (note := visit.given("note")) else {})


async def show_handover(visit: Visit, handover_id: str) -> Response:
    """One handover; while something moves, its middle is asked for again each second."""
    handover: Record = await visit.api.get(f"/handovers/{handover_id}")
    lines: list[Line] = lines_of(handover)
    names = await names_of(visit, _people(handover))
    values: Record = {"handover": handover, "lines": lines, "names": names}
    values["can_undo"] = (
        handover["status"] == "done"
        and visit.may("handover.create")
        and not visit.wording.is_past(handover["undo_until"])
    )
    return visit.show("handovers/progress.html" if visit.wants_part else "handovers/handover.html", **values)


async def undo(visit: Visit, handover_id: str) -> Response:
    """Give back what nobody has given on since."""
    await visit.api.post(f"/handovers/{handover_id}/undo", **visit.once())
    return visit.lead_to(f"/handovers/{handover_id}")


async def show_briefs(visit: Visit, handover_id: str) -> Response:
    """A card for each customer: who they are, what is open, the last word, the next step, what they owe."""
    cursor = visit.query.get("cursor", "")
    handover, told, pipelines = await asyncio.gather(
        visit.api.get(f"/handovers/{handover_id}"),
        visit.api.get(f"/handovers/{handover_id}/briefs", limit=_BRIEFS, cursor=cursor),
        if_allowed(visit.api.page("/pipelines", limit=50), _NONE),
    )
    names = await names_of(visit, [*_people(handover), *(each["to_user_id"] for each in told["items"])])
    page = Page(told["items"], told["next_cursor"])
    several = len(handover["shares"]) > 1
    stages = _stages(pipelines.items)
    away = [name for name, standing in told["parts"].items() if standing != "ok"]
    return visit.show(
        "handovers/briefs.html",
        handover=handover,
        page=page,
        names=names,
        several=several,
        stages=stages,
        away=away,
    )


async def news_of(visit: Visit) -> list[Record]:
    """Handovers of the last days that brought this person customers: id, and the names of those who had them."""
    since = (datetime.now(UTC) - _NEWS_FOR).isoformat(timespec="seconds").replace("+00:00", "Z")
    page: Page = await if_allowed(visit.api.page("/handovers", created_at__gte=since, limit=20), _NONE)
    mine = [
        each
        for each in page.items
        if each["status"] in ("running", "done") and visit.me["id"] in [share["to_user_id"] for share in each["shares"]]
    ]
    names = await names_of(visit, (each["from_user_id"] for each in mine)) if mine else {}
    return [{"id": each["id"], "name": names.get(each["from_user_id"], "")} for each in mine[:3]]


def _people(handover: Record) -> list[str]:
    asked_by = str(handover["requested_by"]).partition(":")[2]
    everybody = [handover["from_user_id"], *(share["to_user_id"] for share in handover["shares"]), asked_by]
    return [each for each in everybody if is_id(each)]


def _stages(pipelines: list[Record]) -> dict[str, Any]:
    """The names of stages by key; where two pipelines have the same, the usual one's."""
    ordered = sorted(pipelines, key=lambda pipeline: bool(pipeline["is_default"]))
    return {stage["key"]: stage["name"] for pipeline in ordered for stage in pipeline["stages"]}


ROUTES: list[Entry] = [
    Get("/handovers", list_handovers),
    Get("/handovers/new", ask_for_handover),
    Post("/handovers/new", count, again=ask_for_handover),
    Post("/handovers", hand_over, again=ask_for_handover),
    Get("/handovers/{handover_id:uuid}", show_handover),
    Post("/handovers/{handover_id:uuid}/undo", undo, again=show_handover),
    Get("/handovers/{handover_id:uuid}/briefs", show_briefs),
]

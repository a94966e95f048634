"""Flow: how everything stands just now, what waits for a person, the newest events, journeys."""

import asyncio
import json
import re
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Record, if_allowed
from gateway.console.flow.drawing import draw
from gateway.console.flow.feed import follow, show_feed
from gateway.console.flow.standing import cards
from gateway.console.flow.words import words
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_PAGE = 50
_RECORD = re.compile(r"[a-z_]+:[0-9a-f-]{36}")
_STEPS_FROM = 60
FILTERS = ("service", "kind", "reaction")


async def show_flow(visit: Visit) -> Response:
    """The whole picture; while somebody looks, the moving part of it alone."""
    flow, tour, journeys = await asyncio.gather(
        visit.api.get("/flow"),
        if_allowed(visit.api.get("/flow/tour"), {"state": "unavailable"}),
        if_allowed(visit.api.get("/flow/journeys", limit=8), {"items": [], "parts": {}}),
    )
    template = "flow/live.html" if visit.wants_part else "flow/overview.html"
    values = {"flow": flow, "cards": cards(flow, tour), "tour": tour, "journeys": journeys["items"]}
    return visit.show(template, **values, **words(visit))


async def begin_tour(visit: Visit) -> Response:
    """Push a hundred leads while the sales worker stands still."""
    await visit.api.post("/flow/tour")
    return visit.lead_to("/flow")


async def list_parked(visit: Visit) -> Response:
    """What waits for a person, and what operators did last."""
    asked = {name: visit.query.get(name, "") for name in FILTERS}
    page, acts, flow = await asyncio.gather(
        visit.api.get("/flow/parked", limit=_PER_PAGE, cursor=visit.query.get("cursor", ""), **asked),
        visit.api.page("/flow/acts", limit=10),
        visit.api.get("/flow"),
    )
    kept = {name: value for name, value in asked.items() if value}
    away = [name for name, state in page["parts"].items() if state != "ok"]
    services = [(each["service"], each["service"]) for each in flow["services"]]
    values = {"page": page, "acts": acts.items, "asked": asked, "kept": kept, "away": away, "services": services}
    return visit.show("flow/parked.html", **values, **words(visit))


async def show_parked(visit: Visit, service: str, ref: str) -> Response:
    """One of them, with its reason and what it says."""
    found = await visit.api.get(f"/flow/parked/{service}/{ref}")
    acts = await visit.api.page("/flow/acts", ref=ref, limit=10)
    body = json.dumps(found["body"], ensure_ascii=False, indent=2)
    return visit.show("flow/one.html", found=found, body=body, acts=acts.items, **words(visit))


async def replay(visit: Visit, service: str, ref: str) -> Response:
    """Put it back on its way."""
    done = await visit.api.post(f"/flow/parked/{service}/{ref}/replay")
    said = "It is on its way again." if done["changed"] else "Somebody had replayed it already: nothing was done twice."
    return visit.lead_to("/flow/parked", said)


async def drop(visit: Visit, service: str, ref: str) -> Response:
    """End it without effect, for a reason."""
    done = await visit.api.post(f"/flow/parked/{service}/{ref}/drop", {"reason": visit.given("reason")})
    said = "It was dropped; what waited behind it goes on." if done["changed"] else "It had been dropped already."
    return visit.lead_to("/flow/parked", said)


async def list_journeys(visit: Visit) -> Response:
    """The newest requests, and a box for any other."""
    wanted = visit.query.get("find", "").strip()
    if wanted:
        return visit.lead_to(f"/flow/journeys/{wanted[:150]}" if _fits(wanted) else "/flow/journeys")
    told = await visit.api.get("/flow/journeys", limit=50)
    return visit.show("flow/journeys.html", journeys=told["items"], **words(visit))


async def show_journey(visit: Visit, key: str) -> Response:
    """One journey from its first event to its last: of a request, or of a record such as ``lead:<id>``."""
    cursor = visit.query.get("cursor", "")
    if _RECORD.fullmatch(key):
        told = await visit.api.get("/flow/journey", regarding=key, limit=_STEPS_FROM, cursor=cursor)
    else:
        told = await visit.api.get(f"/flow/journeys/{key}", limit=_STEPS_FROM, cursor=cursor)
    drawing = draw(told["items"])
    return visit.show("flow/journey.html", key=key, told=told, drawing=drawing, away=_away(told), **words(visit))


def _fits(wanted: str) -> bool:
    return wanted.isascii() and wanted.isprintable() and not set(wanted) & set("/?#% ")


def _away(told: Record) -> list[Any]:
    return [name for name, state in told["parts"].items() if state != "ok"]


ROUTES: list[Entry] = [
    Get("/flow", show_flow),
    Post("/flow/tour", begin_tour, again=show_flow),
    Get("/flow/parked", list_parked),
    Get("/flow/parked/{service}/{ref}", show_parked),
    Post("/flow/parked/{service}/{ref}/replay", replay, again=show_parked),
    Post("/flow/parked/{service}/{ref}/drop", drop, again=show_parked),
    Get("/flow/feed", show_feed),
    Get("/flow/feed/stream", follow),
    Get("/flow/journeys", list_journeys),
    Get("/flow/journeys/{key}", show_journey),
]

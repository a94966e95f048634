"""Notes, tasks, calls and appointments: writing them down, doing them, and the day they make."""

import asyncio
import re
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Page, Record, Refused, if_allowed
from gateway.console.handovers.pages import news_of
from gateway.console.pasts import PAGE_OF, page_of, when
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_REGARDING = re.compile(r"([a-z_]{1,40}):([0-9a-f-]{36})")
KINDS = ("task", "phone_call", "appointment", "note")


async def show_day(visit: Visit) -> Response:
    """What I have to do: late, today, later, whenever; and the leads that wait for a first call."""
    page = await visit.api.page("/activities", owner="me", status="planned", sort="due_at", limit=100)
    end = visit.wording.end_of_today()
    groups: dict[str, list[Record]] = {"Late": [], "Today": [], "Later": [], "Without a day": []}
    for each in sorted(page.items, key=when):
        due = each["due_at"] or each["starts_at"]
        if due is None:
            groups["Without a day"].append(each)
        elif visit.wording.is_past(due):
            groups["Late"].append(each)
        else:
            groups["Today" if due <= end else "Later"].append(each)
    none = Page([])
    fresh, deals, news = await asyncio.gather(
        if_allowed(visit.api.page("/leads", owner="me", status="new", limit=5, count=True), none),
        if_allowed(
            visit.api.page("/opportunities", owner="me", status="open", sort="close_date", limit=5, count=True), none
        ),
        news_of(visit),
    )
    return visit.show("activities/day.html", groups=groups, fresh=fresh, deals=deals, news=news)


async def ask_for_activity(visit: Visit) -> Response:
    """The form; what it is about comes from the page that led here."""
    regarding = visit.given("regarding") or visit.query.get("regarding", "")
    kind = visit.given("kind") or visit.query.get("kind", "task")
    return visit.show("activities/form.html", regarding=regarding, kind=kind, back=_page_of(regarding))


async def create(visit: Visit) -> Response:
    """Write it down."""
    body: dict[str, Any] = {
        name: value for name, value in visit.facts("kind", "subject", "regarding", "description").items() if value
    }
    if due := visit.given("due_at"):
        at = visit.wording.moment_of(due)
        if at is None:
            raise Refused(422, {"errors": [{"pointer": "/due_at", "message": visit.say("This is not a time.")}]})
        body["starts_at" if body.get("kind") == "appointment" else "due_at"] = at
    await visit.api.post("/activities", body, **visit.once())
    return visit.lead_to(_page_of(visit.given("regarding")) or "/my-day", visit.say("It is written down."))


async def complete(visit: Visit, activity_id: str) -> Response:
    """It is done."""
    await visit.api.post(f"/activities/{activity_id}/complete", visit.facts("result"), **visit.once())
    return await _back(visit, activity_id, visit.say("Done."))


async def cancel(visit: Visit, activity_id: str) -> Response:
    """It will not be done."""
    await visit.api.post(f"/activities/{activity_id}/cancel", **visit.once())
    return await _back(visit, activity_id, visit.say("It was cancelled."))


async def _back(visit: Visit, activity_id: str, sentence: str) -> Response:
    if visit.given("from") == "day":
        return visit.lead_to("/my-day", sentence)
    activity: Record = await visit.api.get(f"/activities/{activity_id}")
    return visit.lead_to(_page_of(activity["regarding"]) or "/my-day", sentence)


def _page_of(regarding: str) -> str:
    match = _REGARDING.fullmatch(regarding)
    return page_of(match[1], match[2]) if match and match[1] in PAGE_OF else ""


ROUTES: list[Entry] = [
    Get("/my-day", show_day),
    Get("/activities/new", ask_for_activity),
    Post("/activities/new", create, again=ask_for_activity),
    Post("/activities/{activity_id:uuid}/complete", complete),
    Post("/activities/{activity_id:uuid}/cancel", cancel),
]

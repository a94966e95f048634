"""The newest events as they happen. A browser keeps one stream open; we ask for what is new every second."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from gateway.console.calling import Refused
from gateway.console.visits import Visit

EVERY_S = 1.0
HEARTBEAT_S = 15.0
# Then the browser comes again, and its session is looked at anew.
LONGEST_S = 600.0
_SHOWN = 40


async def show_feed(visit: Visit) -> Response:
    """The last events; those that follow come by themselves."""
    told = await visit.api.get("/events/latest", limit=_SHOWN)
    return visit.show("flow/feed.html", events=list(reversed(told["items"])), cursor=told["next_cursor"], most=_SHOWN)


async def follow(visit: Visit) -> Response:
    """Server-sent events: each is a row of the list, ready to be shown."""
    after = visit.request.headers.get("last-event-id") or visit.query.get("after", "0")
    await visit.api.get("/events/latest", after=after, limit=1)  # who may not follow hears it at once
    return StreamingResponse(_rows(visit, after), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _rows(visit: Visit, after: str) -> AsyncIterator[str]:
    row = visit.templates.get_template("flow/event.html")
    began = spoken = time.monotonic()
    yield "retry: 2000\n\n"
    while time.monotonic() - began < LONGEST_S:
        try:
            told = await visit.api.get("/events/latest", after=after, limit=100)
        except Refused as refused:
            if refused.status not in (429, 503):
                return
            told = {"items": [], "next_cursor": after}
        for event in told["items"]:
            html = row.render(event=event, visit=visit, say=visit.say, shown=visit.wording, is_new=True)
            lines = "".join(f"data: {line}\n" for line in html.splitlines())
            yield f"id: {event['position']}\n{lines}\n"
        if told["items"]:
            spoken = time.monotonic()
        elif time.monotonic() - spoken > HEARTBEAT_S:
            yield ": still here\n\n"
            spoken = time.monotonic()
        after = told["next_cursor"]
        await asyncio.sleep(EVERY_S)

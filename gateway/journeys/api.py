"""Routes for operators: what became of a lead, step by step, across all services."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request

from chassis.caller import HEADER, Caller, requires_role
from chassis.errors import NotFound
from chassis.http import Face, Router
from gateway.journeys.asking import ask_everybody
from gateway.journeys.schemas import JourneyView

router = Router(tags=["journeys"])

_sees_flow = requires_role("operator", "administrator")

Limit = Annotated[
    int, Query(ge=1, le=200, description="So many events; what was done because of them comes with them.")
]
Cursor = Annotated[str | None, Query(max_length=20)]


@router.get("/journeys", allow=_sees_flow)
async def read_journey_of_record(
    request: Request,
    face: Face,
    caller: Caller,
    regarding: Annotated[str, Query(max_length=100, pattern="^[a-z_]+:", description="A record, such as `lead:<id>`")],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> JourneyView:
    """Everything about a lead, or another record, and what came of it: opportunity, quote, order, invoice, payment."""
    return await _read(request, face, caller, {"regarding": regarding, "limit": limit}, cursor)


@router.get("/journeys/{correlation_id}", allow=_sees_flow)
async def read_journey(
    request: Request, face: Face, caller: Caller, correlation_id: str, limit: Limit = 100, cursor: Cursor = None
) -> JourneyView:
    """Every event, reaction and delivery that followed from one request, by its `X-Request-Id`."""
    return await _read(request, face, caller, {"correlation_id": correlation_id[:200], "limit": limit}, cursor)


async def _read(request: Request, face: Face, caller: Caller, query: dict[str, Any], cursor: str | None) -> JourneyView:
    if cursor is not None:
        query["cursor"] = cursor
    # Each part checks for itself who asks.
    headers = [(HEADER.lower().encode(), face.seal.sign(caller).encode())]
    if language := request.headers.get("accept-language"):
        headers.append((b"accept-language", language.encode("latin-1")))
    journey = JourneyView.of(await ask_everybody(request.app.state.neighbours, query, headers))
    if not journey.items and set(journey.parts.values()) == {"ok"}:
        raise NotFound()
    return journey

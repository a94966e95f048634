"""Routes for operators: what became of a lead, or of any request, step by step, across all services."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request

from chassis.caller import Caller, requires_role
from chassis.errors import NotFound
from chassis.http import Face, Router
from gateway.flow.asking import signed
from gateway.journeys.asking import ask_everybody, ask_latest
from gateway.journeys.schemas import JourneyView, LatestJourneysView

router = Router(tags=["journeys"])

_sees_flow = requires_role("operator", "administrator")

Limit = Annotated[
    int, Query(ge=1, le=200, description="So many events; what was done because of them comes with them.")
]
Cursor = Annotated[str | None, Query(max_length=20)]


@router.get("/flow/journeys", allow=_sees_flow)
async def list_latest_journeys(
    request: Request, face: Face, caller: Caller, limit: Annotated[int, Query(ge=1, le=50)] = 20
) -> LatestJourneysView:
    """The requests that were spoken of last, newest first: what began each, and whether all of it is done."""
    headers = signed(request, face, caller)
    return LatestJourneysView.of(await ask_latest(request.app.state.neighbours, limit, headers))


@router.get("/flow/journey", allow=_sees_flow)
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


@router.get("/flow/journeys/{correlation_id}", allow=_sees_flow)
async def read_journey(
    request: Request, face: Face, caller: Caller, correlation_id: str, limit: Limit = 100, cursor: Cursor = None
) -> JourneyView:
    """Every event, reaction and delivery that followed from one request, by its `X-Request-Id`."""
    return await _read(request, face, caller, {"correlation_id": correlation_id[:200], "limit": limit}, cursor)


async def _read(request: Request, face: Face, caller: Caller, query: dict[str, Any], cursor: str | None) -> JourneyView:
    if cursor is not None:
        query["cursor"] = cursor
    headers = signed(request, face, caller)
    journey = JourneyView.of(await ask_everybody(request.app.state.neighbours, query, headers))
    if not journey.items and set(journey.parts.values()) == {"ok"}:
        raise NotFound()
    return journey

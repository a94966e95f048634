"""The route for systems that follow everything that happens."""

from typing import Annotated

from fastapi import Header, Query
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from chassis.caller import Caller, any_of, requires, requires_role
from chassis.errors import FieldError, Invalid, NotAllowed
from chassis.http import Face, Router
from chassis.i18n import say
from services.channels.feed.following import follow
from services.channels.feed.journeys import journey_of_record, journey_of_request, latest_journeys
from services.channels.feed.queries import latest_of_feed, read_feed
from services.channels.feed.schemas import (
    FeedPage,
    JourneyEvents,
    LatestEvents,
    LatestJourneys,
    as_json,
    read_after,
    read_wanted,
)

router = Router(tags=["events"])

# Events carry what customers told us: operators, who see none of that, are left out.
_sees_flow = requires_role("operator", "administrator")
_reads = any_of(requires("events:read"), requires_role("administrator"))


def _reads_events(caller: Caller) -> None:
    if caller.partner_id is not None:
        raise NotAllowed(say("The feed is not for partners."))
    _reads(caller)


@router.get(
    "/events",
    allow=_reads_events,
    responses={200: {"model": FeedPage, "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def read_events(
    face: Face,
    after: Annotated[str | None, Query(max_length=20, description="A cursor: only what came after it.")] = None,
    types: Annotated[str | None, Query(max_length=2_000, description="Types, or beginnings such as sales.*")] = None,
    subject: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    accept: Annotated[str | None, Header()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Everything that happened, oldest first; nothing ever appears before a cursor already handed out.

    With `Accept: text/event-stream` it goes on live, from `Last-Event-ID` or `after`, or from now on without either.
    """
    live = "text/event-stream" in (accept or "")
    wanted = read_wanted((last_event_id if live and last_event_id else after), types, subject)
    if live:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(await follow(face, wanted), 200, headers, "text/event-stream")
    reading = await face.read(lambda tx: read_feed(tx, wanted.after or 0, wanted.types, limit, subject=wanted.subject))
    return Response(as_json(reading), media_type="application/json")


@router.get("/events/latest", allow=_sees_flow)
def read_latest_events(
    tx: Session,
    after: Annotated[str | None, Query(max_length=20, description="A cursor: only what came after it.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LatestEvents:
    """The newest events, or those after a cursor, without what they say about anybody."""
    reading = latest_of_feed(tx, limit) if after is None else read_feed(tx, read_after(after, "after"), limit=limit)
    return LatestEvents.of(reading)


@router.get("/events/journeys", allow=_sees_flow)
def read_latest_journeys(tx: Session, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> LatestJourneys:
    """The requests that events spoke of last. What services did because of them is added by `GET /flow/journeys`."""
    return LatestJourneys.of(latest_journeys(tx, limit=limit))


@router.get("/events/journey", allow=_sees_flow)
def read_journey_events(
    tx: Session,
    correlation_id: Annotated[str | None, Query(max_length=200)] = None,
    regarding: Annotated[str | None, Query(max_length=100, description="A record, such as `lead:<id>`")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> JourneyEvents:
    """The events of one request, or of a record's whole journey, in order and without what they say about people.

    What services did because of them is added by `GET /flow/journeys/{correlation_id}`.
    """
    if (correlation_id is None) == (regarding is None):
        message = say("Give either correlation_id or regarding.")
        raise Invalid(message, errors=[FieldError("?correlation_id", message)])
    after = read_after(cursor)
    if correlation_id is not None:
        return JourneyEvents.of(journey_of_request(tx, correlation_id, after=after, limit=limit))
    return JourneyEvents.of(journey_of_record(tx, regarding or "", after=after, limit=limit))

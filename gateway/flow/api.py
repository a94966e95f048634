"""``/flow``: how everything stands, what waits for a person, and what operators did about it."""

from typing import Annotated

from fastapi import Query
from sqlalchemy.orm import Session
from starlette.requests import Request

from chassis.caller import Caller, requires_role
from chassis.context import Context
from chassis.filters import Filter
from chassis.http import Face, Router
from chassis.paging import Listing, ListRequest, Page
from gateway.flow.actions import settle_and_note
from gateway.flow.asking import ask_about, ask_parked, ask_standings, ask_to_settle, signed
from gateway.flow.model import FlowAct
from gateway.flow.schemas import (
    ActView,
    DropParked,
    FlowActView,
    FlowView,
    Kind,
    ParkedDetailView,
    ParkedPage,
    TourView,
)
from gateway.flow.tour import Tour

router = Router(tags=["flow"])

sees_flow = requires_role("operator", "administrator")

ACTS = Listing(
    model=FlowAct,
    sorts=("at",),
    default_sort="-at",
    filters={
        "service": Filter(FlowAct.service),
        "ref": Filter(FlowAct.ref),
        "actor": Filter(FlowAct.actor),
    },
)


@router.get("/flow", allow=sees_flow)
async def read_flow(request: Request, face: Face, caller: Caller) -> FlowView:
    """Every service: what waits to be sent, heard and called, for how long, and who is at work on it."""
    return FlowView.of(await ask_standings(request.app.state.neighbours, signed(request, face, caller)))


@router.get("/flow/parked", allow=sees_flow)
async def list_parked(
    request: Request,
    face: Face,
    caller: Caller,
    service: Annotated[str | None, Query(max_length=100)] = None,
    reaction: Annotated[str | None, Query(max_length=100)] = None,
    kind: Kind | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=8_000)] = None,
) -> ParkedPage:
    """What waits for a person, oldest first: parked events and calls of every service, and dead letters."""
    headers = signed(request, face, caller)
    told = await ask_parked(
        request.app.state.neighbours,
        headers,
        limit=limit,
        cursor=cursor,
        service=service,
        reaction=reaction,
        kind=kind,
    )
    return ParkedPage.of(told)


@router.get("/flow/parked/{service}/{parked_id}", allow=sees_flow)
async def read_parked(request: Request, face: Face, caller: Caller, service: str, parked_id: str) -> ParkedDetailView:
    """One of them, with its reason and its body."""
    found = await ask_about(request.app.state.neighbours, signed(request, face, caller), service, parked_id)
    return ParkedDetailView.model_validate({name: found[name] for name in ParkedDetailView.model_fields})


@router.post("/flow/parked/{service}/{parked_id}/replay", allow=sees_flow, idempotent=False)
async def replay_parked(
    request: Request, face: Face, caller: Caller, context: Context, service: str, parked_id: str
) -> ActView:
    """Put it back on its way, with all its tries before it. It takes effect once, however often this is asked."""
    return await _settle(request, face, caller, context, service, parked_id, "replay", "")


@router.post("/flow/parked/{service}/{parked_id}/drop", allow=sees_flow, idempotent=False)
async def drop_parked(
    request: Request, face: Face, caller: Caller, context: Context, service: str, parked_id: str, body: DropParked
) -> ActView:
    """End it without effect; what waits behind it goes on. It stays known who dropped it, and why."""
    return await _settle(request, face, caller, context, service, parked_id, "drop", body.reason)


@router.get("/flow/acts", allow=sees_flow, listing=ACTS)
def list_acts(tx: Session, asked: ListRequest) -> Page[FlowActView]:
    """What operators replayed and dropped, the newest first."""
    return ACTS.page(tx, asked, FlowActView.model_validate)


@router.get("/flow/tour", allow=sees_flow)
async def read_tour(request: Request) -> TourView:
    """How far the tour is that was begun last."""
    return TourView.of(request.app.state.tour)


@router.post("/flow/tour", allow=sees_flow, idempotent=False)
async def begin_tour(request: Request, caller: Caller) -> TourView:
    """Push a hundred leads of the demo company while the sales worker stands still; one tour at a time.

    Where no demo company lives in one process it is `unavailable`, and nothing happens.
    """
    tour: Tour | None = request.app.state.tour
    if tour is not None:
        tour.begin(caller.actor)
    return TourView.of(tour)


async def _settle(
    request: Request, face: Face, caller: Caller, context: Context, service: str, ref: str, verb: str, reason: str
) -> ActView:
    neighbours, headers = request.app.state.neighbours, signed(request, face, caller)
    act = FlowAct(actor=caller.actor, verb=verb, service=service[:100], ref=ref[:200], reason=reason)
    done = await settle_and_note(
        face, context, act, lambda: ask_to_settle(neighbours, headers, service, ref, verb, reason)
    )
    return ActView(service=service, id=ref, state=done["state"], changed=done["changed"])

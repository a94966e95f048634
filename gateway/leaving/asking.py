"""Asking the services what somebody would leave behind."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from chassis.caller import HEADER, Caller
from chassis.http import Face
from gateway.proxy.asking import Headers, ask
from gateway.proxy.neighbours import Neighbours
from gateway.proxy.routing import API

_WITHIN_S = 5.0
# We ask for ourselves: whoever asked us was checked here, against the whole of somebody's work.
_OURSELVES = Caller(kind="system", id="gateway", name="gateway")
_COUNTING = {"sales": "/open_records/", "activities": "/planned_activities/"}

Part = Literal["ok", "unavailable"]


@dataclass(frozen=True)
class OpenWork:
    """Open records of somebody by kind, as far as the services answered."""

    counts: dict[str, int]
    parts: dict[str, Part]


async def open_work(request: Request, face: Face, user_id: str) -> OpenWork:
    """What this person has open, counted by the services."""
    headers = signed(face, _OURSELVES)
    told = await asyncio.gather(
        *(ask_service(request, name, path + user_id, headers) for name, path in _COUNTING.items())
    )
    counts: dict[str, int] = {}
    parts: dict[str, Part] = {}
    for name, (status, answer) in zip(_COUNTING, told, strict=True):
        parts[name] = "ok" if status == 200 else "unavailable"
        counts |= answer["counts"] if status == 200 else {}
    return OpenWork(counts, parts)


def signed(face: Face, caller: Caller) -> list[tuple[bytes, bytes]]:
    """The header that says who asks: each service checks for itself."""
    return [(HEADER.lower().encode(), face.seal.sign(caller).encode())]


async def ask_service(request: Request, service: str, path: str, headers: Headers, query: str = "") -> tuple[int, Any]:
    """Status and content of what a service answers; 503 and None when it does not in time."""
    neighbours: Neighbours = request.app.state.neighbours
    for number, app in enumerate(neighbours.apps):
        if await neighbours.name(number) == service:
            return await ask(app, API + path, within_s=_WITHIN_S, headers=headers, query=query)
    return 503, None

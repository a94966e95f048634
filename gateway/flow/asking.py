"""Asking each service how it stands and what is parked there. Whoever does not answer in time is down."""

import asyncio
import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from chassis.caller import HEADER, Caller
from chassis.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from chassis.http import Face
from chassis.i18n import say
from gateway.proxy.asking import Headers, ask
from gateway.proxy.neighbours import Neighbours

STANDING_WITHIN_S = 2.0
PARKED_WITHIN_S = 5.0
# Nothing in it needs to be quoted in a path.
_REFERENCE = re.compile(r"[A-Za-z0-9:._-]{1,200}")
_DONE = "-"


@dataclass
class Shelves:
    """A page of what is parked everywhere, oldest first, and who answered."""

    items: list[dict[str, Any]] = field(default_factory=list)
    next_cursor: str | None = None
    parts: dict[str, str] = field(default_factory=dict)


def signed(request: Request, face: Face, caller: Caller) -> Headers:
    """Who asks, for the services: each checks for itself."""
    headers = [(HEADER.lower().encode(), face.seal.sign(caller).encode())]
    if language := request.headers.get("accept-language"):
        headers.append((b"accept-language", language.encode("latin-1")))
    return headers


async def names_of(neighbours: Neighbours) -> list[str]:
    """What each upstream calls itself, or where it is while it has never answered."""
    names = await asyncio.gather(*(neighbours.name(number) for number in range(len(neighbours.apps))))
    return [name or " ".join(neighbours.prefixes[number]) for number, name in enumerate(names)]


async def ask_standings(neighbours: Neighbours, headers: Headers) -> dict[str, dict[str, Any] | None]:
    """How each service stands, by name; None for one that does not answer."""
    names, answers = await asyncio.gather(
        names_of(neighbours),
        asyncio.gather(*(ask(app, "/flow", within_s=STANDING_WITHIN_S, headers=headers) for app in neighbours.apps)),
    )
    return {name: answer if status == 200 else None for name, (status, answer) in zip(names, answers, strict=True)}


async def ask_parked(
    neighbours: Neighbours,
    headers: Headers,
    *,
    limit: int,
    cursor: str | None = None,
    service: str | None = None,
    reaction: str | None = None,
    kind: str | None = None,
) -> Shelves:
    """Part of what is parked. A service that is away comes again with the next page, from where it was."""
    asked = {"limit": limit, "reaction": reaction, "kind": kind}
    places = _read_cursor(cursor)
    names = await names_of(neighbours)
    wanted = [each for each in names if service in (None, each) and places.get(each) != _DONE]
    if service is not None and service not in names:
        raise Invalid(errors=[FieldError("?service", say("There is no such service."))])
    answers = await asyncio.gather(
        *(
            ask(
                neighbours.apps[names.index(each)],
                "/flow/parked",
                within_s=PARKED_WITHIN_S,
                headers=headers,
                content={**asked, "after": places.get(each)},
            )
            for each in wanted
        )
    )
    told = Shelves(parts=dict.fromkeys(wanted, "unavailable"))
    for name, (status, answer) in zip(wanted, answers, strict=True):
        if status == 400:
            raise _wrong_cursor()
        if status == 200:
            told.parts[name] = "ok"
            told.items += [{"service": name, **item} for item in answer["items"]]
    _cut(told, limit, places)
    return told


def _cut(told: Shelves, limit: int, places: dict[str, Any]) -> None:
    """Keep the oldest, and go on in each service behind the last of it that is shown."""
    found, told.items = sorted(told.items, key=lambda item: (item["since"], item["service"])), []
    told.items = found[:limit]
    cut_off = {item["service"] for item in found[limit:]}
    for item in told.items:
        places[item["service"]] = item["place"]
    answered = [name for name, state in told.parts.items() if state == "ok"]
    full = {name for name in answered if sum(item["service"] == name for item in found) >= limit}
    for name in answered:
        if name not in cut_off and name not in full:
            places[name] = _DONE
    if cut_off or full:
        told.next_cursor = _write_cursor(places)


async def ask_about(neighbours: Neighbours, headers: Headers, service: str, ref: str) -> dict[str, Any]:
    """One parked thing; raises NotFound, and Unavailable while its service is away."""
    number = await _number(neighbours, service, ref)
    path = f"/flow/parked/{ref}"
    status, answer = await ask(neighbours.apps[number], path, within_s=PARKED_WITHIN_S, headers=headers)
    return _content(status, answer, service)


async def ask_to_settle(
    neighbours: Neighbours, headers: Headers, service: str, ref: str, verb: str, reason: str
) -> dict[str, Any]:
    """Replay or drop it there; raises NotFound, Conflict, and Unavailable when nothing is known of the outcome."""
    number = await _number(neighbours, service, ref)
    status, answer = await ask(
        neighbours.apps[number],
        f"/flow/parked/{ref}/{verb}",
        within_s=PARKED_WITHIN_S,
        headers=headers,
        content={"reason": reason},
    )
    return _content(status, answer, service)


async def _number(neighbours: Neighbours, service: str, ref: str) -> int:
    names: Sequence[str] = await names_of(neighbours)
    if service not in names or not _REFERENCE.fullmatch(ref):
        raise NotFound()
    return names.index(service)


def _content(status: int, answer: Any, service: str) -> dict[str, Any]:
    match status:
        case 200:
            return {"service": service, **answer}
        case 404:
            raise NotFound()
        case 409:
            raise Conflict(str(answer.get("detail", "")))
        case _:
            raise Unavailable(say("{service} does not answer.", service=service), headers={"Retry-After": "5"})


def _read_cursor(cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return {}
    try:
        places = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise _wrong_cursor() from error
    if not isinstance(places, dict) or len(places) > 50:
        raise _wrong_cursor()
    return places


def _write_cursor(places: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(places)).decode().rstrip("=")


def _wrong_cursor() -> Invalid:
    message = say("This is no cursor of this list.")
    return Invalid(message, errors=[FieldError("?cursor", message)])

"""What operators see of a service and do to it. They ask through the gateway, which signs who asks."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import parked
from chassis.caller import HEADER as CALLER_HEADER
from chassis.caller import Caller, requires_role
from chassis.errors import BadRequest, NotFound
from chassis.footprints import footprints, read_asked
from chassis.http.face import Face
from chassis.http.trail import trail_of
from chassis.masking import masked
from chassis.queue_depths import QueueDepths
from chassis.standing import standing

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
_LONGEST_WHY = 500
# Who may follow what goes through the system. Of these only the administrator sees what it says about people.
sees_flow = requires_role("operator", "administrator")

Answer = Callable[[Request, Caller], Awaitable[Any]]


def operating_routes(face: Face) -> list[Route]:
    """``/trail``, ``/flow``, ``/flow/parked`` and what can be done there."""
    node = face.node
    depths = QueueDepths(node)

    async def trail(request: Request, _caller: Caller) -> Any:
        """What became here of the events that the body names."""
        try:
            asked = read_asked(await _content(request))
        except ValueError as error:
            raise BadRequest() from error
        return await face.read(lambda tx: footprints(tx, node.service, asked))

    async def flow(_request: Request, _caller: Caller) -> Any:
        """How this service stands."""
        found = await face.read(lambda tx: standing(tx, node.service))
        return {**found, "queues": await depths.look()}

    async def listed(request: Request, caller: Caller) -> Any:
        """What is parked here beyond a place, oldest first; each with the place that it has itself."""
        asked = await _asked(request)
        items = await face.read(lambda tx: parked.list_parked(tx, **asked))
        return {"items": [_told(_seen(item, face, caller)) for item in items]}

    async def shown(request: Request, caller: Caller) -> Any:
        detail = await face.read(lambda tx: parked.show(tx, request.path_params["ref"]))
        item = _seen(detail.parked, face, caller)
        return {**_told(item), "behind": detail.behind, "body": _read(item.body)}

    async def act(request: Request, caller: Caller) -> Any:
        ref, verb, why = request.path_params["ref"], request.path_params["verb"], await _why(request)
        if verb not in ("replay", "drop"):
            raise NotFound()

        def settle() -> parked.Act:
            with node.begin(trail_of(request.scope).context()) as tx:
                return parked.act_once(tx, ref, verb, by=caller.actor, why=why)

        done = await face.threads.run(settle)
        node.inbox_filled.set()
        log.info("operator act", service=node.name, verb=verb, ref=ref, by=caller.actor, changed=done.changed)
        return {"state": done.state, "changed": done.changed, "kind": done.kind}

    return [
        _route(face, "/trail", trail, "POST"),
        _route(face, "/flow", flow),
        _route(face, "/flow/parked", listed, "POST"),
        _route(face, "/flow/parked/{ref}", shown),
        _route(face, "/flow/parked/{ref}/{verb}", act, "POST"),
    ]


def _route(face: Face, path: str, answer: Answer, method: str = "GET") -> Route:
    async def serve(request: Request) -> Response:
        trail = trail_of(request.scope)
        trail.route = path
        caller = face.seal.verify(request.headers.get(CALLER_HEADER, ""))
        trail.caller = caller
        sees_flow(caller)
        return JSONResponse(await answer(request, caller))

    return Route(path, serve, methods=[method])


async def _content(request: Request) -> Any:
    return orjson.loads(await request.body())


async def _asked(request: Request) -> dict[str, Any]:
    try:
        asked = await _content(request)
        kind, after = asked.get("kind"), asked.get("after")
        if kind is not None and kind not in get_args(parked.Kind):
            raise ValueError(kind)
        place = None if after is None else parked.read_place(after)
        limit = min(MOST_AT_ONCE, max(1, int(asked.get("limit", MOST_AT_ONCE))))
        return {"kind": kind, "what": str(asked.get("reaction") or ""), "limit": limit, "after": place}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRequest() from error


async def _why(request: Request) -> str:
    try:
        content = await _content(request)
        return str(content.get("reason") or "")[:_LONGEST_WHY]
    except (ValueError, AttributeError) as error:
        raise BadRequest() from error


def _seen(item: parked.Parked, face: Face, caller: Caller) -> parked.Parked:
    return item if "administrator" in caller.roles else masked(item, face.node.service)


def _told(item: parked.Parked) -> dict[str, Any]:
    is_call = item.kind == "delivery"
    return {
        "id": item.ref,
        "kind": item.kind,
        "reaction": item.what if item.kind == "inbox" else None,
        "receiver": item.what if is_call else None,
        "type": item.type,
        "subject": item.subject,
        "sequence": item.sequence,
        "reason": item.reason,
        "attempts": item.attempts,
        "since": item.since.isoformat(),
        "place": item.place.written(),
    }


def _read(body: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body

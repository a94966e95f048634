"""Turns a declared route into what FastAPI serves: who calls, what came, then one hop into a thread."""

import asyncio
import inspect
from collections.abc import Callable, Collection
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from chassis import idempotency
from chassis.caller import HEADER as CALLER_HEADER
from chassis.caller import Caller
from chassis.context import Context
from chassis.errors import FieldError, Invalid, NotAllowed, NotFound, NotSignedIn, TooLarge, UnsupportedMedia
from chassis.http.conditions import IfMatch, matches
from chassis.http.face import Face
from chassis.http.json_body import read_json
from chassis.http.route import RawBody, Route
from chassis.http.trail import Trail, trail_of
from chassis.http.work import Plan, Refused, Reply, Work
from chassis.i18n import Catalogue, Language, choose_language, say
from chassis.paging import ListRequest, Page
from chassis.problems import RequestTimeout
from chassis.service import Node

# What a function may ask for by its annotation, and where it comes from.
_HANDED_IN: dict[Any, Callable[[Face, Request, Trail], Any]] = {
    Session: lambda face, request, trail: None,
    Caller: lambda face, request, trail: trail.caller,
    Context: lambda face, request, trail: trail.context(),
    Node: lambda face, request, trail: face.node,
    Face: lambda face, request, trail: face,
    Request: lambda face, request, trail: request,
    IfMatch: lambda face, request, trail: IfMatch(request.headers.get("if-match", "")),
    ListRequest: lambda face, request, trail: trail.asked,
    RawBody: lambda face, request, trail: request._body,
    Language: lambda face, request, trail: choose_language(trail.accept_language, trail.locale),
    Catalogue: lambda face, request, trail: face.catalogue,
}
_REQUEST = "relata_request"
_TOLD = "told"
BODY_WITHIN_S = 30.0

Media = Literal["json", "form", "bytes"]
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Endpoint:
    """A route bound to its face."""

    def __init__(self, face: Face, route: Route) -> None:
        """Read the function's signature once; raises TypeError when it asks for what it cannot have."""
        self.face, self.route = face, route
        self.is_stream = inspect.isasyncgenfunction(route.function)
        self.is_async = self.is_stream or inspect.iscoroutinefunction(route.function)
        signature = inspect.signature(route.function, eval_str=True)
        self.wanted: dict[Any, str] = {
            parameter.annotation: name
            for name, parameter in signature.parameters.items()
            if parameter.annotation in _HANDED_IN
        }
        self._check()
        out = {*self.wanted.values(), *((_TOLD,) if route.first else ())}
        kept = [p for name, p in signature.parameters.items() if name not in out]
        self.signature = inspect.Signature(
            [inspect.Parameter(_REQUEST, inspect.Parameter.KEYWORD_ONLY, annotation=Request)]
            + [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in kept]
        )
        self.answers = None if self.is_stream else _answer_type(signature.return_annotation)
        # A stream, a file, a page: the function answers with a Response of its own, and says itself what is in it.
        self.is_free = self.is_stream or _is_response(signature.return_annotation)
        self.status = route.status_code or (204 if self.answers is None and not self.is_free else 200)
        self.shown = _fields_of_page(self.answers)
        self.plan = Plan(
            node=face.node,
            running=face.running,
            function=route.function,
            wants_tx=self.wanted.get(Session),
            writes=route.writes,
            status=self.status,
            adapter=None if self.answers is None else TypeAdapter(self.answers),
            secret=route.secret,
        )

    def _check(self) -> None:
        if self.is_async and Session in self.wanted:
            raise TypeError(f"{self.route.name}: an async route gets no transaction; ask for Face and use face.read")
        if self.is_async and self.route.idempotent:
            raise TypeError(f"{self.route.name}: an async route keeps no answers; say idempotent=False")
        if (ListRequest in self.wanted) != (self.route.listing is not None):
            raise TypeError(f"{self.route.name}: a ListRequest parameter and listing= go together")

    def callable(self) -> Callable[..., Any]:
        """What FastAPI calls: the function with the handed-in parameters taken out of its signature."""
        call: Callable[..., Any]
        if self.is_stream:

            async def call(**values: Any) -> Any:
                async for item in self.route.function(**self._arguments(values.pop(_REQUEST), values)):
                    yield item
        elif self.is_async:

            async def call(**values: Any) -> Any:
                return await self.route.function(**self._arguments(values.pop(_REQUEST), values))
        else:

            async def call(**values: Any) -> Any:
                return await self.hop(values.pop(_REQUEST), values)

        call.__name__, call.__doc__ = self.route.function.__name__, self.route.function.__doc__
        call.__signature__ = self.signature  # type: ignore[union-attr]
        call.relata = self  # type: ignore[union-attr]
        return call

    async def admit(self, request: Request, parameters: Collection[str], media: Media | None) -> None:
        """Refuse what can be refused before FastAPI looks at it: who calls first, then what came.

        ``parameters`` are the query parameters that the function itself declares. ``media`` is the kind of body to read
        now, whole; None leaves it to the function.
        """
        trail = trail_of(request.scope)
        trail.route, trail.body_limit = self.route.path, self.route.body_limit
        trail.caller = self._caller(request)
        if any("\x00" in value for value in request.path_params.values() if isinstance(value, str)):
            raise NotFound
        query = request.query_params.multi_items() if request.scope["query_string"] else []
        if self.route.listing is not None:
            trail.asked = self.route.listing.read(query, trail.caller, shown=self.shown, besides=parameters)
        elif query:
            _check_query(query, parameters)
        if media is not None:
            await self._read_body(request, trail, media)

    def _caller(self, request: Request) -> Caller:
        caller = self.face.seal.verify(request.headers.get(CALLER_HEADER, ""))
        if caller.kind == "public" and not self.route.public:
            raise NotSignedIn(say("Sign in first."))
        if self.route.allow is not None:
            self.route.allow(caller)
        elif caller.kind == "key" and not self.route.public and self.route.needed_scope not in caller.scopes:
            raise NotAllowed(say("This needs the scope {scope}.", scope=self.route.needed_scope))
        return caller

    async def _read_body(self, request: Request, trail: Trail, media: Media) -> None:
        headers = request.headers
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:18]) > trail.body_limit:
            raise TooLarge(say("The body is larger than {limit} bytes.", limit=trail.body_limit))
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedMedia(say("Compressed bodies are not read."))
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await request.body()
        except TimeoutError:
            message = say("The body took longer than {seconds} seconds to arrive.", seconds=int(BODY_WITHIN_S))
            raise RequestTimeout(message) from None
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not body or media == "bytes":
            return
        if media == "form":
            if kind not in _FORMS:
                raise UnsupportedMedia(say("The body must be sent as {media}.", media=_FORMS[0]))
            return
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise UnsupportedMedia(say("The body must be sent as {media}.", media="application/json"))
        # Where Starlette keeps what request.json() has read: FastAPI finds it there.
        request._json = read_json(body, max_elements=self.route.array_limit)

    def _arguments(self, request: Request, values: dict[str, Any]) -> dict[str, Any]:
        trail = trail_of(request.scope)
        for kind, name in self.wanted.items():
            if kind is not Session:  # the work opens it, in its thread
                values[name] = _HANDED_IN[kind](self.face, request, trail)
        return values

    async def _ask_first(self, request: Request, values: dict[str, Any]) -> Any:
        assert self.route.first is not None
        known = {**values, "request": request, "face": self.face}
        return await self.route.first(**{name: known[name] for name in inspect.signature(self.route.first).parameters})

    async def hop(self, request: Request, values: dict[str, Any]) -> Response:
        """The answer of a plain function, from its one trip into a thread."""
        trail = trail_of(request.scope)
        assert trail.caller is not None
        if self.route.first is not None:
            values[_TOLD] = await self._ask_first(request, values)
        path = request.scope["path"]
        work = Work(
            plan=self.plan,
            values=self._arguments(request, values),
            caller=trail.caller,
            context=trail.context(),
            key=self._key(request, trail.caller, path) if self.route.idempotent else None,
            path=path,
        )
        response = await self.face.threads.run(work.run)
        if self.route.method == "GET" and "if-none-match" in request.headers and response.status_code == 200:
            tag = response.headers.get("etag")
            if tag is not None and matches(request.headers["if-none-match"], tag):
                return Response(status_code=304, headers={"ETag": tag})
        return response

    def _key(self, request: Request, caller: Caller, path: str) -> idempotency.Key | None:
        header = request.headers.get(idempotency.HEADER)
        if header is None:
            return None
        return idempotency.key_of(
            caller=caller.actor,
            method=self.route.method,
            path=path,
            key=idempotency.read_key(header),
            query=request.scope["query_string"],
            body=request._body,
            content_type=request.headers.get("content-type", ""),
        )


def _check_query(query: Collection[tuple[str, str]], parameters: Collection[str]) -> None:
    errors = [FieldError(f"?{name}", say("Unknown parameter.")) for name, _ in query if name not in parameters]
    nul = say("A NUL character is not allowed.")
    errors += [FieldError(f"?{name}", nul) for name, value in query if "\x00" in value]
    if errors:
        raise Invalid(errors=errors)


def _answer_type(annotation: Any) -> Any:
    """What the route answers with: ``Reply[X]`` is X, ``X | Refused`` is X, a Response says nothing of its content."""
    if annotation in (inspect.Signature.empty, None, type(None), Refused):
        return None
    if get_origin(annotation) in (Union, UnionType):
        left = [part for part in get_args(annotation) if part is not Refused]
        return _answer_type(left[0]) if len(left) == 1 else Union[tuple(left)]  # noqa: UP007
    if get_origin(annotation) is Reply:
        return _answer_type(get_args(annotation)[0])
    return None if _is_response(annotation) else annotation


def _is_response(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Response)


def _fields_of_page(answers: Any) -> frozenset[str]:
    """The fields of a page's items, which ``fields=`` chooses from."""
    if not (isinstance(answers, type) and issubclass(answers, Page)):
        return frozenset()
    item = answers.__pydantic_generic_metadata__["args"][0]
    return frozenset(item.model_fields) if isinstance(item, type) and issubclass(item, BaseModel) else frozenset()

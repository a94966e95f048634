"""How a service declares its routes: plain functions, each told by its annotations what it wants.

    router = Router(tags=["leads"])

    @router.post("/leads/{lead_id}/contact")
    def contact_lead(tx: Session, caller: Caller, lead_id: UUID, body: ContactLead) -> LeadView: ...

``Session``, ``Caller``, ``Context``, ``Node``, ``Request``, ``IfMatch``, ``ListRequest``, ``RawBody``, ``Language`` and
``Catalogue`` are handed in and stay out of the OpenAPI document; everything else is a path, query or body parameter as
FastAPI reads it. A plain function runs in one transaction in one thread, with everything around it. An ``async def``
gets no transaction and keeps no answers (``idempotent=False``); it may ask for ``Face`` and read through that.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType, TypeVar

from chassis.caller import Rule
from chassis.http.json_body import MAX_ELEMENTS
from chassis.http.trail import MIB
from chassis.paging import Listing

F = TypeVar("F", bound=Callable[..., Any])

RawBody = NewType("RawBody", bytes)
"""The request's bytes as they came, for signatures and for bodies that are no JSON."""

First = Callable[..., Awaitable[Any]]
"""What is asked of others before the transaction opens: it gets what it names of ``request``, ``face`` and the
function's own parameters, and what it answers is the function's parameter ``told``."""

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Route:
    """One declared route; see ``Router`` for what the options mean."""

    method: str
    path: str
    function: Callable[..., Any]
    tags: tuple[str, ...] = ()
    status_code: int | None = None
    allow: Rule | None = None
    public: bool = False
    writes: bool = True
    idempotent: bool = False
    secret: tuple[str, ...] = ()
    body_limit: int = MIB
    array_limit: int = MAX_ELEMENTS
    listing: Listing | None = None
    first: First | None = None
    openapi: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``METHOD /path/{template}``."""
        return f"{self.method} {self.path}"

    @property
    def needed_scope(self) -> str:
        """What a key needs when the route names no rule: ``leads:read`` or ``leads:write`` for ``/leads…``."""
        noun = self.path.strip("/").split("/")[0]
        return f"{noun}:{'read' if self.method in _READS else 'write'}"


class Router:
    """The routes of one noun. Paths are what stands after ``/api/v1``.

    - ``allow``: who may (``requires("leads:push")``, ``requires_role("director")``); without it signed-in people may,
      and keys with the scope ``<noun>:read`` or ``<noun>:write``. ``public=True`` lets anybody in.
    - ``writes``: whether it gets a writing transaction; by default every method but GET and HEAD does.
    - ``idempotent=False``: a POST that stores no answer for its key. ``secret``: fields a repeated answer leaves out.
    - ``first``: an async function that asks other services before the transaction opens; see ``First``.
    - ``body_limit`` in bytes, ``array_limit`` in elements. ``listing``: the filters and sorts of a list.
    """

    def __init__(self, *, prefix: str = "", tags: Sequence[str] = ()) -> None:
        self.prefix = prefix
        self.tags = tuple(tags)
        self.routes: list[Route] = []

    def get(
        self,
        path: str,
        *,
        status_code: int | None = None,
        allow: Rule | None = None,
        public: bool = False,
        writes: bool = False,
        listing: Listing | None = None,
        **openapi: Any,
    ) -> Callable[[F], F]:
        """Read something."""
        return self._add(
            "GET",
            path,
            openapi,
            status_code=status_code,
            allow=allow,
            public=public,
            writes=writes,
            listing=listing,
        )

    def post(
        self,
        path: str,
        *,
        status_code: int | None = None,
        allow: Rule | None = None,
        public: bool = False,
        writes: bool = True,
        idempotent: bool = True,
        secret: Sequence[str] = (),
        body_limit: int = MIB,
        array_limit: int = MAX_ELEMENTS,
        first: First | None = None,
        **openapi: Any,
    ) -> Callable[[F], F]:
        """Create something (``status_code=201``), or ask for a transition."""
        return self._add(
            "POST",
            path,
            openapi,
            status_code=status_code,
            allow=allow,
            public=public,
            writes=writes,
            idempotent=idempotent and writes,  # what only reads has no effect to guard
            secret=tuple(secret),
            body_limit=body_limit,
            array_limit=array_limit,
            first=first,
        )

    def patch(
        self,
        path: str,
        *,
        status_code: int | None = None,
        allow: Rule | None = None,
        body_limit: int = MIB,
        array_limit: int = MAX_ELEMENTS,
        **openapi: Any,
    ) -> Callable[[F], F]:
        """Change something: a merge patch."""
        return self._add(
            "PATCH",
            path,
            openapi,
            status_code=status_code,
            allow=allow,
            body_limit=body_limit,
            array_limit=array_limit,
        )

    def put(
        self,
        path: str,
        *,
        status_code: int | None = None,
        allow: Rule | None = None,
        body_limit: int = MIB,
        array_limit: int = MAX_ELEMENTS,
        **openapi: Any,
    ) -> Callable[[F], F]:
        """Replace something whole."""
        return self._add(
            "PUT",
            path,
            openapi,
            status_code=status_code,
            allow=allow,
            body_limit=body_limit,
            array_limit=array_limit,
        )

    def delete(
        self, path: str, *, status_code: int | None = None, allow: Rule | None = None, **openapi: Any
    ) -> Callable[[F], F]:
        """Take something away."""
        return self._add("DELETE", path, openapi, status_code=status_code, allow=allow)

    def _add(self, method: str, path: str, openapi: dict[str, Any], **options: Any) -> Callable[[F], F]:
        def declare(function: F) -> F:
            tags = tuple(openapi.pop("tags", ())) or self.tags
            self.routes.append(Route(method, self.prefix + path, function, tags=tags, openapi=openapi, **options))
            return function

        return declare

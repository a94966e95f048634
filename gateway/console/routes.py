"""The console's table of pages, and what stands in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from re import Pattern
from typing import Any

from starlette.responses import Response
from starlette.routing import compile_path

Handler = Callable[..., Awaitable[Response]]
"""``handler(visit, **ids)``: ids from the path, as text; those written ``{lead_id:uuid}`` are ids for certain."""


@dataclass(frozen=True)
class Get:
    """A page. ``public``: also for those who are not signed in."""

    path: str
    handler: Handler
    public: bool = False


@dataclass(frozen=True)
class Post:
    """What a form does. It has been checked that the form is ours; it answers by leading to a page.

    ``again`` shows the page with the form when the API refuses, with the reason, and with what was typed in.
    """

    path: str
    handler: Handler
    again: Handler | None = None
    public: bool = False


Entry = Get | Post


@dataclass(frozen=True)
class Found:
    """The entry that a request asks for, and the ids in its path."""

    entry: Entry
    ids: dict[str, str]


@dataclass
class Table:
    """Finds entries by method and path."""

    entries: list[Entry]
    _compiled: list[tuple[Pattern[str], dict[str, Any], Entry]] = field(init=False)

    def __post_init__(self) -> None:
        self._compiled = []
        for entry in self.entries:
            pattern, _, readers = compile_path(entry.path)
            self._compiled.append((pattern, readers, entry))

    def find(self, method: str, path: str) -> Found | set[str]:
        """The entry; else the methods that this path has, which are none when there is no such page."""
        methods: set[str] = set()
        for pattern, readers, entry in self._compiled:
            match = pattern.match(path)
            if match is None:
                continue
            if method == type(entry).__name__.upper():
                ids = {name: str(readers[name].convert(value)) for name, value in match.groupdict().items()}
                return Found(entry, ids)
            methods.add(type(entry).__name__.upper())
        return methods

"""The merged description of this installation, asked for when somebody wants it and kept for a while."""

import asyncio
import time

from starlette.types import ASGIApp

from chassis.http import product_version
from gateway.openapi.merge import Document, merge
from gateway.proxy.asking import ask
from gateway.proxy.neighbours import Neighbours

_ASK_WITHIN_S = 5.0
# A rolling upgrade is seen after a minute, a service that was down as soon as somebody looks again.
_KEPT_S = 60.0
_KEPT_WHILE_INCOMPLETE_S = 2.0


class Collected:
    """Asks every upstream for its document."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self._merged: Document = {}
        self._known: dict[int, tuple[str, Document]] = {}
        self._until = float("-inf")
        self._lock = asyncio.Lock()

    async def document(self) -> Document:
        """The one document, complete unless it says ``x-missing``."""
        async with self._lock:
            if time.monotonic() > self._until:
                answered = await asyncio.gather(*(self._ask(*each) for each in enumerate(self._neighbours.apps)))
                missing = [prefix for prefixes in self._unknown() for prefix in prefixes]
                documents = dict(self._known[number] for number in sorted(self._known))
                self._merged = merge(documents, version=product_version(), missing=missing)
                self._until = time.monotonic() + (_KEPT_S if all(answered) else _KEPT_WHILE_INCOMPLETE_S)
        return self._merged

    def _unknown(self) -> list[list[str]]:
        return [prefixes for number, prefixes in enumerate(self._neighbours.prefixes) if number not in self._known]

    async def _ask(self, number: int, app: ASGIApp) -> bool:
        """Whether it answered; what it said before stays."""
        status, document = await ask(app, "/openapi.json", within_s=_ASK_WITHIN_S)
        name = await self._neighbours.name(number)
        if status != 200 or not isinstance(document, dict) or name is None:
            return False
        self._known[number] = (name, document)
        return True

"""What stands behind the door: the name of each upstream and whether it can work just now."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from gateway.proxy.asking import ask

_ASK_WITHIN_S = 1.0
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How one service is. ``name`` is what it calls itself, or where it is while it has never answered."""

    name: str
    is_ready: bool


class Neighbours:
    """Asks at most once a second, however many look."""

    def __init__(self, upstreams: Sequence[tuple[ASGIApp, Sequence[str]]]) -> None:
        """``upstreams``: each app with the prefixes that it answers on."""
        self.apps = [app for app, _ in upstreams]
        self.prefixes = [list(prefixes) for _, prefixes in upstreams]
        self._names: dict[int, str] = {}
        self._standings: list[Standing] = []
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def standings(self) -> list[Standing]:
        """All of them, our own first."""
        async with self._lock:
            if time.monotonic() - self._asked_at > _FRESH_S:
                self._standings = list(await asyncio.gather(*map(self._standing, range(len(self.apps)))))
                self._asked_at = time.monotonic()
        return self._standings

    async def name(self, number: int) -> str | None:
        """What this upstream calls itself; None while it has never answered."""
        if number not in self._names:
            _, about = await ask(self.apps[number], "/version", within_s=_ASK_WITHIN_S)
            if isinstance(about, dict) and isinstance(about.get("service"), str):
                self._names[number] = about["service"]
        return self._names.get(number)

    async def _standing(self, number: int) -> Standing:
        status, _ = await ask(self.apps[number], "/ready", within_s=_ASK_WITHIN_S)
        name = await self.name(number) if status == 200 else self._names.get(number)
        return Standing(name or " ".join(self.prefixes[number]), status == 200)

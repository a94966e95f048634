"""One attempt at a time for an account from an address, so that a hundred guesses at once are not all the first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from weakref import WeakValueDictionary


class Turns:
    """A lock per name, there while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @staticmethod
    @cache
    def of_this_process() -> "Turns":
        """The ones that everybody uses."""
        return Turns()

    @asynccontextmanager
    async def take(self, name: str) -> AsyncIterator[None]:
        """Inside, nobody else of this process is inside for the same name."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        async with lock:
            yield

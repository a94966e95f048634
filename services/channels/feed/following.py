"""Following the feed live: each reader is looked after by a loop that asks for what is new three times a second."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from chassis.errors import Unavailable
from chassis.http import Face
from chassis.i18n import say
from services.channels.feed.queries import Reading, end_of_feed, read_feed
from services.channels.feed.schemas import Wanted, as_stream

EVERY_S = 0.3
HEARTBEAT_S = 15.0
MOST_READERS = 50
AT_ONCE = 200

_readers: WeakKeyDictionary[Face, int] = WeakKeyDictionary()


async def follow(face: Face, wanted: Wanted) -> AsyncIterator[str]:
    """Server-sent events from the cursor on, or from now on when there is none; ends when the reader leaves.

    Raises Unavailable, before the first word, when there are too many readers already.
    """
    if _readers.get(face, 0) >= MOST_READERS:
        raise Unavailable(say("Too many are following already. Try again later."), headers={"Retry-After": "30"})
    position = wanted.after if wanted.after is not None else await face.read(end_of_feed)
    return _events(face, wanted, position)


async def _events(face: Face, wanted: Wanted, position: int) -> AsyncIterator[str]:
    _readers[face] = _readers.get(face, 0) + 1
    try:
        yield f"retry: 2000\nid: {position}\n\n"
        spoken = time.monotonic()
        while True:
            reading = await _news(face, wanted, position)
            if reading is not None and reading.events:
                yield as_stream(reading)
                spoken = time.monotonic()
            elif time.monotonic() - spoken >= HEARTBEAT_S:
                # Tells proxies that we are alive, and us whether the reader is; the id lets a reader of rare types
                # come back without going through everything in between.
                yield f": heartbeat\nid: {position}\n\n"
                spoken = time.monotonic()
            if reading is None or len(reading.events) < AT_ONCE:
                await asyncio.sleep(EVERY_S)
            position = reading.cursor if reading is not None else position
    finally:
        _readers[face] -= 1


async def _news(face: Face, wanted: Wanted, position: int) -> Reading | None:
    """What there is beyond this position; None while the database is away or busy."""
    look: Callable[[Session], Reading] = lambda tx: read_feed(  # noqa: E731
        tx, position, wanted.types, AT_ONCE, subject=wanted.subject
    )
    with suppress(Unavailable):
        return await face.read(look)
    return None

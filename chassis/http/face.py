"""The HTTP face of one node: its threads, its running keys, its language, its way to know who calls."""

from collections.abc import Callable
from typing import TypeVar, cast

from sqlalchemy import QueuePool
from sqlalchemy.orm import Session

from chassis.caller import Seal
from chassis.http.threads import Threads
from chassis.i18n import Catalogue
from chassis.idempotency import Running
from chassis.service import Node

T = TypeVar("T")


class Face:
    """What the routes of one service share. An ``async def`` route may ask for it to read in a thread."""

    def __init__(self, node: Node, catalogue: Catalogue) -> None:
        self.node = node
        self.catalogue = catalogue
        self.seal = Seal.of(node.settings)
        self.running = Running()
        pool = cast(QueuePool, node.db.engine.pool)
        size = min(node.settings.http_pool, pool.size())
        self.threads = Threads(node.name, size, waiting=size * node.settings.http_waiting)

    async def read(self, look: Callable[[Session], T]) -> T:
        """The result of ``look(tx)`` in a reading transaction, in a thread of the pool."""

        def work() -> T:
            with self.node.read() as tx:
                return look(tx)

        return await self.threads.run(work)

"""How long this service's queues on the broker are: asked at most every two seconds, however many look."""

import asyncio
import time
from typing import Any

from chassis.service import Node

FRESH_S = 2.0
WITHIN_S = 1.0


class QueueDepths:
    """Of one service. A broker that does not answer keeps one thread busy for some seconds, and nobody else."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._asking: asyncio.Task[list[dict[str, Any]]] | None = None
        self._told: list[dict[str, Any]] | None = None
        self._told_at = float("-inf")

    async def look(self) -> list[dict[str, Any]] | None:
        """``[{"queue", "ready", "consumers"}]``; empty without a broker, None when it does not answer in time."""
        if not self._node.settings.bus_url.startswith("amqp"):
            return []
        if time.monotonic() - self._told_at <= FRESH_S:
            return self._told
        if self._asking is None:
            self._asking = asyncio.create_task(asyncio.to_thread(_ask, self._node))
        asking = self._asking
        try:
            async with asyncio.timeout(WITHIN_S):
                self._told = await asyncio.shield(asking)
        except Exception:  # away, slow, or refusing: all the same to who looks
            self._told = None
        if asking.done():
            self._asking, self._told_at = None, time.monotonic()
        return self._told


def _ask(node: Node) -> list[dict[str, Any]]:
    # Here, so that a face that nobody asks for this carries no broker library.
    from chassis.topology import depth

    found = depth(node.settings.bus_url, node.settings.prefix, [node.service])
    return [{"queue": name, "ready": ready, "consumers": consumers} for name, (ready, consumers) in found.items()]

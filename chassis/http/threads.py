"""The threads that serve requests: as many as database connections, and a short queue before them.

Waiting longer than the work would take helps nobody: what finds too many before it is refused at once, what cannot
start within two seconds then. While the database is away one request a second tries it; the others hear 503 at once.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chassis import metrics
from chassis.errors import Unavailable
from chassis.i18n import say
from chassis.problems import RETRY_AFTER_S, database_is_away, unavailable

T = TypeVar("T")

PATIENCE_S = 2.0
_PROBE_EVERY_S = 1.0
# One killed connection is an accident; this many in a row with no success between are an outage.
_OUTAGE = 3


class Threads:
    """A pool of ``size`` threads before which ``waiting`` requests may queue."""

    def __init__(self, service: str, size: int, waiting: int) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix=f"{service}-http")
        self._most = size + waiting
        self._inside = 0
        self._guard = threading.Lock()
        self._failures = 0
        self._next_probe = 0.0
        self._shed = metrics.http_shed.labels(service)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``, run in a thread: a request's one hop. Raises Unavailable when it cannot start."""
        self._admit()
        future = self._executor.submit(work)
        timer = asyncio.get_running_loop().call_later(PATIENCE_S, future.cancel)  # no effect on work that has begun
        try:
            result = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise self._refused() from None
        except Exception as error:
            self._failures = self._failures + 1 if database_is_away(error) else 0
            raise
        finally:
            timer.cancel()
            with self._guard:
                self._inside -= 1
        self._failures = 0
        return result

    def _admit(self) -> None:
        if self._failures >= _OUTAGE:
            now = time.monotonic()
            if now < self._next_probe:
                raise unavailable()
            self._next_probe = now + _PROBE_EVERY_S
        with self._guard:
            if self._inside < self._most:
                self._inside += 1
                return
        raise self._refused()

    def _refused(self) -> Unavailable:
        self._shed.inc()
        return Unavailable(
            say("Too much is waiting already. Try again shortly."), headers={"Retry-After": str(RETRY_AFTER_S)}
        )

    def close(self) -> None:
        """Let running work finish; take no more."""
        self._executor.shutdown(wait=False, cancel_futures=True)

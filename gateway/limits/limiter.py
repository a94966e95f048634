"""The limits of the public door. Requests hardly ever wait for Redis: a busy client's share comes in small leases."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog

from chassis import metrics
from gateway.limits.local_buckets import LocalBuckets
from gateway.limits.policy import Policy, Verdict
from gateway.limits.redis_buckets import CacheAway, SharedBuckets

log = structlog.get_logger(__name__)

_LEASE_S = 0.25
_PROBE_EVERY_S = 1.0
# One late answer is enough to stop asking; then a while of counting alone, lest a busy Redis be asked off and on.
_ALONE_FOR_S = 3.0
_MOST = 50_000


@dataclass(slots=True)
class _Lease:
    """What of the shared count this process may still hand out, or until when it need not ask."""

    left: int
    room: int
    reset_s: float
    until: float
    refusal: Verdict | None = None


class Limiter:
    """Counts by name. With ``memory://`` in this process; with Redis together with every other gateway.

    While Redis is away or slow each process counts alone: nobody is locked out, and nothing is without a limit. Only
    calls under way when it went wait, 20 ms; whether it is back is asked beside the requests.
    """

    def __init__(self, cache_url: str, prefix: str) -> None:
        self._local = LocalBuckets()
        self._shared = None if cache_url == "memory://" else SharedBuckets(cache_url, prefix)
        self._answers = False  # until the first probe has connected
        self._probing: asyncio.Task[None] | None = None
        self._leases: dict[str, _Lease] = {}
        self._asking: dict[str, asyncio.Future[None]] = {}

    @property
    def is_shared(self) -> bool:
        """Whether counting is done together with other processes just now."""
        return self._answers

    async def take(self, name: str, policy: Policy) -> Verdict:
        """One from this bucket."""
        if self._shared is None:
            return self._local.take(name, policy)
        # One asks for all who wait for the same name: if each took a lease, a few at once would use up the bucket.
        while (verdict := self._from_lease(name)) is None and self._answers and name in self._asking:
            await self._asking[name]
        if verdict is not None:
            return verdict
        if self._answers:
            with suppress(CacheAway):
                return await self._ask_alone(self._shared, name, policy)
            self._lost(self._shared)
        elif self._probing is None:
            self._probing = asyncio.create_task(self._probe(self._shared, after_s=0.0))
        return self._local.take(name, policy)

    def _from_lease(self, name: str) -> Verdict | None:
        lease = self._leases.get(name)
        if lease is None or lease.until <= time.monotonic():
            return None
        if lease.left > 0:
            lease.left -= 1
            return Verdict(True, lease.room + lease.left, lease.reset_s)
        return lease.refusal

    async def _ask_alone(self, shared: SharedBuckets, name: str, policy: Policy) -> Verdict:
        answered = self._asking[name] = asyncio.get_running_loop().create_future()
        try:
            return await self._ask(shared, name, policy)
        finally:
            del self._asking[name]
            answered.set_result(None)

    async def _ask(self, shared: SharedBuckets, name: str, policy: Policy) -> Verdict:
        grant = await shared.take(name, policy, policy.lease)
        now = time.monotonic()
        if len(self._leases) >= _MOST:
            self._leases.clear()
        if grant.count > 0:
            left = grant.count - 1
            self._leases[name] = _Lease(left, grant.room, grant.used_s, now + _LEASE_S)
            return Verdict(True, grant.room + left, grant.used_s)
        wait_s = max(grant.used_s + policy.interval_s - policy.window_s, 0.001)
        refusal = Verdict(False, 0, grant.used_s, wait_s)
        self._leases[name] = _Lease(0, 0, grant.used_s, now + wait_s, refusal)
        return refusal

    def _lost(self, shared: SharedBuckets) -> None:
        if self._answers:  # of several that were waiting the first one says it
            self._answers = False
            self._probing = asyncio.create_task(self._probe(shared, after_s=_ALONE_FOR_S))
            metrics.door_limits_shared.set(0)
            log.warning("cache away", consequence="each gateway counts rate limits alone")

    async def _probe(self, shared: SharedBuckets, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while not await shared.probe():  # noqa: ASYNC110 - nobody tells us that Redis is back
            await asyncio.sleep(_PROBE_EVERY_S)
        self._answers = True
        metrics.door_limits_shared.set(1)
        log.info("cache answers", consequence="rate limits are counted together")

    async def close(self) -> None:
        """Give the connections back."""
        if self._probing is not None:
            self._probing.cancel()
        if self._shared is not None:
            await self._shared.close()

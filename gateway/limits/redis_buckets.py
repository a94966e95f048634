"""Buckets in Redis, shared by all gateways: one script call, by Redis's own clock, in bounded time."""

import asyncio
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.limits.policy import Policy

# GCRA. KEYS[1] holds the moment at which the bucket is full again, in microseconds. Grants up to ARGV[3] at once.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local granted = math.min(tonumber(ARGV[3]), math.floor((window - (full_at - now)) / interval + 0.000001))
if granted > 0 then
  full_at = full_at + granted * interval
  redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil((full_at - now) / 1000) + 1)
end
local room = math.max(0, math.floor((window - (full_at - now)) / interval + 0.000001))
return {granted, room, string.format('%.0f', full_at - now)}
"""
CALL_WITHIN_S = 0.02
_PROBE_WITHIN_S = 1.0


class CacheAway(Exception):
    """Redis did not answer in time, or not at all."""


@dataclass(frozen=True, slots=True)
class Grant:
    """``count`` may go through, ``room`` more after them; the bucket is full again in ``used_s`` seconds."""

    count: int
    room: int
    used_s: float


class SharedBuckets:
    """The buckets of one installation; ``prefix`` keeps several in one Redis apart."""

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = f"{prefix}:limit:"
        self._redis: Redis = Redis.from_url(
            url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=_PROBE_WITHIN_S, health_check_interval=0
        )
        self._script = self._redis.register_script(_SCRIPT)

    async def take(self, name: str, policy: Policy, count: int) -> Grant:
        """Up to ``count`` from this bucket; raises CacheAway after 20 ms at most."""
        return await self._call(name, policy, count, CALL_WITHIN_S)

    async def probe(self) -> bool:
        """Whether Redis answers. Connects and loads the script, so it takes its time: no request waits for it."""
        try:
            await self._call("probe", Policy("probe", 1000, 1.0), 1, _PROBE_WITHIN_S)
        except CacheAway:
            return False
        return True

    async def _call(self, name: str, policy: Policy, count: int, within_s: float) -> Grant:
        arguments = [f"{policy.interval_s * 1e6:.6f}", f"{policy.window_s * 1e6:.6f}", str(count)]
        try:
            async with asyncio.timeout(within_s):
                granted, room, used = await self._script(keys=[self._prefix + name], args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise CacheAway from error
        return Grant(int(granted), int(room), float(used) / 1e6)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

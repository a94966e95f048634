"""Buckets of this process alone: all there is without Redis, and what steps in while Redis is away."""

import math
import time
from collections.abc import Callable

from gateway.limits.policy import Policy, Verdict

_MOST = 50_000


class LocalBuckets:
    """GCRA: per name only the moment at which its bucket will be full again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, name: str, policy: Policy) -> Verdict:
        """One from this bucket."""
        now = self._clock()
        full_at = max(self._full_at.get(name, now), now) + policy.interval_s
        used_s = full_at - now
        # A hair's breadth of room, or rounding would refuse the last one of the quota.
        if used_s > policy.window_s + 1e-9:
            return Verdict(False, 0, used_s - policy.interval_s, wait_s=used_s - policy.window_s)
        if len(self._full_at) >= _MOST:
            self._make_room(now)
        self._full_at[name] = full_at
        return Verdict(True, _whole((policy.window_s - used_s) / policy.interval_s), used_s)

    def _make_room(self, now: float) -> None:
        self._full_at = {name: at for name, at in self._full_at.items() if at > now}
        if len(self._full_at) >= _MOST:  # an attack from very many addresses: memory first
            self._full_at.clear()


def _whole(number: float) -> int:
    return math.floor(number + 1e-6)

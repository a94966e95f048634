"""How much of something anybody may have, and what they are told about it (IETF RateLimit header fields, 2025)."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """``quota`` requests in ``window_s`` seconds, all at once or spread out. ``name`` is told to clients."""

    name: str
    quota: int
    window_s: float
    header: tuple[bytes, bytes] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        told = f'"{self.name}";q={self.quota};w={math.ceil(self.window_s)}'
        object.__setattr__(self, "header", (b"ratelimit-policy", told.encode()))

    @property
    def interval_s(self) -> float:
        """The time in which one more is earned."""
        return self.window_s / self.quota

    @property
    def lease(self) -> int:
        """How many to take from the shared count at once: what is earned in a twentieth of a second."""
        return max(1, int(0.05 / self.interval_s))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether this one goes through, how many more would now, and in how many seconds the whole quota is back.

    ``wait_s``: when one more has been earned, for whoever is refused.
    """

    allowed: bool
    remaining: int
    reset_s: float
    wait_s: float = 0.0

    def headers(self, policy: Policy) -> list[tuple[bytes, bytes]]:
        """``RateLimit-Policy`` and ``RateLimit``."""
        told = b'"%s";r=%d;t=%d' % (policy.name.encode(), max(0, self.remaining), math.ceil(self.reset_s))
        return [policy.header, (b"ratelimit", told)]

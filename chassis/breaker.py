"""Spares a receiver that does not answer, and us: after five failures in a row one call at a time, ever more seldom.

Not so seldom that one which is back would wait for us: it is asked at least every thirty seconds.
"""

import time
from dataclasses import dataclass

FAILURES = 5
FIRST_PAUSE_S = 5.0
# A receiver that is back waits no longer than this for us. Each row keeps its own schedule, so that asking this often
# uses up nobody's attempts.
LONGEST_PAUSE_S = 30.0
LONGEST_ASKED_PAUSE_S = 600.0


@dataclass
class Breaker:
    """The state of one receiver in one process. Closed: ``slots`` calls at once; open: none; half-open: one."""

    slots: int
    scale: float = 1.0
    failures: int = 0
    open_until: float | None = None

    def free(self, in_flight: int) -> int:
        """How many more calls may begin now."""
        if self.open_until is None:
            return max(0, self.slots - in_flight)
        if time.monotonic() < self.open_until:
            return 0
        return 1 if in_flight == 0 else 0

    def answered(self) -> None:
        """It is there."""
        self.failures, self.open_until = 0, None

    def failed(self) -> None:
        """No answer, or an answer of a server in trouble."""
        self.failures += 1
        if self.failures >= FAILURES:
            pause = min(FIRST_PAUSE_S * 2 ** (self.failures - FAILURES), LONGEST_PAUSE_S)
            self.open_until = time.monotonic() + pause * self.scale

    def asked_to_wait(self, seconds: float) -> None:
        """It said when to come back; longer than ten minutes is the row's business, not the receiver's."""
        self.open_until = time.monotonic() + min(seconds, LONGEST_ASKED_PAUSE_S)

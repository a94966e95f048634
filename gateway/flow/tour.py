"""The tour of a demo company: what a stopped service does to leads that are pushed meanwhile, which is nothing."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class TourStanding:
    """How far a tour is: so many leads ``accepted`` of those ``wanted``, and so many with a verdict of sales."""

    state: Literal["unavailable", "idle", "running", "done", "failed"]
    wanted: int
    accepted: int = 0
    verdicts: int = 0
    paused_s: float = 0.0
    journey: str | None = None


class Tour(Protocol):
    """Whoever starts everything in one process gives it to the gateway."""

    def look(self) -> TourStanding:
        """How far the last one is."""

    def begin(self, by: str) -> None:
        """Begin one, unless one is under way or there is no demo company."""

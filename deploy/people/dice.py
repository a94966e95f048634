"""Chance that falls alike on every machine."""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Dice:
    """Chance that falls alike everywhere: of all that `random` offers, only `random()` is promised to stay the same."""

    def __init__(self, seed: str) -> None:
        self.roll = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """Whether something happens that does so often."""
        return self.roll() < probability

    def pick(self, things: Sequence[_T]) -> _T:
        """One of these."""
        return things[int(self.roll() * len(things))]

    def between(self, least: float, most: float) -> float:
        """A number from here to there."""
        return least + self.roll() * (most - least)

    def digits(self, count: int) -> str:
        """So many digits."""
        return f"{int(self.roll() * 10**count):0{count}}"


class Odds(Generic[_T]):
    """Things drawn by their weights."""

    def __init__(self, weights: Mapping[_T, float]) -> None:
        self._things = list(weights)
        self._running_totals = list(accumulate(weights.values()))

    def draw(self, dice: Dice) -> _T:
        """One of them."""
        at = bisect(self._running_totals, dice.roll() * self._running_totals[-1], hi=len(self._things) - 1)
        return self._things[at]

"""The short form of `make faults`: one fleet, each promise once."""

from collections.abc import Iterator

import pytest

from tests.faults.arena import Arena, arena
from tests.faults.promises import PROMISES

SEED = 20261121
# Poison waits for whole queues on a busy machine, trade takes its time, and the semantics suite has much of 5.
LONG = (2, 5, 9, 14)


@pytest.fixture(scope="module")
def ring() -> Iterator[Arena]:
    """A fleet on private servers."""
    with arena(SEED) as running:
        yield running


@pytest.mark.faults
@pytest.mark.timeout(180)
@pytest.mark.parametrize("promise", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in PROMISES])
def test_the_promise_holds(ring: Arena, promise: int) -> None:
    finding = PROMISES[promise](ring, SEED, 0.15)
    assert sum(finding.faults.values()) > 0, "no fault happened: nothing was tried"
    assert finding.wrong == [], finding

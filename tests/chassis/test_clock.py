"""Time as it is told: for one thread, while it is told."""

import threading
from datetime import UTC, datetime, timedelta

from chassis.clock import by_clock, now_ns, utcnow
from chassis.ids import new_id

ONCE = datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)


def test_a_told_time_counts_for_moments_nanoseconds_and_ids() -> None:
    with by_clock(lambda: ONCE):
        assert utcnow() == ONCE
        assert now_ns() == int(ONCE.timestamp()) * 10**9 + 5_000
        early = new_id()
    with by_clock(lambda: ONCE + timedelta(microseconds=1)):
        late = new_id()
    assert early < late < new_id()
    assert int(early.replace("-", "")[:12], 16) == int(ONCE.timestamp()) * 1000


def test_it_ends_with_its_block_and_is_not_heard_by_other_threads() -> None:
    heard: list[datetime] = []
    began = datetime.now(UTC)
    with by_clock(lambda: ONCE):
        thread = threading.Thread(target=lambda: heard.append(utcnow()))
        thread.start()
        thread.join()
    assert began <= heard[0] <= utcnow()
    assert began <= utcnow()

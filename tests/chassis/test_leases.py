"""One holder at a time, by the database's clock."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.leases import release, take
from tests.chassis.engines import ENGINES, open_node


@pytest.fixture(params=ENGINES)
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with open_node(request.param, tmp_path) as node:
        yield node.db


def taken(db: Database, holder: str, ttl_s: float = 30.0, name: str = "relay") -> bool:
    with db.begin() as tx:
        return take(tx, name, holder, ttl_s)


def test_the_first_to_ask_holds_it_and_others_do_not(db: Database) -> None:
    assert taken(db, "a")
    assert not taken(db, "b")
    assert taken(db, "b", name="courier")


def test_the_holder_renews_it(db: Database) -> None:
    assert taken(db, "a", ttl_s=0.3)
    assert taken(db, "a", ttl_s=30)
    time.sleep(0.4)
    assert not taken(db, "b")


def test_a_lease_that_ran_out_goes_to_whoever_asks_and_its_old_holder_hears_no(db: Database) -> None:
    assert taken(db, "a", ttl_s=0.2)
    time.sleep(0.3)
    assert taken(db, "b")
    assert not taken(db, "a")


def test_a_lease_given_up_is_free_at_once(db: Database) -> None:
    assert taken(db, "a")
    with db.begin() as tx:
        release(tx, "relay", "b")
    assert not taken(db, "b")
    with db.begin() as tx:
        release(tx, "relay", "a")
    assert taken(db, "b")


def test_a_take_that_is_rolled_back_holds_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.begin() as tx:
        assert take(tx, "relay", "a", 30)
        raise ZeroDivisionError
    assert taken(db, "b")


def test_of_many_who_ask_at_once_exactly_one_holds_it(db: Database) -> None:
    askers = 6
    together = threading.Barrier(askers)
    winners: list[tuple[int, str]] = []

    def ask(holder: str) -> None:
        for turn in range(15):
            together.wait(timeout=20)
            if taken(db, holder, name=f"job {turn}"):
                winners.append((turn, holder))

    threads = [threading.Thread(target=ask, args=(f"holder {n}",)) for n in range(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turn for turn, _ in winners) == list(range(15))


def test_two_never_hold_it_at_the_same_time_while_it_runs_out_again_and_again(db: Database) -> None:
    ttl_s, spans, stop = 0.1, [], time.monotonic() + 3

    def ask(holder: str) -> None:
        while time.monotonic() < stop:
            asked = time.monotonic()
            if taken(db, holder, ttl_s):
                # Nobody may be told yes between our commit and the earliest moment at which the lease can have run out.
                spans.append((holder, time.monotonic(), asked + ttl_s))
                time.sleep(0.15)  # a holder that is stopped: the lease runs out under it

    threads = [threading.Thread(target=ask, args=(f"holder {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans.sort(key=lambda span: span[1])
    overlaps = [(one, two) for one, two in pairwise(spans) if one[0] != two[0] and two[1] < one[2] - 0.001]
    assert len({holder for holder, _, _ in spans}) > 1, "the lease never changed hands"
    assert overlaps == []

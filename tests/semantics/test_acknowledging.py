"""When a worker acknowledges: after its commit, each message alone, and before it lets go of its channel."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.semantics.fleet import Fleet, fleet
from tests.semantics.shop import ANY, SLOW, orders, troubled

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.rabbitmq]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, amqp_url: str, postgres_url: str) -> Iterator[Fleet]:
    # One worker, so that we know who has a message.
    folder = tmp_path_factory.mktemp("fleet")
    with fleet(folder, amqp_url, postgres_url, workers=["one"], relays=["left"]) as running:
        yield running


@pytest.fixture
def running(whole: Fleet) -> Fleet:
    whole.clear()
    return whole


def test_a_worker_killed_in_the_middle_of_a_transaction_loses_and_doubles_nothing(running: Fleet) -> None:
    running.tell(*orders(10), troubled("held", ANY, "lingers:1"), *orders(10, prefix="later"))
    running.until_tried("held", ANY)
    running.stop("one", signal.SIGKILL)
    running.until(lambda: running.ready("inbox") >= 1, "the broker has again what was not done", within_s=6)
    running.bring_back("one")
    running.until_it_is_as_the_model_says()
    assert running.taken_twice() >= 1, "it had nothing in hand"


def test_what_one_queue_has_acknowledged_says_nothing_about_its_neighbours(running: Fleet) -> None:
    running.tell(troubled("held", SLOW, "lingers:1"))
    running.until_tried("held", SLOW)
    running.tell(*orders(30))  # handled and acknowledged on the same channel while the slow one is still at work
    running.until(lambda: running.effects() >= 3 * 30, "the quick reactions are done")
    running.stop("one", signal.SIGKILL)
    running.until(lambda: running.ready("slow") >= 31, "the broker has again what was not done", within_s=6)
    running.bring_back("one")
    running.until_it_is_as_the_model_says()
    assert running.tries.counted("held", SLOW) == 2, "the kill came too late"


def test_a_slow_reaction_holds_up_no_quick_one(running: Fleet) -> None:
    running.tell(*(troubled(f"held{n}", SLOW, "lingers:1") for n in range(4)))
    running.until_tried("held0", SLOW)
    running.tell(*orders(20))
    running.until(lambda: running.effects() >= 3 * 24, "the quick reactions are done", within_s=20)
    assert running.effects() < 4 * 24, "nothing was slow"
    running.until_it_is_as_the_model_says()


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_and_nothing_comes_again(running: Fleet) -> None:
    running.tell(*orders(200), troubled("held", ANY, "lingers:1"), *orders(200, prefix="later"))
    running.until_tried("held", ANY)
    began = time.monotonic()
    assert running.stop("one") == 0
    assert time.monotonic() - began > 0.3, "nothing was in flight"
    running.bring_back("one")
    running.until_it_is_as_the_model_says()
    assert running.taken_twice() == 0

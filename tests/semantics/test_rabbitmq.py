"""The same services and the same model over a real RabbitMQ, while processes and servers die, freeze and come back."""

import logging
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence

import pika
import pytest

from chassis import topology
from chassis.parked import list_parked
from tests import servers
from tests.private_server import PrivateServer
from tests.semantics.fleet import Fleet, fleet
from tests.semantics.shop import ANY, KINDS, LATEST, SLOW, STRICT, OrderEvent, OrderPlaced, orders, troubled

BACK_WITHIN_S = 15.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def broker() -> Iterator[PrivateServer]:
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells at length of every broker that is away
    with servers.private_rabbitmq() as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivateServer]:
    with servers.private_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, broker: PrivateServer, postgres: PrivateServer) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("fleet"), broker.url, postgres.url) as running:
        yield running


@pytest.fixture
def running(whole: Fleet) -> Fleet:
    whole.clear()
    return whole


@pytest.mark.parametrize(
    ("count", "poisons"),
    [(1_000, 1), pytest.param(20_000, 12, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])],
)
def test_a_history_with_failures_and_killed_processes_ends_as_the_model_says(
    running: Fleet, count: int, poisons: int
) -> None:
    chance = random.Random(2026)
    subjects = [f"s{n}" for n in range(max(20, count // 40))]
    events: list[OrderEvent] = []
    for n in range(count):
        fates = {}
        if chance.random() < 0.02:
            fate = chance.choice(["fails:1", "fails:3", "refuses", "broken"])
            fates[chance.choice([ANY, LATEST, STRICT, SLOW])] = fate
        events.append(chance.choice(KINDS)(order=chance.choice(subjects), label=f"{n}", fates=fates))
    for _ in range(poisons):
        place = chance.randrange(len(events))
        events[place] = troubled(f"{place}", chance.choice([ANY, LATEST, STRICT]), "kills:9")
    over = threading.Event()

    def wreak_havoc() -> None:
        """Kill a random process every second or two until everything is told."""
        havoc = random.Random(7)
        while not over.wait(havoc.uniform(0.7, 2.0)):
            running.kill(havoc.choice(["one", "two", "left", "right"]))

    havoc = threading.Thread(target=wreak_havoc)
    havoc.start()
    try:
        for start in range(0, len(events), 50):
            running.tell(*events[start : start + 50], at_once=10)
            time.sleep(0.1)
    finally:
        over.set()
        havoc.join()
    running.until_it_is_as_the_model_says(within_s=90 + count / 20)

    kills = running.ends().count(-signal.SIGKILL)
    assert kills >= 3 * poisons + 1, f"only {kills} processes died"
    assert running.taken_twice() > 0, "no kill hit a worker that had messages in hand"

    def killers() -> int:
        with running.taker.read() as tx:
            parked = list_parked(tx, limit=10_000)
        return sum(entry.reason.startswith("killed its process 3 times") for entry in parked)

    # A poison has no effect, so the model is content before the last of its tries has killed its worker.
    running.until(lambda: killers() >= poisons, "every poison is parked")
    assert killers() == poisons, "innocents among the parked"

    running.heal_and_replay_everything()
    running.until_it_is_as_the_model_says()


def test_a_relay_killed_after_publishing_and_before_marking_sends_twins_that_change_nothing(
    running: Fleet, broker: PrivateServer
) -> None:
    running.tell(*orders(5, prefix="warm"))
    running.until(lambda: running.unsent() == 0, "the relay is at work")
    broker.freeze()  # what is written to its sockets now it will read when it thaws
    try:
        running.tell(*orders(40))
        time.sleep(1.5)
        assert running.unsent() == 40, "events were marked sent that no broker had confirmed"
        for name in ("left", "right"):
            running.kill(name)
        running.until(lambda: running.ends().count(-signal.SIGKILL) == 2, "both relays are dead")
    finally:
        broker.thaw()
    running.until_it_is_as_the_model_says()
    # How many of them the broker still read from the dead relay's socket is its own affair.
    assert running.taken_twice() > 0, "no twin was sent"


def test_a_broker_killed_under_load_loses_nothing_and_everybody_works_again(
    running: Fleet, broker: PrivateServer
) -> None:
    def load() -> None:
        for n in range(40):
            running.tell(*orders(10, prefix=f"load{n}-"))
            time.sleep(0.1)

    loading = threading.Thread(target=load)
    loading.start()
    running.until(lambda: running.effects() > 100, "the load is handled")
    broker.kill()
    time.sleep(1)
    broker.start()
    loading.join()
    marker = running.tell(OrderPlaced(order="marker", label="marker"))
    took = running.until(lambda: running.has_all_effects(marker), "every consumer works again", BACK_WITHIN_S)
    running.until_it_is_as_the_model_says()
    assert "broker away" in running.log("one") + running.log("two"), "no worker noticed"
    assert running.ends() == [], "somebody needed a restart"
    assert took < BACK_WITHIN_S


@pytest.mark.slow  # test_publishing has it without a broker to kill
def test_what_a_broker_took_with_it_before_it_confirmed_is_sent_again(running: Fleet, broker: PrivateServer) -> None:
    running.tell(*orders(5, prefix="warm"))
    running.until_it_is_as_the_model_says()
    broker.freeze()
    told = running.tell(*orders(10))
    time.sleep(1.0)
    still_unsent = running.unsent()
    broker.kill()
    broker.start()
    running.until_it_is_as_the_model_says()
    assert still_unsent == len(told), "marked as sent although nobody had confirmed it"


def test_a_lost_binding_is_noticed_by_the_first_event_and_mended(running: Fleet) -> None:
    running.tell(*orders(5, prefix="warm"))
    running.until_it_is_as_the_model_says()
    names = topology.Names(running.prefix)
    connection = topology.connect(running.bus_url)
    for queue, keys in topology.queues_of(running.receiver, names).items():
        for key in keys:
            connection.channel().queue_unbind(queue, names.events, routing_key=key)
    connection.close()
    running.tell(*orders(10))
    running.until_it_is_as_the_model_says()


@pytest.mark.slow  # promise 6 has it on a whole fleet
def test_a_frozen_database_is_waited_for(running: Fleet, postgres: PrivateServer) -> None:
    running.tell(*orders(300))
    running.until(lambda: running.effects() > 50, "work has begun")
    before = running.arrivals().total()
    postgres.freeze()
    frozen_for = 6.0
    time.sleep(frozen_for)
    held = running.arrivals().total()
    postgres.thaw()
    marker = running.tell(OrderPlaced(order="marker", label="marker"))
    running.until(lambda: running.has_all_effects(marker), "every consumer works again", BACK_WITHIN_S)
    running.until_it_is_as_the_model_says()
    assert held - before < 200, "the workers went on: the database was not frozen"
    assert running.ends() == []


@pytest.mark.slow  # promise 6 has it on a whole fleet
def test_a_database_that_is_killed_and_comes_back_is_waited_for_with_the_batch_in_hand(
    running: Fleet, postgres: PrivateServer
) -> None:
    running.tell(*orders(200), troubled("held", ANY, "lingers:1"), *orders(200, prefix="later"))
    running.until_tried("held", ANY)
    postgres.kill()
    time.sleep(2)
    postgres.start()
    running.connect_again()
    running.until_it_is_as_the_model_says()
    assert "database away" in running.log("one") + running.log("two")
    assert running.ends() == [], "somebody needed a restart"
    assert running.taken_twice() == 0, "messages were handed back"
    with running.taker.read() as tx:
        assert list_parked(tx) == []


def test_what_is_no_event_is_kept_for_people_and_hurts_nobody(running: Fleet) -> None:
    garbage = [b"\x00\xff\xfe not json", b"{}", b'{"specversion":"1.0","id":"1"}', b"[" * 100_000]
    running.tell(*orders(20))
    _publish(running.bus_url, topology.Names(running.prefix).events, OrderPlaced.type, garbage)
    running.tell(*orders(20, prefix="later"))
    running.until_it_is_as_the_model_says()
    with running.taker.read() as tx:
        kept = list_parked(tx, kind="undecodable")
    assert len(kept) == 2 * len(garbage)  # once for each queue
    assert all(parked.reason for parked in kept)


def _publish(url: str, exchange: str, key: str, bodies: Sequence[bytes]) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    for body in bodies:
        channel.basic_publish(exchange, key, body, mandatory=True)
    connection.close()

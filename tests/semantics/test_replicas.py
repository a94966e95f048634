"""Several replicas of a service, and of its relay, on one PostgreSQL: threads with a node each."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.context import Context
from chassis.deliver import deliver, run_due
from chassis.event import Envelope, decode
from chassis.inbox import DUE, inbox
from chassis.leases import leases
from chassis.outbox import emit, outbox
from chassis.relay import Relay
from chassis.service import Node, Reaction, Service
from chassis.transport import Letter, Outcome
from tests.chassis.engines import open_node
from tests.semantics.model import Story
from tests.semantics.shop import (
    ANY,
    KINDS,
    LATEST,
    STRICT,
    OrderPlaced,
    Tries,
    as_told,
    collected,
    followed,
    mirrored,
    mirrorings,
    shop,
    taker,
)
from tests.semantics.stage import kill
from tests.semantics.verdict import check_effects

pytestmark = pytest.mark.postgres

PATIENCE_S = 30.0


@contextmanager
def replicas(folder: Path, count: int, service: Service) -> Iterator[list[Node]]:
    """Nodes of one service on one database."""
    with ExitStack() as stack:
        first = stack.enter_context(open_node("postgresql", folder, service, retry_scale=1e-9))
        others = [Node(service, first.settings, pool_size=2) for _ in range(count - 1)]
        for node in others:
            stack.callback(node.close)
        yield [first, *others]


class Worker(threading.Thread):
    """Runs one piece of work; ``end`` waits for it and raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error

    def end(self) -> None:
        self.join(PATIENCE_S)
        assert not self.is_alive(), "it hangs"
        if self._error is not None:
            raise self._error


class Gate:
    """Where a transaction is held open: it says that it has come, and goes on when told."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE_S)

    def until_reached(self) -> None:
        assert self.reached.wait(PATIENCE_S)


def gated_taker(
    folder: Path, name: str, *, within: dict[str, Gate] | None = None, after: dict[str, Gate] | None = None
) -> Service:
    """One of the taker's reactions, with gates by label ``within`` it and ``after`` it.

    Only one reaction: another's locks would keep the replicas apart as well.
    """

    def gate(gates: dict[str, Gate] | None, envelope: Envelope) -> None:
        if envelope.data["label"] in (gates or {}):
            (gates or {})[envelope.data["label"]]()

    def react_within(tx: Session, envelope: Envelope) -> None:
        assert chosen.react is not None
        chosen.react(tx, envelope)
        gate(within, envelope)

    whole = taker(Tries(folder), kill, many=False)
    (chosen,) = [reaction for reaction in whole.reactions if reaction.name == name]
    linger = Reaction("taker.linger", "any", KINDS, react=lambda _tx, envelope: gate(after, envelope))
    return Service("taker", whole.metadata, reactions=(replace(chosen, react=react_within), linger))


def until_blocked(node: Node, worker: Worker, or_at: Gate | None = None) -> bool:
    """Wait until the worker's transaction waits for a lock; False when it ended, or came to the gate, without."""
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + PATIENCE_S
    while worker.is_alive() and not (or_at is not None and or_at.reached.is_set()):
        with node.read() as tx:
            if tx.scalar(blocked):
                return True
        assert time.monotonic() < deadline, "neither blocked nor done"
        time.sleep(0.02)
    return False


def labels(node: Node, table: object) -> list[str]:
    with node.read() as tx:
        return list(tx.scalars(select(table.c.label).order_by(table.c.place)))  # type: ignore[attr-defined]


@pytest.mark.parametrize("first_is_done", [True, False], ids=["cursor exists", "no cursor yet"])
def test_a_strict_event_waits_for_the_replica_that_is_still_at_its_predecessor(
    first_is_done: bool, tmp_path: Path
) -> None:
    # Without a lock the second would see its predecessor missing, and park its event after the first has looked for
    # those that wait: nobody would ever run it.
    first_at, second_at = Gate(), Gate()
    service = gated_taker(tmp_path / "tries", STRICT, within={"slow": first_at}, after={"late": second_at})
    before, slow, late = ant_events(["before"] * first_is_done, "slow", "late")
    with replicas(tmp_path, 3, service) as (one, two, watcher):
        deliver(one, before)
        first = Worker(lambda: deliver(one, [slow]))
        first_at.until_reached()
        second = Worker(lambda: deliver(two, [late]))
        was_blocked = until_blocked(watcher, second, or_at=second_at)
        first_at.opened.set()
        first.end()
        second_at.opened.set()
        second.end()
        while run_due(two):
            pass
        assert labels(watcher, followed) == [event.data["label"] for event in (*before, slow, late)]
        assert was_blocked, "the second replica was never in the first one's way: nothing was tested"


def test_a_strict_event_waits_for_the_replica_that_has_moved_the_cursor_and_not_committed(tmp_path: Path) -> None:
    first_at = Gate()
    service = gated_taker(tmp_path / "tries", STRICT, after={"slow": first_at})
    before, slow, late = ant_events(["before"], "slow", "late")
    with replicas(tmp_path, 3, service) as (one, two, watcher):
        deliver(one, before)
        first = Worker(lambda: deliver(one, [slow]))
        first_at.until_reached()
        second = Worker(lambda: deliver(two, [late]))
        was_blocked = until_blocked(watcher, second)
        first_at.opened.set()
        first.end()
        second.end()
        while run_due(two):
            pass
        assert labels(watcher, followed) == ["before", "slow", "late"]
        assert was_blocked


def ant_events(before: list[str], slow: str, late: str) -> tuple[list[Envelope], Envelope, Envelope]:
    """Neighbouring events of one subject."""
    names = [*before, slow, late]
    told = [as_told(OrderPlaced(order="ant", label=label), place) for place, label in enumerate(names, 1)]
    return told[:-2], told[-2], told[-1]


def test_an_older_state_that_another_replica_brings_later_does_not_win(tmp_path: Path) -> None:
    first_at = Gate()
    _, old, new = ant_events([], "old", "new")
    with replicas(tmp_path, 3, gated_taker(tmp_path / "tries", LATEST, after={"new": first_at})) as nodes:
        one, two, watcher = nodes
        first = Worker(lambda: deliver(one, [new]))
        first_at.until_reached()
        second = Worker(lambda: deliver(two, [old]))
        was_blocked = until_blocked(watcher, second)
        first_at.opened.set()
        first.end()
        second.end()
        with watcher.read() as tx:
            assert tx.scalars(select(mirrored.c.label)).all() == ["new"]
        assert labels(watcher, mirrorings) == ["new"]
        assert was_blocked


def test_overlapping_batches_full_of_twins_take_effect_once_and_never_deadlock(tmp_path: Path) -> None:
    with replicas(tmp_path, 3, taker(Tries(tmp_path / "tries"), kill, many=True)) as nodes:
        events = [as_told(OrderPlaced(order=f"{n % 7}", label=f"{n}"), n // 7 + 1) for n in range(140)]

        def bring(node: Node, seed: int) -> None:
            chance = random.Random(seed)
            for _ in range(30):
                deliver(node, chance.choices(events, k=25))  # with twins inside the batch

        workers = [Worker(partial(bring, node, seed)) for seed, node in enumerate(nodes)]
        for worker in workers:
            worker.end()
        deliver(nodes[0], events)
        while run_due(nodes[1]):
            pass
        story = Story(events)
        check_effects(nodes[0], story)
        with nodes[0].read() as tx:
            deadlocks = tx.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
    assert deadlocks == 0


@pytest.mark.parametrize("seed", range(3))
def test_replicas_that_share_a_history_with_failures_end_as_the_sequential_model_says(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    story = Story()
    for sequence in range(1, 21):
        for order in "abcde":
            fates = {}
            if chance.random() < 0.15:
                fates[chance.choice([ANY, LATEST, STRICT])] = chance.choice(["fails:1", "fails:3", "broken", "refuses"])
            kind = chance.choice(KINDS)
            story.events.append(as_told(kind(order=order, label=f"{order}{sequence}", fates=fates), sequence))
    arrivals = story.events * 2
    chance.shuffle(arrivals)
    with replicas(tmp_path, 3, taker(Tries(tmp_path / "tries"), kill, many=bool(seed % 2))) as nodes:

        def bring(node: Node, mine: Sequence[Envelope]) -> None:
            for start in range(0, len(mine), 9):
                deliver(node, mine[start : start + 9])
                run_due(node, limit=20)

        workers = [Worker(partial(bring, node, arrivals[n::3])) for n, node in enumerate(nodes)]
        for worker in workers:
            worker.end()
        while _due(nodes[0]):
            run_due(nodes[0])
        check_effects(nodes[0], story)


def _due(node: Node) -> int:
    with node.read() as tx:
        return tx.scalar(select(func.count()).select_from(inbox).where(inbox.c.state.in_(DUE))) or 0


# --- relays --------------------------------------------------------------------------------------------------------


class Bus:
    """A transport that several relays share; ``freeze`` stops the named relay between claim and publish."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def of(self, relay: str, before: Callable[[], None] = lambda: None, answer: Outcome = Outcome.SENT) -> "BusEnd":
        """This relay's end of it."""
        return BusEnd(self, relay, before, answer)

    def bodies(self) -> list[str]:
        return [body for _, body in self.sent]


class BusEnd:
    """One relay's transport; runs ``before`` ahead of every publish."""

    def __init__(self, bus: Bus, relay: str, before: Callable[[], None], answer: Outcome) -> None:
        self.bus, self.relay, self.before, self.answer = bus, relay, before, answer

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        self.before()
        with self.bus._lock:
            self.bus.sent += [(self.relay, letter.body) for letter in letters]
        return [self.answer] * len(letters)

    def close(self) -> None:
        pass


def tell(node: Node, count: int, order: str = "ant") -> None:
    for number in range(count):
        with node.begin(Context.fresh("test")) as tx:
            emit(tx, OrderPlaced(order=order, label=f"{order}{number}"))


def unsent(node: Node) -> int:
    with node.read() as tx:
        return tx.scalar(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))) or 0


def until_sent(node: Node) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while unsent(node):
        assert time.monotonic() < deadline, "nobody sends"
        time.sleep(0.02)


def let_the_lease_run_out(node: Node) -> None:
    with node.db.begin() as tx:
        tx.execute(update(leases).values(expires_at=utcnow() - timedelta(seconds=1)))


def test_of_two_relays_one_sends_and_the_other_takes_over_when_it_stops(tmp_path: Path) -> None:
    bus, stops = Bus(), [threading.Event(), threading.Event()]
    with replicas(tmp_path, 2, shop()) as nodes:
        relays = [Relay(node, bus.of(name), batch=5, holder=name) for node, name in zip(nodes, "AB", strict=True)]
        runs = [Worker(partial(relay.run, stop)) for relay, stop in zip(relays, stops, strict=True)]
        tell(nodes[0], 60)
        until_sent(nodes[0])
        assert len(bus.sent) == 60
        senders = {relay for relay, _ in bus.sent}
        assert len(senders) == 1
        active = "AB".index(senders.pop())
        stops[active].set()
        runs[active].end()
        tell(nodes[0], 10, "bee")
        until_sent(nodes[0])
        assert {relay for relay, _ in bus.sent[60:]} == {"AB"[1 - active]}
        stops[1 - active].set()
        runs[1 - active].end()
    assert len(bus.sent) == 70


def test_a_relay_that_died_is_followed_only_when_its_lease_has_run_out(tmp_path: Path) -> None:
    bus = Bus()
    with replicas(tmp_path, 2, shop()) as (one, two):
        tell(one, 3)
        assert Relay(one, bus.of("A"), holder="A").step() == 3  # and never again: it is dead
        tell(one, 2)
        heir = Relay(two, bus.of("B"), holder="B")
        assert heir.step() == 0
        assert heir.standby
        let_the_lease_run_out(one)
        assert heir.step() == 2
    assert [relay for relay, _ in bus.sent] == ["A"] * 3 + ["B"] * 2


def test_a_relay_that_was_frozen_and_wakes_late_doubles_nothing(tmp_path: Path) -> None:
    bus, frozen, thaw = Bus(), threading.Event(), threading.Event()

    def freeze() -> None:
        frozen.set()
        assert thaw.wait(PATIENCE_S)

    with replicas(tmp_path, 2, shop()) as (one, two):
        tell(one, 4)
        sleeper, heir = Relay(one, bus.of("A", freeze), holder="A"), Relay(two, bus.of("B"), holder="B")
        stuck = Worker(sleeper.step)
        assert frozen.wait(PATIENCE_S)
        let_the_lease_run_out(one)
        tell(one, 4, "bee")
        assert heir.step() == 8
        tell(one, 2)  # newer events of the same subject overtake what the sleeper still holds
        assert heir.step() == 2
        thaw.set()
        stuck.end()
        assert [relay for relay, _ in bus.sent] == ["B"] * 10 + ["A"] * 4, "the sleeper sent nothing late"
        assert unsent(one) == 0
        tell(one, 1)
        assert sleeper.step() == 0
        assert sleeper.standby
        events = [decode(body) for body in bus.bodies()]
    story = Story(list({event.id: event for event in events}.values()))
    with replicas(tmp_path, 1, taker(Tries(tmp_path / "tries"), kill, many=True)) as (node,):
        for start in range(0, len(events), 3):
            deliver(node, events[start : start + 3])
        check_effects(node, story)
        assert len(labels(node, collected)) == 10


def test_a_relay_that_wakes_late_to_a_refusal_does_not_take_back_what_another_has_sent(tmp_path: Path) -> None:
    bus, gate = Bus(), Gate()
    with replicas(tmp_path, 2, shop()) as (one, two):
        tell(one, 1)
        with one.db.begin() as tx:
            tx.execute(update(outbox).values(attempts=5))  # one more refusal and it would be parked
        sleeper = Relay(one, bus.of("A", gate, Outcome.UNROUTABLE), holder="A")
        stuck = Worker(sleeper.step)
        gate.until_reached()
        let_the_lease_run_out(one)
        assert Relay(two, bus.of("B"), holder="B").step() == 1
        gate.opened.set()
        stuck.end()
        with one.read() as tx:
            row = tx.execute(select(outbox)).one()
    assert row.sent_at is not None
    assert row.parked_at is None

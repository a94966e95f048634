"""Failures one by one: what a reaction raises, what a relay or bus does, and what is left for people to see."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.context import Context
from chassis.deliver import deliver, run_due, store
from chassis.errors import Conflict, NotYet
from chassis.event import Envelope, decode
from chassis.inbox import State, inbox
from chassis.outbox import emit, outbox
from chassis.parked import list_parked, replay
from chassis.relay import RETURNS_BEFORE_PARKING, Relay
from chassis.service import Node, Reaction, Service
from chassis.transport import BusAway, Letter, Outcome
from tests.chassis.engines import ENGINES, open_node
from tests.semantics.shop import SLOW, OrderPlaced, Tries, as_told, collected, shop, taker
from tests.semantics.stage import kill

CULPRIT = "culprit"
TRIES = 7  # one and the six of the schedule


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def nine_good_and(culprit: OrderPlaced) -> list[Envelope]:
    return [as_told(OrderPlaced(order=f"{n}", label=f"good {n}")) for n in range(9)] + [as_told(culprit)]


def clerk(act: Callable[[Session, Envelope], None], seen: list[str]) -> Service:
    """Reacts to everything well, and to the culprit by ``act``."""

    def react(tx: Session, envelope: Envelope) -> None:
        if envelope.data["label"] == CULPRIT:
            act(tx, envelope)
        else:
            seen.append(envelope.data["label"])

    return Service("clerk", MetaData(), reactions=(Reaction("clerk.write", "any", (OrderPlaced,), react=react),))


def states(node: Node) -> dict[str, str]:
    with node.read() as tx:
        return {
            decode(row.envelope).data["label"] if row.envelope else row.event_id: row.state
            for row in tx.execute(select(inbox))
        }


def fails(tx: Session, envelope: Envelope) -> None:
    raise RuntimeError("a bug")


def times_out(tx: Session, envelope: Envelope) -> None:
    raise TimeoutError("something else was slow, not the database")


def recurses(tx: Session, envelope: Envelope) -> None:
    recurses(tx, envelope)


def breaks_sql(tx: Session, envelope: Envelope) -> None:
    tx.execute(text("SELECT no_such_column FROM inbox"))


def binds_what_no_database_knows(tx: Session, envelope: Envelope) -> None:
    tx.execute(text("SELECT :value"), {"value": {"a": object()}})


def exits(tx: Session, envelope: Envelope) -> None:
    raise SystemExit("a library calls sys.exit")


POISONS = [fails, times_out, recurses, breaks_sql, binds_what_no_database_knows, exits]


@pytest.mark.parametrize("poison", POISONS)
def test_whatever_a_reaction_raises_is_remembered_and_its_neighbours_are_done(
    engine: str, poison: Callable[[Session, Envelope], None], tmp_path: Path
) -> None:
    seen: list[str] = []
    with open_node(engine, tmp_path, clerk(poison, seen), retry_scale=1e-9) as node:
        deliver(node, nine_good_and(OrderPlaced(order="x", label=CULPRIT)))
        found = list(states(node).values())
        assert sorted(found) == ["done"] * 9 + ["retry"]
        for _ in range(TRIES - 2):
            run_due(node)
        assert "parked" not in states(node).values()
        run_due(node)
        with node.read() as tx:
            (parked,) = list_parked(tx)
    assert parked.attempts == TRIES
    assert parked.reason


def test_a_poison_that_ends_its_database_connection_hurts_only_itself(tmp_path: Path) -> None:
    def hangs_up(tx: Session, envelope: Envelope) -> None:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    seen: list[str] = []
    with open_node("postgresql", tmp_path, clerk(hangs_up, seen), retry_scale=1e-9) as node:
        batch = nine_good_and(OrderPlaced(order="x", label=CULPRIT))
        for _ in range(30):  # as the worker does: the batch is kept and tried again in place
            try:
                deliver(node, batch)
                break
            except OperationalError:
                continue
        assert sorted(states(node).values()) == ["done"] * 9 + ["retry"]


@pytest.mark.parametrize(("error", "ends"), [(Conflict("no"), "parked"), (NotYet("soon"), "retry")])
def test_a_refusal_parks_at_once_and_what_may_yet_come_is_tried_again(
    engine: str, error: Exception, ends: str, tmp_path: Path
) -> None:
    def refuses(tx: Session, envelope: Envelope) -> None:
        raise error

    with open_node(engine, tmp_path, clerk(refuses, [])) as node:
        deliver(node, nine_good_and(OrderPlaced(order="x", label=CULPRIT)))
        assert sorted(states(node).values()) == ["done"] * 9 + [ends]


def test_what_failed_is_not_tried_before_its_time(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, clerk(fails, [])) as node:
        deliver(node, nine_good_and(OrderPlaced(order="x", label=CULPRIT)))
        assert run_due(node) == 0
        with node.read() as tx:
            row = tx.execute(select(inbox).where(inbox.c.state == State.RETRY)).one()
    assert row.next_attempt_at - row.received_at == timedelta(seconds=1)


def test_rows_of_a_reaction_that_only_a_newer_replica_knows_are_left_to_it(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, taker(Tries(tmp_path / "tries"), kill, many=True, slow=True)) as newer:
        older = Node(taker(Tries(tmp_path / "tries"), kill, many=True), newer.settings, pool_size=2)
        store(newer, [as_told(OrderPlaced(order="a", label="a"))])
        while run_due(older):
            pass
        with newer.read() as tx:
            left = tx.execute(select(inbox.c.reaction, inbox.c.state).where(inbox.c.state != State.DONE)).all()
        assert left == [(SLOW, State.PENDING)]
        with newer.db.begin() as tx:  # an upgrade takes less than a day: by now nobody knows it any more
            tx.execute(update(inbox).values(received_at=utcnow() - timedelta(days=1)))
        run_due(older)
        with newer.read() as tx:
            (parked,) = list_parked(tx)
        assert parked.reason == "this service has no such reaction"
        older.close()


def test_a_worker_that_parks_a_poison_goes_on_with_the_next_suspect(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, taker(Tries(tmp_path / "tries"), kill, many=True)) as node:
        store(node, [as_told(OrderPlaced(order="a", label="poison"))], starts=3)
        store(node, [as_told(OrderPlaced(order="b", label="innocent"))], starts=1)
        assert run_due(node) == 6
        with node.read() as tx:
            assert len(list_parked(tx)) == 3
            assert tx.scalars(select(collected.c.label)).all() == ["innocent"]


# --- the relay -----------------------------------------------------------------------------------------------------


class ScriptedBus:
    """A transport whose answers the test writes; takes everything by default."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answer: Callable[[Letter], Outcome] = lambda letter: Outcome.SENT
        self.then: Callable[[], None] = lambda: None

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        outcomes = [self.answer(letter) for letter in letters]
        self.taken += [
            letter.body for letter, outcome in zip(letters, outcomes, strict=True) if outcome is Outcome.SENT
        ]
        self.then()
        return outcomes

    def close(self) -> None:
        pass

    def labels(self) -> list[str]:
        return [decode(body).data["label"] for body in self.taken]


@pytest.fixture
def told(engine: str, tmp_path: Path) -> Iterator[Node]:
    with open_node(engine, tmp_path, shop(), retry_scale=1e-9) as node:
        yield node


def tell(node: Node, *labels: str) -> None:
    with node.begin(Context.fresh("test")) as tx:
        for label in labels:
            emit(tx, OrderPlaced(order=label[0], label=label))


def unsent(node: Node) -> int:
    with node.read() as tx:
        return tx.scalar(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))) or 0


def test_a_relay_killed_between_publish_and_mark_sends_twins_that_change_nothing(
    told: Node, engine: str, tmp_path: Path
) -> None:
    bus, tries = ScriptedBus(), Tries(tmp_path / "tries")
    tell(told, "a1", "a2", "b1")

    def die() -> None:
        raise KeyboardInterrupt

    bus.then = die
    with pytest.raises(KeyboardInterrupt):
        Relay(told, bus, holder="relay").step()
    assert unsent(told) == 3
    bus.then = lambda: None
    assert Relay(told, bus, holder="relay").step() == 3
    assert bus.labels() == ["a1", "a2", "b1"] * 2, "no twin was sent"
    assert unsent(told) == 0

    with open_node(engine, tmp_path, taker(tries, kill, many=True)) as node:
        deliver(node, [decode(body) for body in bus.taken])
        with node.read() as tx:
            assert sorted(tx.scalars(select(collected.c.label))) == ["a1", "a2", "b1"]


def test_a_bus_that_goes_away_in_the_middle_gets_everything_again(told: Node) -> None:
    bus = ScriptedBus()
    tell(told, "a1", "b1")

    def go_away() -> None:
        raise BusAway("gone")

    bus.then = go_away
    with pytest.raises(BusAway):
        Relay(told, bus, holder="relay").step()
    assert unsent(told) == 2
    bus.then = lambda: None
    Relay(told, bus, holder="relay").step()
    assert bus.labels()[-2:] == ["a1", "b1"]


@pytest.mark.parametrize("no", [Outcome.REFUSED, Outcome.UNROUTABLE])
def test_what_the_bus_does_not_take_holds_back_its_own_subject_only(told: Node, no: Outcome) -> None:
    bus = ScriptedBus()
    bus.answer = lambda letter: no if '"label":"a1"' in letter.body else Outcome.SENT
    told.settings = told.settings.model_copy(update={"retry_scale": 1.0})  # the refused one is not due again soon
    relay = Relay(told, bus, holder="relay")
    tell(told, "a1")
    relay.step()
    tell(told, "a2", "b1", "a3", "c1")
    relay.step()
    assert bus.labels() == ["b1", "c1"]

    bus.answer = lambda letter: Outcome.SENT
    with told.db.begin() as tx:
        tx.execute(update(outbox).values(retry_at=utcnow()))
    relay.step()
    assert bus.labels() == ["b1", "c1", "a1", "a2", "a3"]


def test_what_no_queue_takes_is_parked_shown_and_sent_when_replayed(told: Node) -> None:
    bus = ScriptedBus()
    bus.answer = lambda letter: Outcome.UNROUTABLE if '"label":"a1"' in letter.body else Outcome.SENT
    relay = Relay(told, bus, holder="relay")
    tell(told, "a1", "b1")
    for _ in range(RETURNS_BEFORE_PARKING + 2):
        relay.step()
    with told.read() as tx:
        (parked,) = list_parked(tx)
    assert (parked.kind, parked.subject, parked.attempts) == ("outbox", "order:a", RETURNS_BEFORE_PARKING)
    tell(told, "a2")
    relay.step()
    assert bus.labels() == ["b1", "a2"], "a parked event held back its subject for ever"

    bus.answer = lambda letter: Outcome.SENT
    with told.begin(Context.fresh("operator")) as tx:
        replay(tx, parked.ref, by="operator")
    relay.step()
    assert bus.labels() == ["b1", "a2", "a1"]
    with told.read() as tx:
        assert list_parked(tx) == []

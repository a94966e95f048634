"""What leaves a service: every fact once, numbered without gap, only its own, and with the reason why."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.deliver import deliver
from chassis.event import Envelope, Event, decode
from chassis.inbox import inbox
from chassis.outbox import NotTheOwner, emit, emit_many, outbox
from chassis.service import Node, Reaction, Service
from tests.chassis.engines import ENGINES, open_node
from tests.semantics.shop import ItemCollected, OrderPlaced, as_told, mirrored, shop


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    with open_node(request.param, tmp_path, shop()) as node:
        yield node


def placed(order: str, label: str = "") -> OrderPlaced:
    return OrderPlaced(order=order, label=label)


def emitted(node: Node) -> list[Envelope]:
    with node.read() as tx:
        return [decode(body) for body in tx.scalars(select(outbox.c.envelope).order_by(outbox.c.position))]


def in_threads(*works: Callable[[], None]) -> None:
    """Run them at the same time; the first exception is raised here."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def test_subjects_are_numbered_without_gap_or_twin_while_many_emit_and_some_roll_back(node: Node) -> None:
    committed: set[str] = set()
    rollbacks: list[int] = []

    def emitter(number: int) -> None:
        chance = random.Random(number)
        for turn in range(25):
            orders = [f"{chance.randrange(3)}" for _ in range(chance.randint(1, 4))]
            facts = [placed(order, f"{number}-{turn}-{place}") for place, order in enumerate(orders)]
            try:
                with node.begin(Context.fresh("test")) as tx:
                    if chance.random() < 0.5:
                        emit_many(tx, [(fact, None) for fact in facts])
                    else:
                        for fact in sorted(facts, key=lambda fact: fact.order):
                            emit(tx, fact)
                    if chance.random() < 0.3:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                rollbacks.append(number)
            else:
                committed.update(fact.label for fact in facts)

    in_threads(*(lambda number=number: emitter(number) for number in range(4)))

    told = emitted(node)
    assert {event.data["label"] for event in told} == committed
    assert len(told) == len(committed)
    assert rollbacks, "nothing was rolled back"
    numbers = defaultdict(list)
    for event in told:
        numbers[event.subject].append(event.sequence)
    for found in numbers.values():  # in outbox order, which the relay keeps
        assert found == list(range(1, len(found) + 1))


@pytest.mark.parametrize("engine", ["postgresql"])
def test_two_that_emit_about_the_same_subjects_in_opposite_order_do_not_deadlock(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, shop()) as node:

        def emitter(orders: Sequence[str]) -> None:
            for _ in range(40):
                with node.begin(Context.fresh("test")) as tx:
                    emit_many(tx, [(placed(order), None) for order in orders])

        orders = [f"{number}" for number in range(20)]
        in_threads(lambda: emitter(orders), lambda: emitter(orders[::-1]))
        assert len(emitted(node)) == 2 * 40 * 20


def test_only_the_owner_tells_a_fact(node: Node) -> None:
    with pytest.raises(NotTheOwner), node.begin(Context.fresh("test")) as tx:
        emit(tx, placed("ant"))
        emit(tx, ItemCollected(order="ant", label="x"))
    assert emitted(node) == []


def test_a_fact_tells_who_and_why(node: Node) -> None:
    request = Context(correlation_id="journey", causation_id="request 7", actor="user:1", traceparent="00-ab-cd-01")
    with node.begin(request) as tx:
        answered = emit(tx, placed("ant"))
    (told,) = emitted(node)
    assert (told.correlation_id, told.causation_id, told.actor) == ("journey", "request 7", "user:1")
    assert told.traceparent == "00-ab-cd-01"
    assert answered == told


class Answered(Event):
    type = "clerk.answer.given.v1"
    label: str

    @property
    def subject(self) -> str:
        return "answer:1"


def heard(label: str) -> Envelope:
    return as_told(placed(label, label), actor=f"user:{label}")


def clerk(*reactions: Reaction) -> Service:
    return Service(name="clerk", metadata=MetaData(), reactions=reactions)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_reaction_to_one_event_tells_that_it_was_the_cause(engine: str, tmp_path: Path) -> None:
    def answer(tx: Session, envelope: Envelope) -> None:
        emit(tx, Answered(label=envelope.data["label"]))

    with open_node(engine, tmp_path, clerk(Reaction("clerk.answer", "any", (OrderPlaced,), react=answer))) as node:
        causes = [heard("ant"), heard("bee")]
        deliver(node, causes)
        told = {event.data["label"]: event for event in emitted(node)}
    for cause in causes:
        answer_event = told[cause.data["label"]]
        assert (answer_event.causation_id, answer_event.correlation_id) == (cause.id, cause.correlation_id)
        assert answer_event.actor == cause.actor


def test_a_reaction_to_many_does_not_blame_the_event_that_another_reaction_handled_before(
    engine: str, tmp_path: Path
) -> None:
    def look(tx: Session, envelope: Envelope) -> None:
        """Changes nothing."""

    def sum_up(tx: Session, envelopes: Sequence[Envelope]) -> None:
        emit(tx, Answered(label="sum"))

    reactions = (
        Reaction("clerk.look", "any", (OrderPlaced,), react=look),
        Reaction("clerk.sum_up", "any", (OrderPlaced,), react_many=sum_up),
    )
    with open_node(engine, tmp_path, clerk(*reactions)) as node:
        deliver(node, [heard("ant"), heard("bee")])
        (told,) = emitted(node)
    assert told.causation_id is None
    assert told.actor == "service:clerk"


def test_a_projection_may_not_tell_facts_and_its_neighbour_still_may(engine: str, tmp_path: Path) -> None:
    def answer(tx: Session, envelope: Envelope) -> None:
        emit(tx, Answered(label=envelope.data["label"]))

    reactions = (
        Reaction("clerk.project", "any", (OrderPlaced,), react=answer, projection=(mirrored,)),
        Reaction("clerk.answer", "any", (OrderPlaced,), react=answer),
    )
    with open_node(engine, tmp_path, clerk(*reactions)) as node:
        deliver(node, [heard("ant")])
        assert len(emitted(node)) == 1
        with node.read() as tx:
            rows = {row.reaction: (row.state, row.reason) for row in tx.execute(select(inbox))}
    assert rows["clerk.answer"] == ("done", None)
    assert rows["clerk.project"][0] == "retry"
    assert "NotTheOwner" in rows["clerk.project"][1]

"""The three orders by example, one service and one database; the general case is in ``test_semantics``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from chassis.context import Context
from chassis.deliver import deliver, run_due, store
from chassis.event import Envelope
from chassis.parked import drop, list_parked, replay
from chassis.service import Node
from tests.chassis.engines import ENGINES, open_node
from tests.semantics.shop import (
    STRICT,
    OrderNoted,
    OrderPlaced,
    Tries,
    as_told,
    collected,
    followed,
    mirrored,
    mirrorings,
    taker,
)
from tests.semantics.stage import kill


@pytest.fixture
def tries(tmp_path: Path) -> Tries:
    return Tries(tmp_path / "tries")


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Path, tries: Tries) -> Iterator[Node]:
    with open_node(request.param, tmp_path, taker(tries, kill, many=False), retry_scale=1e-9) as node:
        yield node


def ant(sequence: int, fate: str = "") -> Envelope:
    fates = {STRICT: fate} if fate else {}
    return as_told(OrderPlaced(order="ant", label=f"{sequence}", fates=fates), sequence)


def run(node: Node) -> None:
    while run_due(node):
        pass


def labels(node: Node, table: Table) -> list[str]:
    with node.read() as tx:
        return list(tx.scalars(select(table.c.label).order_by(table.c.place)))


def test_any_takes_effect_in_whatever_order_events_come_and_once(node: Node) -> None:
    one, two = ant(1), ant(2)
    for batch in ([two], [one, two, one], [two]):
        deliver(node, batch)
    assert labels(node, collected) == ["2", "1"]


def test_latest_lets_an_older_state_change_nothing(node: Node) -> None:
    for batch in ([ant(2)], [ant(1)], [ant(4), ant(3)]):
        deliver(node, batch)
    assert labels(node, mirrorings) == ["2", "4"]
    with node.read() as tx:
        assert tx.scalars(select(mirrored.c.label)).all() == ["4"]


def test_strict_waits_for_what_is_missing(node: Node) -> None:
    deliver(node, [ant(3)])
    deliver(node, [ant(2)])
    assert labels(node, followed) == []
    deliver(node, [ant(1)])
    run(node)
    assert labels(node, followed) == ["1", "2", "3"]


def test_strict_counts_events_that_it_does_not_act_on(node: Node) -> None:
    deliver(node, [ant(3)])
    deliver(node, [ant(1), as_told(OrderNoted(order="ant", label="2"), 2)])
    run(node)
    assert labels(node, followed) == ["1", "3"]


def test_subjects_do_not_wait_for_each_other(node: Node) -> None:
    deliver(node, [ant(2), as_told(OrderPlaced(order="bee", label="bee"), 1)])
    assert labels(node, followed) == ["bee"]


def test_a_strict_subject_frees_everything_that_waits(node: Node) -> None:
    deliver(node, [ant(sequence) for sequence in range(2, 451)])  # more than are freed at once
    deliver(node, [ant(1)])
    run(node)
    assert labels(node, followed) == [f"{sequence}" for sequence in range(1, 451)]


@pytest.mark.parametrize("replayed", [True, False])
def test_behind_a_parked_event_a_strict_subject_waits_for_people(node: Node, tries: Tries, replayed: bool) -> None:
    deliver(node, [ant(1), ant(2, "refuses"), ant(3)])
    deliver(node, [ant(4)])
    run(node)
    assert labels(node, followed) == ["1"]
    with node.begin(Context.fresh("operator")) as tx:
        (parked,) = list_parked(tx)
        assert parked.what == STRICT
        if replayed:
            tries.heal("2")
            replay(tx, parked.ref, by="operator")
        else:
            drop(tx, parked.ref, by="operator")
    run(node)
    assert labels(node, followed) == (["1", "2", "3", "4"] if replayed else ["1", "3", "4"])


def test_what_the_broker_brings_again_runs_from_the_inbox_and_once(node: Node) -> None:
    one = ant(1)
    store(node, [one], starts=1)
    store(node, [one], starts=1)
    deliver(node, [one])
    assert labels(node, collected) == []
    run(node)
    assert labels(node, collected) == ["1"]

"""What waits for people: it is listed and shown, replayed and dropped; and a gap that nobody fills is parked."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table, select, update

from chassis.arrivals import Message, take_in
from chassis.clock import utcnow
from chassis.context import Context
from chassis.deliver import deliver, run_due
from chassis.event import Envelope
from chassis.inbox import State, cursors, inbox, undecodable
from chassis.outbox import emit, outbox
from chassis.parked import (
    EarlierEventOpen,
    NotParked,
    Parked,
    StillUndecodable,
    count_parked,
    drop,
    list_parked,
    park_gaps,
    replay,
    show,
)
from chassis.service import Node
from tests.chassis.engines import ENGINES, open_node
from tests.semantics.shop import ANY, LATEST, STRICT, OrderPlaced, Tries, as_told, collected, followed, shop, taker
from tests.semantics.stage import kill


@pytest.fixture
def tries(tmp_path: Path) -> Tries:
    return Tries(tmp_path / "tries")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def node(engine: str, tmp_path: Path, tries: Tries) -> Iterator[Node]:
    with open_node(engine, tmp_path, taker(tries, kill, many=True), retry_scale=1e-9) as node:
        yield node


def ant(sequence: int, reaction: str = "", fate: str = "refuses") -> Envelope:
    fates = {reaction: fate} if reaction else {}
    return as_told(OrderPlaced(order="ant", label=f"{sequence}", fates=fates), sequence)


def parked(node: Node) -> list[Parked]:
    with node.read() as tx:
        return list_parked(tx)


def act(node: Node, action: Callable[..., None], ref: str) -> None:
    with node.begin(Context.fresh("operator")) as tx:
        action(tx, ref, by="user:7")


def run(node: Node) -> None:
    while run_due(node):
        pass


def labels(node: Node, table: Table) -> list[str]:
    with node.read() as tx:
        return list(tx.scalars(select(table.c.label).order_by(table.c.place)))


def row_of(node: Node, event: Envelope, reaction: str) -> Row[Any]:
    with node.read() as tx:
        return tx.execute(select(inbox).where(inbox.c.event_id == event.id, inbox.c.reaction == reaction)).one()


def test_what_is_parked_is_listed_with_its_reason_and_counted(node: Node) -> None:
    deliver(node, [ant(1, ANY), ant(2, STRICT)])
    one, two = parked(node)
    assert {(p.what, p.sequence, p.subject, p.type) for p in (one, two)} == {
        (ANY, 1, "order:ant", OrderPlaced.type),
        (STRICT, 2, "order:ant", OrderPlaced.type),
    }
    assert all(p.reason == f"Conflict: {p.sequence} is refused" and p.attempts == 1 for p in (one, two))
    with node.read() as tx:
        assert count_parked(tx) == 2
        assert [p.what for p in list_parked(tx, what=STRICT)] == [STRICT]
        assert list_parked(tx, kind="outbox") == []
        assert len(list_parked(tx, limit=1)) == 1


def test_one_is_shown_with_its_body_and_with_how_many_wait_behind_it(node: Node) -> None:
    event = ant(1, STRICT)
    deliver(node, [event, ant(2), ant(3)])
    (found,) = parked(node)
    with node.read() as tx:
        detail = show(tx, found.ref)
    assert detail.parked == found
    assert detail.body == event.body
    assert detail.behind == 2


def test_replay_gives_it_all_its_tries_again(node: Node, tries: Tries) -> None:
    deliver(node, [ant(1, ANY, "broken")])
    run(node)
    (found,) = parked(node)
    assert found.attempts == 7
    act(node, replay, found.ref)
    run(node)
    (again,) = parked(node)
    assert again.attempts == 7
    tries.heal("1")
    act(node, replay, again.ref)
    run(node)
    assert parked(node) == []
    assert labels(node, collected) == ["1"]


def test_drop_ends_it_and_says_who_and_why(node: Node) -> None:
    event = ant(1, ANY)
    deliver(node, [event])
    (found,) = parked(node)
    with node.begin(Context.fresh("operator")) as tx:
        drop(tx, found.ref, by="user:7", why="a test order")
    row = row_of(node, event, ANY)
    assert row.state == State.DROPPED
    assert row.reason == "dropped by user:7: a test order; it was parked: Conflict: 1 is refused"
    deliver(node, [event])  # and a twin does not bring it back
    run(node)
    assert labels(node, collected) == []


def test_what_is_not_parked_is_said_so(node: Node) -> None:
    refs = ["", "in:", "out:", "in:x:y", "out:-1", "out:1", "raw:1", f"out:{10**20}", "in:\x00:x", "out:²", "raw:"]
    for ref in refs:
        for action in (replay, drop):
            with pytest.raises(NotParked):
                act(node, action, ref)


def test_what_is_done_or_waiting_is_nobodys_to_drop(node: Node) -> None:
    done, waiting = ant(1), ant(3)
    deliver(node, [done, waiting])
    for event, reaction in ((done, STRICT), (waiting, STRICT), (waiting, LATEST)):
        with pytest.raises(NotParked):
            act(node, drop, f"in:{event.id}:{reaction}")
    deliver(node, [ant(2)])
    run(node)
    assert labels(node, followed) == ["1", "2", "3"]


# --- gaps ----------------------------------------------------------------------------------------------------------


def with_a_gap(node: Node, *missing: int) -> Parked:
    """Events 1 to 5 arrive without some, and patience ends."""
    deliver(node, [ant(sequence) for sequence in range(1, 6) if sequence not in missing])
    assert park_gaps(node, timedelta(0)) == 1
    (found,) = parked(node)
    return found


def test_what_waited_too_long_for_an_event_that_never_came_is_parked_as_a_gap(node: Node) -> None:
    found = with_a_gap(node, 2)
    assert (found.what, found.sequence, found.reason) == (STRICT, 3, "gap: 2 of this subject did not arrive")
    assert park_gaps(node, timedelta(0)) == 0, "those behind it wait for it, not for the gap"


def test_a_gap_of_several_is_named_as_such(node: Node) -> None:
    assert with_a_gap(node, 2, 3).reason == "gap: 2 to 3 of this subject did not arrive"


def test_patience_is_ten_minutes(node: Node) -> None:
    node.settings = node.settings.model_copy(update={"retry_scale": 1.0})
    late = ant(2)
    deliver(node, [late])
    for age, expected in ((timedelta(minutes=9), 0), (timedelta(minutes=11), 1)):
        with node.db.begin() as tx:
            tx.execute(update(inbox).values(received_at=utcnow() - age))
        assert park_gaps(node) == expected


def test_what_waits_for_a_parked_or_retried_event_is_not_a_gap(node: Node) -> None:
    deliver(node, [ant(1, STRICT), ant(2)])
    deliver(node, [as_told(OrderPlaced(order="bee", label="b1", fates={STRICT: "broken"}), 1)])
    deliver(node, [as_told(OrderPlaced(order="bee", label="b2"), 2)])
    assert park_gaps(node, timedelta(0)) == 0


def test_replay_goes_over_a_gap_and_what_comes_too_late_changes_nothing(node: Node) -> None:
    found = with_a_gap(node, 2)
    act(node, replay, found.ref)
    run(node)
    assert labels(node, followed) == ["1", "3", "4", "5"]
    deliver(node, [ant(2)])
    run(node)
    assert labels(node, followed) == ["1", "3", "4", "5"]


def test_drop_goes_over_a_gap_as_well(node: Node) -> None:
    act(node, drop, with_a_gap(node, 2).ref)
    run(node)
    assert labels(node, followed) == ["1", "4", "5"]


def test_when_the_missing_event_comes_after_all_nobody_need_do_anything(node: Node) -> None:
    with_a_gap(node, 2)
    deliver(node, [ant(2)])
    run(node)
    assert labels(node, followed) == ["1", "2", "3", "4", "5"]
    assert parked(node) == []


def test_an_event_that_came_after_all_and_failed_is_not_gone_over(node: Node, tries: Tries) -> None:
    found = with_a_gap(node, 2)
    deliver(node, [ant(2, STRICT, "refuses")])
    with pytest.raises(EarlierEventOpen):
        act(node, drop, found.ref)
    act(node, replay, found.ref)
    run(node)
    assert labels(node, followed) == ["1"]
    tries.heal("2")
    (refused,) = parked(node)
    act(node, replay, refused.ref)
    run(node)
    assert labels(node, followed) == ["1", "2", "3", "4", "5"]


def test_an_event_that_comes_between_replay_and_run_is_not_gone_over(node: Node, tries: Tries) -> None:
    act(node, replay, with_a_gap(node, 2).ref)
    deliver(node, [ant(2, STRICT, "refuses")])
    run(node)
    assert labels(node, followed) == ["1"]
    tries.heal("2")
    for found in parked(node):
        act(node, replay, found.ref)
    run(node)
    assert labels(node, followed) == ["1", "2", "3", "4", "5"]


def test_one_that_goes_over_a_gap_and_is_refused_goes_over_it_when_replayed_again(node: Node, tries: Tries) -> None:
    deliver(node, [ant(1), ant(3, STRICT, "refuses"), ant(4)])
    park_gaps(node, timedelta(0))
    (gap,) = parked(node)
    act(node, replay, gap.ref)
    run(node)
    (refused,) = parked(node)
    assert refused.reason.startswith("Conflict")
    tries.heal("3")
    act(node, replay, refused.ref)
    run(node)
    assert labels(node, followed) == ["1", "3", "4"]


def test_one_whose_turn_has_come_unnoticed_is_run_and_not_parked(node: Node) -> None:
    late = ant(3)
    deliver(node, [ant(1), late])
    with node.db.begin() as tx:  # as if the wake-up had been lost
        tx.execute(update(cursors).where(cursors.c.reaction == STRICT).values(sequence=2))
    assert park_gaps(node, timedelta(0)) == 0
    run(node)
    assert labels(node, followed) == ["1", "3"]


def test_only_the_strict_know_gaps(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, shop()) as node:
        assert park_gaps(node, timedelta(0)) == 0


# --- outbox, and what is no event ------------------------------------------------------------------------------------


@pytest.fixture
def told(engine: str, tmp_path: Path) -> Iterator[Node]:
    """A shop with one event in its outbox that no queue took."""
    with open_node(engine, tmp_path, shop()) as node:
        with node.begin(Context.fresh("test")) as tx:
            emit(tx, OrderPlaced(order="ant", label="1"))
        with node.db.begin() as tx:
            tx.execute(update(outbox).values(parked_at=utcnow(), attempts=6, reason="unroutable"))
        yield node


def test_an_event_that_no_queue_took_is_shown_and_goes_out_again(told: Node) -> None:
    (found,) = parked(told)
    assert (found.kind, found.type, found.attempts, found.reason) == ("outbox", OrderPlaced.type, 6, "unroutable")
    with told.read() as tx:
        assert '"label":"1"' in show(tx, found.ref).body
    told.outbox_filled.clear()
    act(told, replay, found.ref)
    assert told.outbox_filled.is_set(), "nobody woke the relay"
    with told.read() as tx:
        row = tx.execute(select(outbox)).one()
    assert (row.parked_at, row.sent_at, row.attempts) == (None, None, 0)
    assert parked(told) == []


def test_an_event_that_no_queue_took_can_be_dropped(told: Node) -> None:
    (found,) = parked(told)
    act(told, drop, found.ref)
    with told.read() as tx:
        row = tx.execute(select(outbox)).one()
    assert row.sent_at is not None
    assert row.reason == "dropped by user:7; it was parked: unroutable"
    assert parked(told) == []


def test_what_is_no_event_is_shown_as_it_came_and_can_be_dropped(node: Node) -> None:
    take_in(node, [Message(b"\x00 nonsense \xff")], threading.Event())
    (found,) = parked(node)
    assert (found.kind, found.reason[:21]) == ("undecodable", "not an event envelope")
    with node.read() as tx:
        assert show(tx, found.ref).body == "\\x00 nonsense \\xff"
    with pytest.raises(StillUndecodable):
        act(node, replay, found.ref)
    assert len(parked(node)) == 1
    act(node, drop, found.ref)
    assert parked(node) == []


def test_what_a_newer_version_can_read_is_replayed(node: Node) -> None:
    take_in(node, [Message(b"an event of the future")], threading.Event())
    with node.db.begin() as tx:  # the same bytes, read by code that understands them
        tx.execute(update(undecodable).values(body=ant(1).body))
    (found,) = parked(node)
    act(node, replay, found.ref)
    run(node)
    assert labels(node, followed) == ["1"]
    assert parked(node) == []

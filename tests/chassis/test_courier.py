"""The courier: what may have arrived, what is killed in between, and who else is at work."""

import os
import subprocess
import sys
import textwrap
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, func, select, update
from sqlalchemy.orm import Session

from chassis.calls import (
    DELAYS_S,
    Delivered,
    Delivery,
    Later,
    Outcome,
    Refused,
    Settled,
    Unknown,
)
from chassis.clock import utcnow
from chassis.context import Context
from chassis.courier import make_call
from chassis.deliveries import (
    UnknownKind,
    Which,
    attempts_of,
    deliveries,
    drop,
    enqueue,
)
from chassis.dispatch import claim, receivers_due, record
from chassis.errors import Invalid, Unavailable
from chassis.leases import leases
from chassis.outside import NoAnswer, NotSent
from chassis.service import Node, Service
from tests.chassis.deliveries_stage import SECRET, Post, at_work, eventually, numbers, post, put, rows, states
from tests.chassis.receiver import Reply


def test_what_may_have_arrived_is_looked_up_before_it_is_sent_again(post: Post) -> None:
    there: set[str] = set()
    sent: list[str] = []

    def send(node: Node, delivery: Delivery) -> Outcome:
        sent.append(delivery.idempotency_key)
        if delivery.payload["n"] == 1:
            there.add(delivery.idempotency_key)  # it takes effect, and the answer is lost
        if len(sent) <= 2:
            raise NoAnswer("timeout")
        return Delivered()

    def look_up(node: Node, delivery: Delivery) -> Delivered | None:
        return Delivered(reference="found") if delivery.idempotency_key in there else None

    post.send, post.look_up = send, look_up
    with post.open() as node, at_work(node):
        arrived, lost = put(node, 1, 2)
        eventually(lambda: states(node) == {"delivered": 2})
    assert Counter(sent) == {arrived: 1, lost: 2}


@pytest.mark.parametrize(
    "trouble",
    [NotSent("no connection"), Unavailable(), Invalid("the address may not be called"), ValueError("no JSON")],
    ids=lambda error: type(error).__name__,
)
def test_what_could_not_be_looked_up_stays_unsure_and_is_not_sent_again(post: Post, trouble: Exception) -> None:
    sent: list[str] = []
    looked: list[str] = []

    def send(node: Node, delivery: Delivery) -> Outcome:
        sent.append(delivery.idempotency_key)  # it takes effect, and the answer is lost
        raise NoAnswer("timeout")

    def look_up(node: Node, delivery: Delivery) -> Delivered | None:
        looked.append(delivery.idempotency_key)
        if len(looked) <= 2:
            raise trouble
        return Delivered(reference="found")

    post.send, post.look_up = send, look_up
    with post.open() as node, at_work(node):
        (arrived,) = put(node, 1)
        eventually(lambda: states(node) == {"delivered": 1})
        with node.db.read() as tx:
            tried = [each.outcome for each in attempts_of(tx, rows(node)[0].id)]
    assert sent == [arrived]
    assert tried == ["unknown"] * 3 + ["delivered"]


@pytest.mark.parametrize("can_look", [True, False])
def test_a_no_for_now_makes_sure_only_what_was_looked_up(post: Post, can_look: bool) -> None:
    outcomes: list[Outcome] = [Unknown("timeout"), Later("busy")]
    post.send = lambda node, delivery: outcomes.pop(0)
    post.look_up = (lambda node, delivery: None) if can_look else None
    with post.open(scale=1e-9) as node:
        put(node, 1)
        for _ in range(2):
            (claimed,) = claim(node, "a", "me", 5)
            record(node, claimed, make_call(node, claimed), began=utcnow(), ms=1)
            time.sleep(0.01)
        assert [row.unsure for row in rows(node)] == [not can_look]


def test_what_was_called_and_not_recorded_is_called_again_with_the_same_id(post: Post) -> None:
    post.timeout_s = 2.0
    with post.open() as node:
        put(node, 1)
        claimed = claim(node, "a", "a courier that dies", 5)
        node.service.deliveries["webhook"].send(node, claimed[0].delivery)
        assert states(node) == {"leased": 1}
        with at_work(node):
            time.sleep(0.1)
            assert len(post.receiver.heard) == 1
            eventually(lambda: states(node) == {"delivered": 1})
        with node.db.read() as tx:
            assert [each.outcome for each in attempts_of(tx, claimed[0].delivery.id)] == ["lapsed", "delivered"]
    assert len({heard.webhook_id for heard in post.receiver.heard}) == 1
    assert len(post.receiver.heard) == 2


def test_a_courier_that_is_killed_between_call_and_record_loses_nothing(post: Post) -> None:
    post.timeout_s = 0.5
    with post.open() as node:
        put(node, 1, 2, 3)
        script = f"""
            import os, signal, threading
            from sqlalchemy import MetaData
            from chassis.calls import DeliveryHandler
            from chassis.courier import courier
            from chassis.service import Node, Service
            from chassis.settings import Settings
            from chassis.webhooks import send_webhook

            def send_and_die(node, delivery):
                send_webhook(node.settings, "{post.receiver.url}/a", {SECRET!r}, delivery)
                os.kill(os.getpid(), signal.SIGKILL)

            handler = DeliveryHandler(send_and_die, timeout_s=0.5, unknown_wait_s=1, in_flight_per_receiver=1)
            service = Service(name="shop", metadata=MetaData(), deliveries={{"webhook": handler}})
            settings = Settings(database_url={node.settings.database_url!r}, outside_allow_private=True)
            courier(Node(service, settings), threading.Event())
        """
        died = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=60, cwd=os.getcwd())
        assert died.returncode == -9
        assert len(post.receiver.heard) == 1
        with node.db.begin() as tx:
            tx.execute(update(leases).values(expires_at=utcnow()))  # fifteen seconds later
        with at_work(node):
            eventually(lambda: states(node) == {"delivered": 3})
    assert Counter(numbers(post.receiver.heard)) == {1: 2, 2: 1, 3: 1}
    assert len({heard.webhook_id for heard in post.receiver.heard}) == 3


def test_a_delivery_that_kills_its_courier_every_time_is_parked(post: Post) -> None:
    post.timeout_s = 0.0
    with post.open(scale=1e-9) as node:
        put(node, 1)
        for _ in DELAYS_S:
            assert len(claim(node, "a", "dies", 5)) == 1
            time.sleep(0.01)
        with at_work(node):
            eventually(lambda: states(node) == {"parked": 1})
    assert post.receiver.heard == []


def test_what_the_service_notes_commits_with_the_outcome_or_the_call_is_made_again(post: Post) -> None:
    tries: list[str] = []

    def note(tx: Session, delivery: Delivery, outcome: Settled) -> None:
        tries.append(delivery.id)
        enqueue(tx, kind="webhook", receiver="b", subject="x", payload={"n": len(tries)})
        if len(tries) == 1:
            raise ValueError("cannot take note")

    post.note = note  # type: ignore[method-assign]
    post.send = lambda node, delivery: Delivered() if delivery.receiver == "a" else Later("not now")
    with post.open(scale=0.001) as node, at_work(node):
        put(node, 1)
        eventually(lambda: states(node, receiver="a") == {"delivered": 1})
        assert [row.payload for row in rows(node, receiver="b")] == ['{"n":2}']


def test_of_two_couriers_one_works_and_the_other_takes_over_when_it_stops(post: Post) -> None:
    callers: list[Node] = []

    def send(node: Node, delivery: Delivery) -> Outcome:
        callers.append(node)
        return Delivered()

    post.send = send
    with post.open() as node:
        rival = Node(node.service, node.settings, pool_size=3)
        with at_work(node):
            put(node, 1)
            eventually(lambda: states(node) == {"delivered": 1})
            with at_work(rival):
                for n in range(2, 12):
                    put(rival, n)  # wakes the rival first
                    time.sleep(0.05)
                eventually(lambda: states(node) == {"delivered": 11})
                assert set(callers) == {node}
        with at_work(rival):
            put(node, 12)
            eventually(lambda: states(node) == {"delivered": 12}, within=6)
            assert callers[-1] is rival
        rival.close()


def test_an_outcome_that_comes_after_another_has_taken_over_changes_nothing_but_is_kept(post: Post) -> None:
    post.timeout_s = 0.0
    with post.open(scale=1e-9) as node:
        (identity,) = put(node, 1)
        (slow,) = claim(node, "a", "one", 5)
        time.sleep(0.01)
        (again,) = claim(node, "a", "two", 5)
        record(node, slow, Refused("late"), began=utcnow(), ms=1)
        assert states(node) == {"leased": 1}
        record(node, again, Delivered(), began=utcnow(), ms=1)
        assert states(node) == {"delivered": 1}
        with node.db.read() as tx:
            assert [each.outcome for each in attempts_of(tx, identity)] == ["lapsed", "refused", "delivered"]
        assert [type(outcome) for _, outcome in post.settled] == [Delivered]


def test_a_courier_told_to_stop_ends_and_records_what_it_has_begun(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(delay_s=1.0)
    with post.open(in_flight_per_receiver=2) as node:
        put(node, *range(10))
        with at_work(node):
            eventually(lambda: len(post.receiver.heard) == 2)
        assert states(node) == {"delivered": 2, "pending": 8}


def test_a_projection_delivers_nothing_and_a_service_only_what_its_manifest_names(post: Post) -> None:
    with post.open() as node:
        with node.begin(Context.fresh("test")) as tx, pytest.raises(UnknownKind):
            enqueue(tx, kind="fax", receiver="a", subject="x", payload={})
        with node.begin(Context.fresh("test")) as tx:
            tx.info["projection"] = True
            with pytest.raises(TypeError, match="projection"):
                enqueue(tx, kind="webhook", receiver="a", subject="x", payload={})
        assert rows(node) == []


def test_a_kind_that_nobody_delivers_any_more_is_parked_and_seen(post: Post) -> None:
    with post.open() as node:
        put(node, 1)
        later = Node(Service(name="shop", metadata=MetaData()), node.settings, pool_size=3)
        with at_work(later):
            eventually(lambda: states(node) == {"parked": 1})
        assert rows(node)[0].reason == "nobody delivers webhook here"
        later.close()


def test_receivers_are_found_without_reading_their_rows_and_not_before_they_are_due(post: Post) -> None:
    with post.open() as node:
        put(node, *range(50), receiver="busy")
        with node.begin(Context.fresh("test")) as tx:
            enqueue(
                tx, kind="webhook", receiver="calm", subject="x", payload={}, not_before=utcnow() + timedelta(hours=1)
            )
        put(node, 1, receiver="done")
        with node.begin(Context.fresh("test")) as tx:
            assert drop(tx, Which(receiver="done"), reason="x") == 1
        with node.db.read() as tx:
            assert receivers_due(tx) == {"busy": "webhook"}
            assert tx.scalar(select(func.count()).select_from(deliveries)) == 52

"""What must reach the outside does: after the commit, in order where asked, again when it failed, in plain sight."""

import random
import threading
import time
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from chassis.breaker import FAILURES, Breaker
from chassis.calls import (
    DELAYS_S,
    Delivered,
    Delivery,
    GivenUp,
    Gone,
    Later,
    Outcome,
    Refused,
    Settled,
    Unknown,
)
from chassis.clock import utcnow
from chassis.context import Context
from chassis.deliveries import (
    DeliveryState,
    Which,
    attempts_of,
    drop,
    enqueue,
    replay,
    try_now,
)
from chassis.dispatch import claim, record
from chassis.service import Node
from chassis.settings import Settings
from tests.chassis.deliveries_stage import QUICK, SECRET, Post, at_work, eventually, numbers, post, put, rows, states
from tests.chassis.receiver import Reply


def test_a_call_is_made_after_the_commit_signed_and_kept(post: Post) -> None:
    with post.open() as node, at_work(node):
        with pytest.raises(ZeroDivisionError), node.begin(Context.fresh("test")) as tx:
            enqueue(tx, kind="webhook", receiver="a", subject="lead:0", payload={"n": 0})
            raise ZeroDivisionError
        (identity,) = put(node, 1)
        eventually(lambda: states(node) == {"delivered": 1})
        (row,) = rows(node)
        with node.db.read() as tx:
            (attempt,) = attempts_of(tx, identity)
    (heard,) = post.receiver.heard
    assert Webhook(SECRET).verify(heard.body, heard.headers) == {"n": 1}
    assert heard.webhook_id == identity == row.idempotency_key
    assert (row.attempts, row.last_status, row.reason) == (1, 200, None)
    assert (attempt.outcome, attempt.status, attempt.answer) == ("delivered", 200, "thank you")
    assert identity in attempt.request
    assert SECRET not in attempt.request
    assert [(receiver, type(outcome)) for receiver, outcome in post.settled] == [("a", Delivered)]


def test_a_failing_call_is_made_again_with_the_same_id_until_it_succeeds(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(200 if len(post.receiver.heard) > 3 else 500)
    with post.open() as node, at_work(node):
        (identity,) = put(node, 1)
        eventually(lambda: states(node) == {"delivered": 1})
        with node.db.read() as tx:
            attempts = attempts_of(tx, identity)
    assert [attempt.outcome for attempt in attempts] == ["later", "later", "later", "delivered"]
    assert [attempt.error for attempt in attempts][:1] == ["the receiver answered 500"]
    assert {heard.webhook_id for heard in post.receiver.heard} == {identity}
    assert len({heard.body for heard in post.receiver.heard}) == 1


def test_the_schedule_spans_three_days() -> None:
    assert len(DELAYS_S) == 10
    assert sum(DELAYS_S) >= 72 * 3600


def test_what_fails_to_the_end_is_parked_seen_and_can_be_replayed(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(503)
    with post.open() as node, at_work(node):
        (identity,) = put(node, 1)
        eventually(lambda: states(node) == {"parked": 1})
        heard = list(post.receiver.heard)
        assert len(heard) == 10
        gaps = [after.at - before.at for before, after in pairwise(heard)]
        assert all(gap >= delay * QUICK for gap, delay in zip(gaps, DELAYS_S[1:], strict=True))
        assert rows(node)[0].reason == "given up: the receiver answered 503"
        assert [type(outcome) for _, outcome in post.settled] == [GivenUp]

        post.receiver.answer = lambda heard: Reply(200)
        with node.begin(Context.fresh("operator")) as tx:
            assert replay(tx, Which(ids=[identity])) == 1
        eventually(lambda: states(node) == {"delivered": 1})
    assert {one.webhook_id for one in post.receiver.heard} == {identity}


def test_a_replay_by_filter_takes_those_and_no_others(post: Post) -> None:
    with post.open() as node, at_work(node):
        put(node, 1, 2, 3, receiver="a")
        put(node, 4, receiver="b")
        eventually(lambda: states(node) == {"delivered": 4})
        with node.begin(Context.fresh("operator")) as tx:
            assert replay(tx, Which(receiver="a")) == 0  # nothing is parked
            delivered = (DeliveryState.DELIVERED,)
            assert replay(tx, Which(receiver="a", states=delivered, until=utcnow() - timedelta(hours=1))) == 0
            assert replay(tx, Which(receiver="a", states=delivered)) == 3
        eventually(lambda: len(post.receiver.heard) == 7 and states(node) == {"delivered": 4})
    assert Counter(numbers(post.receiver.heard)) == {1: 2, 2: 2, 3: 2, 4: 1}


def test_a_receiver_that_is_gone_is_switched_off_and_hears_no_more(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(410 if heard.path == "/a" else 200)
    with post.open(in_flight_per_receiver=1) as node:
        put(node, *range(20), receiver="a")
        put(node, 100, receiver="b")
        with at_work(node):
            eventually(lambda: states(node) == {"parked": 20, "delivered": 1})
    assert Counter(heard.path for heard in post.receiver.heard) == {"/a": 1, "/b": 1}
    assert [type(outcome) for receiver, outcome in post.settled if receiver == "a"] == [Gone]


def test_a_receiver_that_says_when_is_not_called_earlier_nor_pushed_towards_the_end(post: Post) -> None:
    post.receiver.answer = lambda heard: (
        Reply(200) if len(post.receiver.heard) > 2 else Reply(429, {"Retry-After": "1"})
    )
    with post.open(scale=1.0) as node, at_work(node):
        put(node, 1)
        eventually(lambda: states(node) == {"delivered": 1})
        (row,) = rows(node)
    first, second, third = (heard.at for heard in post.receiver.heard)
    assert second - first >= 1.0
    assert third - second >= 1.0
    assert (row.attempts, row.step) == (3, 0)


def test_a_receiver_that_says_when_for_ever_is_given_up_when_the_schedule_would_be_over(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(429, {"Retry-After": "0"})
    with post.open(scale=2e-6) as node, at_work(node):
        put(node, 1)
        eventually(lambda: states(node) == {"parked": 1})


def test_a_receiver_may_ask_for_a_day_and_no_more(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(503, {"Retry-After": "99999999"})
    with post.open(scale=1.0) as node, at_work(node):
        put(node, 1)
        eventually(lambda: states(node) == {"retry": 1})
        (row,) = rows(node)
    wait = row.next_attempt_at - utcnow()
    assert timedelta(hours=23, minutes=59) < wait <= timedelta(hours=24)


def test_a_redirect_is_a_failure_and_is_not_followed(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(307, {"Location": f"{post.receiver.url}/secret"})
    with post.open(scale=1.0) as node, at_work(node):
        put(node, 1)
        eventually(lambda: states(node) == {"retry": 1})
        assert rows(node)[0].reason == "it redirects, which is not followed"
    assert {heard.path for heard in post.receiver.heard} == {"/a"}


def test_a_private_address_is_refused_where_it_is_not_allowed(post: Post) -> None:
    with post.open() as node:
        node.settings = Settings(database_url=node.settings.database_url, retry_scale=QUICK)
        with at_work(node):
            put(node, 1)
            eventually(lambda: states(node) == {"parked": 1})
    assert post.receiver.heard == []
    assert [type(outcome) for _, outcome in post.settled] == [Refused]


def test_of_one_subject_the_later_waits_for_the_former_and_other_subjects_do_not(post: Post) -> None:
    healed = threading.Event()
    post.receiver.answer = lambda heard: Reply(500 if b'"n":1}' in heard.body and not healed.is_set() else 200)
    with post.open(scale=0.01) as node, at_work(node):
        put(node, 1, 2, 3, subject="lead:1", order="per_subject")
        put(node, 7, 8, subject="lead:2", order="per_subject")
        put(node, 9, subject="lead:1")
        put(node, 4, subject="lead:1", order="per_subject")
        eventually(lambda: {7, 8, 9} <= set(numbers(post.receiver.heard)))
        eventually(lambda: states(node, subject="lead:1")["waiting"] == 3)
        time.sleep(0.6)
        assert {2, 3, 4}.isdisjoint(numbers(post.receiver.heard))
        healed.set()
        eventually(lambda: states(node) == {"delivered": 7})
    assert [n for n in numbers(post.receiver.heard) if n in (2, 3, 4)] == [2, 3, 4]
    assert [n for n in numbers(post.receiver.heard) if n in (7, 8)] == [7, 8]


def test_behind_a_parked_one_its_subject_waits_until_it_is_dropped(post: Post) -> None:
    post.send = lambda node, delivery: Refused("no") if delivery.payload["n"] == 1 else Delivered()
    with post.open() as node, at_work(node):
        first, *_ = put(node, 1, 2, 3, order="per_subject")
        eventually(lambda: states(node) == {"parked": 1, "waiting": 2})
        with node.begin(Context.fresh("operator")) as tx:
            assert drop(tx, Which(ids=[first]), reason="wrong number") == 1
        eventually(lambda: states(node) == {"dropped": 1, "delivered": 2})
        assert rows(node)[0].reason == "wrong number"


def test_order_holds_while_calls_fail_couriers_compete_and_more_is_put_in(post: Post) -> None:
    went: dict[str, list[int]] = defaultdict(list)
    dice, guard = random.Random(7), threading.Lock()

    def send(node: Node, delivery: Delivery) -> Outcome:
        with guard:
            if dice.random() < 0.25:
                return Later("not now")
            went[delivery.subject].append(delivery.payload["n"])
        return Delivered()

    post.send = send
    lanes, each = 5, 20
    with post.open(scale=1e-6) as node:
        rival = Node(node.service, node.settings, pool_size=4)

        def fill(lane: int) -> None:
            for n in range(each):
                put(node, n, subject=f"lead:{lane}", order="per_subject")

        with at_work(node), at_work(rival):
            threads = [threading.Thread(target=fill, args=(lane,)) for lane in range(lanes)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            eventually(lambda: states(node) == {"delivered": lanes * each}, within=60)
        rival.close()
    assert went == {f"lead:{lane}": list(range(each)) for lane in range(lanes)}


def test_what_is_put_behind_a_call_that_is_just_being_recorded_is_not_forgotten(post: Post) -> None:
    recording, go_on = threading.Event(), threading.Event()

    def pause(tx: Session, delivery: Delivery, outcome: Settled) -> None:
        recording.set()
        go_on.wait(10)

    post.note = pause  # type: ignore[method-assign]
    with post.open() as node:
        put(node, 1, order="per_subject")
        (first,) = claim(node, "a", "me", 5)
        put(node, 2, order="per_subject")
        threads = [
            threading.Thread(target=record, args=(node, first, Delivered()), kwargs={"began": utcnow(), "ms": 1}),
            threading.Thread(target=claim, args=(node, "a", "me", 5)),
        ]
        threads[0].start()
        assert recording.wait(10)
        threads[1].start()  # finds the second behind the first, which is as good as delivered
        time.sleep(0.4)
        go_on.set()
        for thread in threads:
            thread.join()
        assert states(node) == {"delivered": 1, "leased": 1}


def test_a_slow_receiver_has_few_calls_at_once_and_holds_up_no_other(post: Post) -> None:
    post.receiver.answer = lambda heard: Reply(delay_s=0.7 if heard.path == "/slow" else 0)
    with post.open(in_flight_per_receiver=3) as node:
        put(node, *range(200), receiver="slow")
        put(node, *range(15), receiver="quick")
        with at_work(node):
            eventually(lambda: states(node, receiver="quick") == {"delivered": 15}, within=5)
            assert states(node, receiver="slow")["delivered"] < 30
    assert post.receiver.most_at_once["/slow"] == 3


def test_a_dead_receiver_is_asked_seldom_and_nothing_for_it_is_used_up(post: Post) -> None:
    healed = threading.Event()
    post.receiver.answer = lambda heard: Reply(200 if healed.is_set() else 500)
    with post.open(scale=0.05, in_flight_per_receiver=2) as node:
        put(node, *range(60))
        with at_work(node):
            eventually(lambda: len(post.receiver.heard) >= FAILURES)
            time.sleep(1.5)
            assert len(post.receiver.heard) <= FAILURES + 4
            healed.set()
            eventually(lambda: states(node) == {"delivered": 60})


def test_when_a_receiver_is_back_what_waits_goes_at_once_but_for_what_may_have_arrived(post: Post) -> None:
    is_back = threading.Event()

    def send(_node: Node, delivery: Delivery) -> Outcome:
        if is_back.is_set():
            return Delivered()
        return Later("away") if delivery.subject == "lead:1" else Unknown("no answer came")

    post.send = send
    with post.open(scale=100) as node, at_work(node):  # the next try is minutes away
        (sure,) = put(node, 1)
        put(node, 2, subject="lead:2")
        eventually(lambda: states(node) == {"retry": 2})
        is_back.set()
        with node.begin(Context.fresh("test")) as tx:
            try_now(tx, "a")
        eventually(lambda: states(node) == {"delivered": 1, "retry": 1}, within=5)
        assert [row.id for row in rows(node) if row.state == "delivered"] == [sure]


def test_after_a_pause_one_call_finds_out_and_its_failure_doubles_the_pause() -> None:
    breaker = Breaker(slots=4, scale=0.006)
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.free(0) == 4
    breaker.failed()
    assert breaker.free(0) == 0
    time.sleep(0.035)
    assert (breaker.free(0), breaker.free(1)) == (1, 0)
    breaker.failed()
    time.sleep(0.035)
    assert breaker.free(0) == 0
    time.sleep(0.035)
    assert breaker.free(0) == 1
    breaker.answered()
    assert breaker.free(1) == 3


def test_a_receiver_that_was_away_for_long_is_asked_every_thirty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("chassis.breaker.time.monotonic", lambda: clock[0])
    breaker = Breaker(slots=4)
    for _ in range(FAILURES):
        breaker.failed()
    pauses = []
    while clock[0] < 3_600:  # an hour without an answer
        since = clock[0]
        while breaker.free(0) == 0:
            clock[0] += 1.0
        pauses.append(clock[0] - since)
        breaker.failed()
    assert pauses[:4] == [5, 10, 20, 30]
    assert max(pauses) == 30
    breaker.asked_to_wait(300)  # it is there, and says itself when to come back
    clock[0] += 299
    assert breaker.free(0) == 0

"""Work by the clock: each period once, made up when missed, seen when it failed."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, update
from sqlalchemy.orm import Session

from chassis import pruning
from chassis.clock import utcnow
from chassis.deliveries import deliveries, delivery_attempts, enqueue
from chassis.idempotency import idempotent_answers
from chassis.inbox import inbox
from chassis.job_runner import run_due_jobs
from chassis.jobs import DailyAt, Job, JobRun, daily_at, every, job_runs, recent_runs
from chassis.outbox import outbox
from chassis.service import Node, Service
from tests.chassis.engines import ENGINES, database_url, open_node

shop = MetaData()
bells = Table("bells", shop, Column("id", Integer, primary_key=True), Column("rung", String(20)))

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(params=ENGINES)
def open_with(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Node]]:
    """Opens a node with these jobs and none of the chassis's own; called again, a replica on the same database."""
    monkeypatch.setattr("chassis.job_runner.OWN", ())
    opened: list[Node] = []
    with open_node(request.param, tmp_path, Service(name="shop", metadata=shop), retry_scale=0.001) as node:

        def open_with_jobs(*jobs: Job) -> Node:
            opened.append(Node(Service(name="shop", metadata=shop, jobs=jobs), node.settings, pool_size=3))
            return opened[-1]

        yield open_with_jobs
        for one in opened:
            one.close()


def ring(tx: Session) -> None:
    tx.execute(insert(bells).values(rung="ding"))


def rings(node: Node) -> int:
    with node.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(bells)) or 0


def runs(node: Node) -> list[JobRun]:
    with node.db.read() as tx:
        return recent_runs(tx)


def eventually(holds: Callable[[], bool], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_job_runs_once_in_each_period(open_with: Callable[..., Node]) -> None:
    node = open_with(every(3600, "ring", ring))
    assert run_due_jobs(node, NOON) == 1
    assert run_due_jobs(node, NOON + timedelta(minutes=59)) == 0
    assert run_due_jobs(node, NOON + timedelta(minutes=60)) == 1
    assert rings(node) == 2
    assert [(run.job, run.state, run.period) for run in runs(node)] == [
        ("ring", "done", NOON + timedelta(hours=1)),
        ("ring", "done", NOON),
    ]


def test_periods_missed_are_made_up_by_one_run(open_with: Callable[..., Node]) -> None:
    node = open_with(every(3600, "ring", ring))
    run_due_jobs(node, NOON)
    assert run_due_jobs(node, NOON + timedelta(days=3, minutes=20)) == 1
    assert run_due_jobs(node, NOON + timedelta(days=3, minutes=21)) == 0
    assert rings(node) == 2


def test_a_clock_that_went_back_repeats_nothing(open_with: Callable[..., Node]) -> None:
    node = open_with(every(3600, "ring", ring))
    run_due_jobs(node, NOON + timedelta(hours=5))
    assert run_due_jobs(node, NOON) == 0


def test_a_daily_job_runs_at_its_own_wall_clock_and_not_for_the_day_before_it_existed(
    open_with: Callable[..., Node],
) -> None:
    node = open_with(daily_at("02:30", "Asia/Ho_Chi_Minh", "ring", ring))
    half_past_two = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    assert run_due_jobs(node, half_past_two - timedelta(hours=3)) == 0
    assert run_due_jobs(node, half_past_two - timedelta(seconds=1)) == 0
    assert run_due_jobs(node, half_past_two) == 1
    assert run_due_jobs(node, half_past_two + timedelta(hours=23)) == 0
    assert run_due_jobs(node, half_past_two + timedelta(hours=40)) == 1
    assert [run.state for run in runs(node)] == ["done", "done", "skipped"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z"),
        ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),  # 02:30 does not exist that day: taken as 03:30 summer time
        ("2026-10-25T00:29:00Z", "2026-10-24T00:30:00Z"),
        ("2026-10-25T00:31:00Z", "2026-10-25T00:30:00Z"),  # 02:30 comes twice that day: the first counts
        ("2026-10-25T01:31:00Z", "2026-10-25T00:30:00Z"),
    ],
)
def test_a_change_of_clocks_neither_loses_nor_doubles_a_daily_run(now: str, due: str) -> None:
    schedule = daily_at("02:30", "Europe/Berlin", "ring", ring).schedule
    assert isinstance(schedule, DailyAt)
    assert schedule.latest(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_of_many_replicas_one_runs_it(open_with: Callable[..., Node]) -> None:
    def slow_ring(tx: Session) -> None:
        ring(tx)
        time.sleep(0.05)

    nodes = [open_with(every(3600, "ring", slow_ring)) for _ in range(4)]
    together = threading.Barrier(len(nodes))
    ran: list[int] = []

    def replica(node: Node) -> None:
        for hour in range(5):
            together.wait(timeout=30)
            ran.append(run_due_jobs(node, NOON + timedelta(hours=hour)))

    threads = [threading.Thread(target=replica, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Who finds the run before still going on leaves the next period to be made up.
    run_due_jobs(nodes[0], NOON + timedelta(hours=4))
    assert rings(nodes[0]) == len(runs(nodes[0]))
    assert len({run.period for run in runs(nodes[0])}) == len(runs(nodes[0]))
    assert sum(ran) <= 5


def test_a_failure_is_seen_undone_and_tried_again(open_with: Callable[..., Node]) -> None:
    tries: list[int] = []

    def fails_at_first(tx: Session) -> None:
        ring(tx)
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("the rope broke")

    node = open_with(every(3600, "ring", fails_at_first))
    assert run_due_jobs(node, NOON) == 1
    assert rings(node) == 0
    (run,) = runs(node)
    assert (run.state, run.reason, run.attempts) == ("retry", "ValueError: the rope broke", 1)
    eventually(lambda: run_due_jobs(node, NOON) == 0 and runs(node)[0].state == "done")
    assert rings(node) == 1
    assert runs(node)[0].attempts == 3


def test_a_job_that_always_fails_is_given_up_and_runs_again_in_its_next_period(open_with: Callable[..., Node]) -> None:
    def fails(tx: Session) -> None:
        raise ValueError("never")

    node = open_with(every(3600, "fails", fails), every(3600, "ring", ring))
    eventually(lambda: run_due_jobs(node, NOON) == 0 and {run.state for run in runs(node)} == {"failed", "done"})
    assert {run.job: run.attempts for run in runs(node)} == {"fails": 4, "ring": 1}
    assert run_due_jobs(node, NOON + timedelta(hours=1)) == 2


def test_a_run_that_died_in_the_middle_is_made_up_when_its_lease_ends(open_with: Callable[..., Node]) -> None:
    died: list[bool] = []

    def dies_at_first(tx: Session) -> None:
        ring(tx)
        if not died:
            died.append(True)
            raise KeyboardInterrupt  # what a kill looks like: nothing is recorded any more

    job = every(3600, "ring", dies_at_first, lease_s=0.4)
    node, replica = open_with(job), open_with(job)
    with pytest.raises(KeyboardInterrupt):
        run_due_jobs(node, NOON)
    assert [run.state for run in runs(node)] == ["running"]
    assert run_due_jobs(replica, NOON) == 0
    time.sleep(0.5)
    assert run_due_jobs(replica, NOON) == 1
    assert rings(node) == 1
    assert [(run.state, run.attempts) for run in runs(node)] == [("done", 2)]


def test_a_job_that_kills_its_process_every_time_is_given_up(open_with: Callable[..., Node]) -> None:
    def kills(tx: Session) -> None:
        raise KeyboardInterrupt

    node = open_with(every(3600, "kills", kills, lease_s=0.01))
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            run_due_jobs(node, NOON)
        time.sleep(0.02)
    assert run_due_jobs(node, NOON) == 0
    assert [(run.state, run.attempts) for run in runs(node)] == [("failed", 4)]


def test_a_run_that_outlived_its_lease_takes_no_effect_beside_the_one_that_replaced_it(
    open_with: Callable[..., Node],
) -> None:
    inside: list[int] = []

    def nested(tx: Session) -> None:
        # While this run sleeps beyond its lease, another replica takes it up and finishes.
        inside.append(1)
        tx.execute(insert(bells).values(rung="late" if len(inside) == 1 else "ding"))

    job = every(3600, "ring", nested, lease_s=30)
    node = open_with(job)

    def taken_over(tx: Session) -> None:
        nested(tx)
        tx.execute(update(job_runs).values(holder="another"))

    late = open_with(every(3600, "ring", taken_over, lease_s=0.1))
    assert run_due_jobs(late, NOON) == 1
    assert rings(node) == 0
    time.sleep(0.2)
    assert run_due_jobs(node, NOON) == 1
    assert rings(node) == 1


def test_a_long_job_opens_its_own_transactions_and_is_not_run_beside_itself(open_with: Callable[..., Node]) -> None:
    seen: list[int] = []

    def in_chunks(node: Node) -> None:
        for _ in range(3):
            with node.db.begin() as tx:
                ring(tx)
        seen.append(run_due_jobs(node, NOON + timedelta(hours=1)))

    node = open_with(every(3600, "ring", run_long=in_chunks))
    assert run_due_jobs(node, NOON) == 1
    assert seen == [0]
    assert rings(node) == 3


def test_while_the_database_is_away_jobs_wait(tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as url:
        from chassis.settings import Settings

        node = Node(Service(name="never_made", metadata=shop), Settings(database_url=url))
        assert run_due_jobs(node) == 0
        node.close()


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr(pruning, "SLICE", 7)
    with open_node(request.param, tmp_path, Service(name="shop", metadata=shop)) as opened:
        yield opened


def count(node: Node, table: Table) -> int:
    with node.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def test_sent_events_are_forgotten_after_seven_days_and_nothing_else(node: Node) -> None:
    old, young = utcnow() - timedelta(days=8), utcnow() - timedelta(days=6)
    kinds = [(old, old)] * 20 + [(old, None)] * 3 + [(old, old)] * 20 + [(old, young)] * 2 + [(young, young)] * 20
    with node.db.begin() as tx:
        rows = [
            {"id": f"{n:032x}", "type": "t", "subject": "s", "envelope": "{}", "created_at": created, "sent_at": sent}
            for n, (created, sent) in enumerate(kinds)
        ]
        tx.execute(outbox.insert(), rows)
    pruning.prune_outbox(node)
    with node.db.read() as tx:
        kept = tx.execute(select(outbox.c.created_at, outbox.c.sent_at).order_by(outbox.c.position)).all()
    assert [tuple(row) for row in kept] == [(old, None)] * 3 + [(old, young)] * 2 + [(young, young)] * 20


def test_the_chassis_jobs_forget_what_is_over_and_keep_what_is_not(node: Node) -> None:
    ancient = utcnow() - timedelta(days=31)
    with node.db.begin() as tx:
        base = {"reaction": "r", "source": "s", "subject": "s", "sequence": 1, "type": "t", "received_at": ancient}
        done = [{**base, "event_id": f"{n:032x}", "state": "done", "handled_at": ancient} for n in range(20)]
        tx.execute(inbox.insert(), done)
        tx.execute(inbox.insert().values(**base, event_id=f"{99:032x}", state="parked"))
        runs = [
            {"job": "daily", "period": ancient - timedelta(days=n), "state": "done", "attempts": 1}
            | {"started_at": ancient, "finished_at": ancient}
            for n in range(20)
        ]
        tx.execute(job_runs.insert(), runs)
        answer = {"caller": "c", "fingerprint": "f", "status": 201, "headers": "{}", "body": b"", "created_at": ancient}
        tx.execute(idempotent_answers.insert(), [{**answer, "id": str(n)} for n in range(20)])
        ids = [enqueue(tx, kind="k", receiver="r", subject="s", payload={}) for _ in range(20)]
        tx.execute(delivery_attempts.insert(), [{"delivery_id": n, "at": ancient, "outcome": "x"} for n in ids])
        finished = update(deliveries).where(deliveries.c.id.in_(ids[1:]))
        tx.execute(finished.values(state="delivered", finished_at=ancient))
    assert run_due_jobs(node) == 7  # they, the planner's statistics, and the one that looks for gaps
    assert {run.state for run in recent_of(node) if run.job.startswith("chassis.")} == {"done"}
    assert count(node, inbox) == 1
    assert count(node, idempotent_answers) == 0
    assert count(node, deliveries) == count(node, delivery_attempts) == 1
    assert [run.period for run in recent_of(node) if run.job == "daily"] == [ancient]


def recent_of(node: Node) -> list[JobRun]:
    with node.db.read() as tx:
        return recent_runs(tx)

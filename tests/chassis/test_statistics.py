"""The planner knows of a table that was just filled, without autovacuum."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.access import as_system
from chassis.bulk import bulk_write
from chassis.context import Context
from chassis.job_runner import run_due_jobs
from chassis.service import Node
from chassis.statistics import changed_tables, refresh_statistics
from tests.chassis.records_of_a_shop import Account, open_shop
from tests.installation import eventually

ROWS = 3_000


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with open_shop("postgresql", tmp_path) as opened:
        yield opened


def expected(node: Node) -> float:
    """How many accounts of a name that all of them have the planner expects."""
    with node.db.read() as tx:
        as_system(tx, "a test")
        plan = tx.connection().exec_driver_sql("EXPLAIN (FORMAT JSON) SELECT * FROM accounts WHERE name = 'An'")
        rows: float = plan.scalar_one()[0]["Plan"]["Plan Rows"]
    return rows


def changed(node: Node) -> list[str]:
    with node.db.read() as tx:
        return list(changed_tables(tx))


def test_a_table_that_was_just_filled_is_looked_at_and_then_left_alone(node: Node) -> None:
    with node.begin(Context.fresh("service:shop")) as tx:
        as_system(tx, "a test")
        bulk_write(tx, Account, inserts=[{"name": "An"} for _ in range(ROWS)])
    assert expected(node) < ROWS / 10
    eventually(lambda: "accounts" in changed(node), within=20)  # what a connection counts reaches others in time
    assert run_due_jobs(node) > 0
    assert expected(node) == pytest.approx(ROWS, rel=0.05)
    assert "accounts" not in changed(node)


def test_a_file_needs_none_of_it(tmp_path: Path) -> None:
    with open_shop("sqlite", tmp_path) as node:
        refresh_statistics(node)

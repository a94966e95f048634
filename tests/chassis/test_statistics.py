"""The planner knows of a table that was just filled, without autovacuum."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, select
from sqlalchemy.orm import Session

from chassis.job_runner import run_due_jobs
from chassis.service import Node, Service
from chassis.statistics import changed_tables, refresh_statistics
from tests.chassis.engines import open_node
from tests.installation import eventually

goods_metadata = MetaData()
goods = Table(
    "Goods",
    goods_metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(10)),
    Column("age", Integer),
)
Index("goods_state", goods.c.state, goods.c.age)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with open_node("postgresql", tmp_path, Service(name="goods", metadata=goods_metadata)) as opened:
        yield opened


def estimated(tx: Session) -> float:
    """How many of the goods the planner expects to be new."""
    plan = tx.connection().exec_driver_sql("EXPLAIN (FORMAT JSON) SELECT * FROM \"Goods\" WHERE state = 'new'")
    rows: float = plan.scalar_one()[0]["Plan"]["Plan Rows"]
    return rows


def changed(node: Node) -> list[str]:
    with node.db.read() as tx:
        return list(changed_tables(tx))


def test_a_table_that_was_just_filled_is_looked_at_and_then_left_alone(node: Node) -> None:
    with node.db.begin() as tx:
        tx.execute(goods.insert(), [{"id": number, "state": "new", "age": number} for number in range(3_000)])
    with node.db.read() as tx:
        assert estimated(tx) < 300
    eventually(lambda: changed(node) == ["Goods"], within=20)  # what a connection counts reaches the others in time
    assert run_due_jobs(node) > 0
    with node.db.read() as tx:
        assert estimated(tx) > 2_900
    assert changed(node) == []


def test_a_file_needs_none_of_it(tmp_path: Path) -> None:
    with open_node("sqlite", tmp_path, Service(name="goods", metadata=goods_metadata)) as node:
        refresh_statistics(node)
        with node.db.read() as tx:
            assert tx.execute(select(goods)).all() == []

"""Statements of the hot path: prepared once per connection, and as forgiving as all others."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis import fast
from chassis.database import Database
from tests.chassis.engines import open_node

pytestmark = pytest.mark.postgres
ADD = "SELECT CAST(%(a)s AS integer) + CAST(%(b)s AS integer) + CAST(%(a)s AS integer), '100%%'"


@pytest.fixture
def db(tmp_path: Path):
    with open_node("postgresql", tmp_path) as node:
        one = Database(node.settings.database_url_of(node.name), pool_size=1)
        yield one
        one.close()


def prepared(db: Database) -> int:
    with db.read() as tx:
        return int(tx.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one())


def test_a_statement_is_prepared_once_for_all_transactions_of_a_connection(db):
    for number in range(5):
        with db.begin() as tx:
            assert fast.run(tx, ADD, {"a": number, "b": 10}) == [(2 * number + 10, "100%")]
    assert prepared(db) == 1


def test_it_outlives_the_transaction_that_failed(db):
    with pytest.raises(DBAPIError), db.begin() as tx:
        fast.run(tx, ADD, {"a": 1, "b": 1})
        fast.run(tx, ADD, {"a": "no number", "b": 1})
    with db.begin() as tx:
        assert fast.run(tx, ADD, {"a": 1, "b": 1})[0][0] == 3
    assert prepared(db) == 1


def test_values_are_values_whatever_is_in_them(db):
    hostile = "'; DROP TABLE x; -- %(a)s $1 \\ đ" + uuid4().hex
    with db.begin() as tx:
        assert fast.run(tx, "SELECT CAST(%(a)s AS text)", {"a": hostile}) == [(hostile,)]

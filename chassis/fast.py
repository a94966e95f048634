"""The hot path's own statements, straight to PostgreSQL's driver.

SQLAlchemy spends three to five times as long on a statement of four parameters as the driver and the server together.
That is well spent everywhere but in the handful of statements that every push goes through. They belong to the
chassis's own tables, or to tables that nobody owns: the filter on owners does not see them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import psycopg2
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_CONNECTION = "fast_connection"


@cache
def sql_of(statement: ClauseElement) -> str:
    """A composed statement as PostgreSQL's driver takes it, with ``%(name)s`` parameters."""
    return str(statement.compile(dialect=PGDialect_psycopg2()))  # type: ignore[no-untyped-call]


def is_fast(tx: Session) -> bool:
    """Whether this transaction's database takes fast statements."""
    return tx.get_bind().dialect.name == "postgresql"


def run(tx: Session, sql: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Run one statement with ``%(name)s`` parameters in the transaction; its rows, or nothing when it answers none.

    Errors are SQLAlchemy's, and a lost connection leaves the pool, as with any other statement.
    """
    connection = tx.info.get(_CONNECTION)
    if connection is None:
        connection = tx.info[_CONNECTION] = tx.connection()
    raw: Any = connection.connection.dbapi_connection
    try:
        with raw.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else ()
    except psycopg2.Error as error:
        lost = connection.dialect.is_disconnect(cast(Any, error), raw, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql,
            {},
            error,
            psycopg2.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=connection.dialect,
        ) from error

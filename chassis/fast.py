"""The hot path's own statements, straight to PostgreSQL's driver.

SQLAlchemy spends three to five times as long on a statement of four parameters as the driver and the server together.
That is well spent everywhere but in the handful of statements that every push goes through. They belong to the
chassis's own tables, or to tables that nobody owns: the filter on owners does not see them.

They are prepared, once per connection: parsing and planning such a statement costs the server more than running it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import psycopg2
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_CONNECTION = "fast_connection"
_PREPARED = "fast_prepared"
_PARAMETER = re.compile(r"%\((\w+)\)s")


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
            prepared = connection.info.setdefault(_PREPARED, {})
            call = prepared.get(sql)
            if call is None:
                prepare, call = _prepared(f"relata_{len(prepared)}", sql)
                cursor.execute(prepare)
                prepared[sql] = call  # it outlives the transaction, even one that is rolled back
            cursor.execute(call, values)
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


def _prepared(name: str, sql: str) -> tuple[str, str]:
    """PREPARE, and the EXECUTE that takes the same parameters."""
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    body = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).replace("%%", "%")
    given = ", ".join(f"%({each})s" for each in names)
    return f"PREPARE {name} AS {body}", f"EXECUTE {name} ({given})" if names else f"EXECUTE {name}"

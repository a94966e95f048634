"""Many rows into a table at once: on PostgreSQL as one JSON parameter.

The driver would write every value of every row into the statement, at four times the processor time.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import JSON, Column, Dialect, Insert, Table, TextClause, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

AT_ONCE = 1000  # rows per statement: SQLite takes 32,766 parameters in one, and a statement should not grow for ever
_FEW = 4

Row = Mapping[str, Any]


def insert_rows(
    tx: Session,
    table: Table,
    rows: Sequence[Row],
    options: Mapping[str, Any] | None = None,
    *,
    skip_known: bool = False,
) -> None:
    """Insert rows that name the same columns. ``options`` are execution options of the statement.

    With ``skip_known`` a row that breaks a unique key is left out; otherwise it is an error.
    """
    if not rows:
        return
    dialect = tx.get_bind().dialect
    if dialect.name != "postgresql" or len(rows) < _FEW:
        statement = _insert(table, dialect.name, skip_known)
        tx.execute(statement, rows[0] if len(rows) == 1 else list(rows), execution_options=options or {})
        return
    columns = tuple(table.c[name] for name in rows[0])
    from_json = _insert_from_json(table, columns, dialect, skip_known)
    for some in rows_as_json(table, columns, rows, dialect):
        tx.execute(from_json, {"rows": some}, execution_options=options or {})


@lru_cache(maxsize=256)
def _insert(table: Table, dialect: str, skip_known: bool) -> Insert:
    # Without asking for keys that the database makes: nobody needs them, and PostgreSQL would answer with a row.
    if not skip_known:
        return insert(table).inline()
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing().inline()
    return sqlite.insert(table).on_conflict_do_nothing().inline()


@lru_cache(maxsize=256)
def _insert_from_json(table: Table, columns: tuple[Column[Any], ...], dialect: Dialect, skip_known: bool) -> TextClause:
    quote = dialect.identifier_preparer.quote
    name = dialect.identifier_preparer.format_table(table)
    names = ", ".join(quote(column.name) for column in columns)
    return text(
        f"INSERT INTO {name} ({names}) SELECT {names} "
        f"FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new({typed_columns(columns, dialect)})"
        + (" ON CONFLICT DO NOTHING" if skip_known else "")
    )


def typed_columns(columns: Sequence[Column[Any]], dialect: Dialect) -> str:
    """The column list of ``jsonb_to_recordset``: names and types."""
    quote = dialect.identifier_preparer.quote
    return ", ".join(f"{quote(column.name)} {column.type.compile(dialect)}" for column in columns)


def rows_as_json(table: Table, columns: Sequence[Column[Any]], rows: Sequence[Row], dialect: Dialect) -> Iterator[str]:
    """The rows as JSON arrays of at most a thousand, each value as its column's type would bind it."""
    bind = {}
    for column in columns:
        kind = column.type.dialect_impl(dialect)
        processor = None if isinstance(kind, JSON) else kind.bind_processor(dialect)
        if processor is not None:
            bind[column.key] = processor
    named = {column.key: str(column.name) for column in table.columns}  # SQLAlchemy has a kind of str of its own
    for start in range(0, len(rows), AT_ONCE):
        some = [
            {named[key]: bind[key](value) if key in bind else value for key, value in row.items()}
            for row in rows[start : start + AT_ONCE]
        ]
        yield orjson.dumps(some, default=_exact).decode()


def _exact(value: object) -> str:
    if isinstance(value, Decimal | datetime):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be written in bulk")

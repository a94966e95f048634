"""Writes many records at once, with everything that one record's way through the ORM would have written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import Any

from sqlalchemy import Column, Dialect, Table, bindparam, insert, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from chassis.access import UNFILTERED, Access, Owned, access_of
from chassis.clock import utcnow
from chassis.errors import NotAllowed, NotFound
from chassis.event import Envelope, Event
from chassis.history import field_history, history_rows, tracked
from chassis.outbox import emit_many
from chassis.records import Record, table_of
from chassis.rows import AT_ONCE, Row, insert_rows, rows_as_json, typed_columns
from chassis.search import Searchable, searchable

_MARK = {UNFILTERED: "bulk_write"}


def bulk_write(
    tx: Session,
    model: type[Record],
    *,
    inserts: Sequence[Row] = (),
    updates: Sequence[tuple[str, Row]] = (),
    events: Sequence[tuple[Event, Envelope | None]] = (),
) -> list[str]:
    """Insert these rows, make these changes by id, announce these events. Answers the ids of the new rows, in order.

    Ids, times, creator, version, search text and history are filled in. A change that changes nothing writes nothing.
    Changes need the asker's right to write each record: one that is absent or not theirs refuses the whole call.
    """
    access = access_of(tx)
    tx.flush()
    made = _insert(tx, model, inserts) if inserts else []
    if updates:
        _update(tx, model, updates, access if isinstance(access, Access) and issubclass(model, Owned) else None)
    emit_many(tx, events)
    return made


def _insert(tx: Session, model: type[Record], inserts: Sequence[Row]) -> list[str]:
    table = table_of(model)
    _check_names(table, inserts)
    context = tx.info.get("context")
    now = utcnow()
    filled = {"created_at": now, "updated_at": now, "created_by": context.actor if context else None, "version": 1}
    defaults = [(name, default) for name, default in _defaults(table, inserts) if name not in filled]
    rows: list[dict[str, Any]] = []
    for given in inserts:
        row = {**filled, **given}
        for name, default in defaults:
            if name not in row:
                row[name] = default()
        if issubclass(model, Searchable):
            row["search_text"] = searchable(*model.search_parts(row))
        rows.append(row)
    insert_rows(tx, table, rows, _MARK)
    return [row["id"] for row in rows]


def _check_names(table: Table, rows: Iterable[Row]) -> None:
    unknown = {name for row in rows for name in row}.difference(table.columns.keys())
    if unknown:
        raise TypeError(f"{table.name} has no column {', '.join(sorted(unknown))}")


def _defaults(table: Table, rows: Sequence[Row]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """For each column that every row must have, what makes its value where a row gives none."""
    given = {name for row in rows for name in row}
    for column in table.columns:
        default: Any = column.default
        if default is not None:
            yield column.key, partial(default.arg, None) if default.is_callable else partial(copy, default.arg)
        elif column.server_default is None or column.key in given:
            yield column.key, lambda: None


def _update(tx: Session, model: type[Record], updates: Sequence[tuple[str, Row]], access: Access | None) -> None:
    table = table_of(model)
    changes: dict[str, dict[str, Any]] = {}
    for record_id, change in updates:
        changes.setdefault(record_id, {}).update(change)
    _check_names(table, changes.values())
    before = _lock(tx, table, sorted(changes))
    if len(before) < len(changes):
        raise NotFound(f"{len(changes) - len(before)} of these records are not there")
    if access is not None:
        _require_write(access, model.__noun__, before.values())

    now = utcnow()
    touched = sorted({name for change in changes.values() for name in change})
    rows: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []
    for record_id, change in changes.items():
        old = before[record_id]
        new = {**old, **change}
        changed = [name for name in change if old[name] != new[name]]
        if not changed:
            continue
        told = [(name, old[name], new[name]) for name in sorted(tracked(model).intersection(changed))]
        history += history_rows(tx, model.__noun__, record_id, told)
        row = {"id": record_id, "updated_at": now, **{name: new[name] for name in touched}}
        row["version"] = old["version"] + 1
        if issubclass(model, Searchable):
            row["search_text"] = searchable(*model.search_parts(new))
        rows.append(row)
    if rows:
        _write(tx, table, rows)
        _forget_loaded(tx, model, rows)
    if history:
        tx.execute(insert(field_history), history)


def _lock(tx: Session, table: Table, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows as they are, by id, kept from changing until the transaction ends. One order of locks: no deadlocks."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), AT_ONCE):
        these = table.c.id.in_(ids[start : start + AT_ONCE])
        statement = select(table).where(these).order_by(table.c.id).with_for_update()
        rows = tx.execute(statement, execution_options=_MARK).mappings()
        found.update((row["id"], dict(row)) for row in rows)
    return found


def _require_write(access: Access, noun: str, rows: Iterable[Row]) -> None:
    for row in rows:
        if not access.reaches(noun, row["owner_id"], row["team_id"], "read"):
            raise NotFound()
        if not access.reaches(noun, row["owner_id"], row["team_id"], "write"):
            raise NotAllowed()


def _forget_loaded(tx: Session, model: type[Record], rows: Iterable[Row]) -> None:
    """What the session holds of these records is read again when it is next looked at."""
    for row in rows:
        held = tx.identity_map.get(identity_key(model, row["id"]))
        if held is not None:
            tx.expire(held)


def _write(tx: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of one shape by id."""
    columns = [table.c[name] for name in rows[0] if name != "id"]
    dialect = tx.get_bind().dialect
    if dialect.name == "postgresql":
        statement = text(_update_from_json(table, columns, dialect))
        for some in rows_as_json(table, columns, rows, dialect):
            tx.execute(statement, {"rows": some}, execution_options=_MARK)
        return
    values: dict[str, Any] = {column.key: bindparam(f"new_{column.key}") for column in columns}
    by_id = update(table).where(table.c.id == bindparam("this_id")).values(values)
    given = [{("this_id" if name == "id" else f"new_{name}"): value for name, value in row.items()} for row in rows]
    tx.execute(by_id, given, execution_options=_MARK)


def _update_from_json(table: Table, columns: Sequence[Column[Any]], dialect: Dialect) -> str:
    """One statement for a thousand rows. The driver would send an UPDATE of many parameter sets one by one."""
    quote = dialect.identifier_preparer.quote
    name = dialect.identifier_preparer.format_table(table)
    sets = ", ".join(f"{quote(column.name)} = new.{quote(column.name)}" for column in columns)
    typed = typed_columns((table.c.id, *columns), dialect)
    return (
        f"UPDATE {name} SET {sets} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new({typed}) "
        f"WHERE {name}.id = new.id"
    )

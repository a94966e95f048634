"""What was changed on a record, by whom and when: written with the change itself, read newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid, event, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import NO_VALUE

from chassis.clock import UtcDateTime, utcnow
from chassis.database import Database, chassis_metadata
from chassis.errors import Invalid
from chassis.i18n import say
from chassis.records import Record, stamp_creator
from chassis.search import fill_search_text

# What changes with every write, or is not said to people; everything else of a model without __history__ is kept.
VOLATILE = frozenset({"id", "version", "created_at", "created_by", "updated_at", "search_text"})

field_history = Table(
    "field_history",
    chassis_metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("record_type", String(60), nullable=False),
    Column("record_id", Uuid(as_uuid=False), nullable=False),
    Column("field", String(200), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(200)),
    sqlite_autoincrement=True,
)
# By position, not by time: the clocks of two processes may differ, the order of a record's changes may not.
Index("field_history_record", field_history.c.record_id, field_history.c.position)


@dataclass(slots=True, frozen=True)
class Change:
    """One field's change. ``old`` and ``new`` are JSON values; a key of ``custom`` is the field ``custom.<key>``."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None


def install_history(db: Database) -> None:
    """Have every flush on this database stamp creators, fill search text and write history."""
    event.listen(db.sessions, "before_flush", _before_flush)


def _before_flush(tx: Session, *_: Any) -> None:
    stamp_creator(tx)
    fill_search_text(tx)
    record_changes(tx)


def record_changes(tx: Session) -> None:
    """Write history for what the coming flush changes. Creating a record is no change."""
    rows = [
        row
        for record in tx.dirty
        if isinstance(record, Record)
        for row in history_rows(tx, record.__noun__, record.id, _changes(tx, record))
    ]
    if rows:
        tx.execute(field_history.insert(), rows)


def history_rows(
    tx: Session, noun: str, record_id: str, changes: Iterable[tuple[str, Any, Any]]
) -> list[dict[str, Any]]:
    """Rows for ``field_history`` of these changes, each a field with its old and its new value."""
    context = tx.info.get("context")
    told = {
        "record_type": noun,
        "record_id": record_id,
        "changed_at": utcnow(),
        "changed_by": context.actor if context else None,
    }
    return [
        {**told, "field": field, "old": _json(old), "new": _json(new)}
        for name, before, after in changes
        for field, old, new in _fields(name, before, after)
        if old != new
    ]


def tracked(model: type[Record]) -> frozenset[str]:
    """The columns of a model whose changes are kept: its ``__history__``, or all but the volatile ones."""
    return _tracked(cast(Any, model))


@cache
def _tracked(model: Any) -> frozenset[str]:
    chosen: frozenset[str] | None = getattr(model, "__history__", None)
    return frozenset(inspect(model).column_attrs.keys()) - VOLATILE if chosen is None else chosen


def _changes(tx: Session, record: Record) -> Iterator[tuple[str, Any, Any]]:
    model: Any = type(record)
    before = inspect(record).committed_state
    for name in sorted(before.keys() & tracked(model)):
        kept = get_history(record, name)
        if before[name] is NO_VALUE:  # set without having been loaded
            old = tx.scalar(select(getattr(model, name)).where(model.id == record.id))
        else:
            old = kept.deleted[0] if kept.deleted else None
        if kept.has_changes():
            yield name, old, kept.added[0] if kept.added else None


def _fields(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A change, or for custom fields one per key."""
    if name != "custom":
        yield name, old, new
        return
    before, after = old or {}, new or {}
    for key in sorted(before.keys() | after.keys()):
        yield f"custom.{key}"[:200], before.get(key), after.get(key)


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def history_of(
    tx: Session, record_type: str, record_id: str, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[Change], str | None]:
    """A page of a record's changes, newest first, and the next page's cursor. Find the record first: it has owners."""
    rows = field_history.c
    statement = (
        select(rows.position, rows.field, rows.old, rows.new, rows.changed_at, rows.changed_by)
        .where(rows.record_id == record_id, rows.record_type == record_type)
        .order_by(rows.position.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(rows.position < _position(cursor))
    found = tx.execute(statement).all()
    changes = [
        Change(row.field, orjson.loads(row.old), orjson.loads(row.new), row.changed_at, row.changed_by)
        for row in found[:limit]
    ]
    return changes, str(found[limit - 1].position) if len(found) > limit else None


def _position(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise Invalid(say("The cursor does not belong to this list."))
    return int(cursor)


def time_in_state(
    tx: Session, record: Record, field: str = "status", *, until: datetime | None = None
) -> dict[str, timedelta]:
    """How long the record has been in each value of this field, from its creation to ``until`` (or now)."""
    rows = field_history.c
    moves = tx.execute(
        select(rows.old, rows.changed_at)
        .where(rows.record_id == record.id, rows.record_type == record.__noun__, rows.field == field)
        .order_by(rows.position)
    )
    spent: dict[str, timedelta] = {}
    since = record.created_at
    ends = [(orjson.loads(move.old), move.changed_at) for move in moves]
    for state, left_at in [*ends, (getattr(record, field), until or utcnow())]:
        spent[str(state)] = spent.get(str(state), timedelta()) + max(left_at - since, timedelta())
        since = left_at
    return spent


def forget_history(tx: Session, record_id: str, fields: Iterable[str]) -> None:
    """Blank what history says about these fields of a record, for erasure; the fact of each change stays."""
    statement = update(field_history).where(
        field_history.c.record_id == record_id, field_history.c.field.in_(list(fields))
    )
    tx.execute(statement.values(old="null", new="null"))

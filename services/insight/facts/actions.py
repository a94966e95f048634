"""Keeping the facts: the newest state of each record, and where each came from, in whatever order they come."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.database import lock
from services.insight.facts.model import WRITER, facts

Row = dict[str, Any]
_ORIGIN = ("source", "campaign", "partner_id", "day")


def keep_facts(tx: Session, rows: Sequence[Row]) -> None:
    """Store how these records are now, whether or not we knew them, and tell what came of them where they came from.

    The rows bring ``own_source`` and so on; each record is there once.
    """
    if not rows:
        return
    lock(tx, [WRITER])
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(facts)
    stored = [row | {name: row[f"own_{name}"] for name in _ORIGIN} for row in rows]
    known = {name: upsert.excluded[name] for name in stored[0] if name != "id"}
    # With RETURNING many rows go in one statement; without it psycopg2 would send them one by one.
    tx.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=known).returning(facts.c.id), stored)
    _hand_down(tx, {row["id"] for row in rows})


def _hand_down(tx: Session, ids: Collection[str]) -> None:
    """Give these records the origin of what they came from, then what came of them, until nothing changes any more."""
    parents = facts.alias("parents")
    columns = [facts.c[name] for name in _ORIGIN] + [parents.c[name].label(f"right_{name}") for name in _ORIGIN]
    joined = facts.join(parents, parents.c.id == facts.c.parent_id)
    chosen = or_(facts.c.id.in_(sorted(ids)), facts.c.parent_id.in_(sorted(ids)))
    changes = [
        {"record_id": row.id} | {f"new_{name}": getattr(row, f"right_{name}") for name in _ORIGIN}
        for row in tx.execute(select(facts.c.id, *columns).select_from(joined).where(chosen))
        if any(getattr(row, name) != getattr(row, f"right_{name}") for name in _ORIGIN)
    ]
    if changes:
        given: Row = {name: bindparam(f"new_{name}") for name in _ORIGIN}
        tx.connection().execute(update(facts).where(facts.c.id == bindparam("record_id")).values(given), changes)
        _hand_down(tx, [change["record_id"] for change in changes])

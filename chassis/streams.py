"""Numbers the events of each subject 1, 2, 3 … in commit order: the row lock is held until the emitter commits."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Column, String, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.database import chassis_metadata

streams = Table(
    "streams",
    chassis_metadata,
    Column("subject", String(200), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)


def _upsert(base: Any) -> Any:
    raised = {"sequence": streams.c.sequence + base.excluded.sequence}
    return base.on_conflict_do_update(index_elements=["subject"], set_=raised).returning(*streams.c)


# Built once: composing the statement anew for each event would cost more than running it. Many subjects go to
# PostgreSQL as one JSON document (see chassis/rows.py), which it takes apart in the order given.
_RAISE = {"postgresql": _upsert(postgresql.insert(streams)), "sqlite": _upsert(sqlite.insert(streams))}
_named = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON)).table_valued(
    column("subject", String(200)), column("sequence", BigInteger())
)
_RAISE_ALL = _upsert(
    postgresql.insert(streams).from_select(
        ["subject", "sequence"], select(*_named.render_derived(name="named", with_types=True).c), include_defaults=False
    )
)
_FEW = 4


def next_sequences(tx: Session, subjects: Sequence[str]) -> list[int]:
    """One number per entry, in the given order; a subject named twice gets two consecutive ones."""
    counts = Counter(subjects)
    # Sorted, so that two transactions that touch the same subjects take their locks in the same order.
    rows = [{"subject": subject, "sequence": counts[subject]} for subject in sorted(counts)]
    last: dict[str, int] = {row.subject: row.sequence for row in _raise(tx, rows)}
    following = {subject: last[subject] - counts[subject] for subject in counts}
    numbers = []
    for subject in subjects:
        following[subject] += 1
        numbers.append(following[subject])
    return numbers


def _raise(tx: Session, rows: list[dict[str, Any]]) -> Any:
    dialect = tx.get_bind().dialect.name
    if dialect == "postgresql" and len(rows) > _FEW:
        return tx.execute(_RAISE_ALL, {"rows": orjson.dumps(rows).decode()})
    return tx.execute(_RAISE[dialect], rows if len(rows) > 1 else rows[0])

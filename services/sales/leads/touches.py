"""Which leads have which contact points, and since which submission; which lead each submission belongs to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.sales.leads.facts import Touch
from services.sales.leads.model import Lead, lead_points, lead_submissions
from services.sales.leads.queries import find_open
from services.sales.points.model import Point

Key = tuple[str, str]  # kind and value of a contact point


def key_of(point: Point) -> Key:
    """What this contact point is looked up by."""
    return point.kind, point.value


def is_before(touch: Touch | None, other: Touch | None) -> bool:
    """Whether the first one was earlier. None is what a person typed: before everything."""
    return other is not None and (touch is None or touch < other)


def homes_of(tx: Session, submission_ids: Sequence[str]) -> dict[str, str]:
    """The lead of each of these submissions that has its verdict."""
    rows = lead_submissions.c
    found = tx.execute(select(rows.submission_id, rows.lead_id).where(rows.submission_id.in_(submission_ids)))
    return {row.submission_id: row.lead_id for row in found}


def find_sharers(
    tx: Session, keys: Collection[Key], homes: Mapping[str, str]
) -> tuple[dict[Key, dict[str, Touch | None]], dict[str, Lead]]:
    """Which open leads have these contact points since when, and those leads and homes themselves, locked."""
    touches = _touches(tx, keys)
    while True:
        wanted = {lead_id for each in touches.values() for lead_id in each}
        leads = {lead.id: lead for lead in find_open(tx, {*wanted, *homes.values()})}
        if wanted <= leads.keys():
            return touches, leads
        # Some are closed. But between the look and the lock another worker may have put one into another lead.
        seen, touches = touches, _touches(tx, keys)
        if seen == touches:
            return {key: {i: t for i, t in each.items() if i in leads} for key, each in touches.items()}, leads


def _touches(tx: Session, keys: Collection[Key]) -> dict[Key, dict[str, Touch | None]]:
    touches: dict[Key, dict[str, Touch | None]] = defaultdict(dict)
    if not keys:
        return touches
    points = lead_points.c
    of_kind = [
        and_(points.kind == kind, points.value.in_([value for each, value in keys if each == kind]))
        for kind in sorted({kind for kind, _ in keys})
    ]
    columns = (points.lead_id, points.kind, points.value, points.touched_at, points.touched_by)
    for row in tx.execute(select(*columns).where(or_(*of_kind))):
        touches[row.kind, row.value][row.lead_id] = (row.touched_at, row.touched_by) if row.touched_at else None
    return touches


def raise_points(tx: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write down which stored leads have these contact points; where they were known, the earlier touch stays."""
    if not rows:
        return
    base = (postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert)(lead_points)
    known, new = lead_points.c, base.excluded
    later = tuple_(known.touched_at, known.touched_by) > tuple_(new.touched_at, new.touched_by)
    changed = {"touched_at": new.touched_at, "touched_by": new.touched_by}
    upsert = base.on_conflict_do_update(index_elements=["lead_id", "kind", "value"], set_=changed, where=later)
    tx.execute(upsert.returning(known.lead_id), rows)  # without "returning" the driver would send row by row

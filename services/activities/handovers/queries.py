"""What somebody has planned, and who is to do it after them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from services.activities.activities.model import Activity, Status
from services.activities.handovers.model import handovers
from services.activities.records.model import links, records

# A story is never this deep; should links ever make a circle, the walk ends here.
_DEEPEST = 6


def planned_of(tx: Session, user_id: str) -> int:
    """How many planned activities this person has, whoever asks."""
    chosen = select(func.count()).select_from(Activity)
    with as_system(tx, "what a seller would leave behind is counted whole"):
        return tx.scalar(chosen.where(Activity.owner_id == user_id, Activity.status == Status.PLANNED)) or 0


def some_planned(tx: Session, user_id: str, at_most: int) -> Sequence[Activity]:
    """Some of this person's planned activities, locked."""
    chosen = select(Activity).where(Activity.owner_id == user_id, Activity.status == Status.PLANNED)
    return tx.scalars(chosen.order_by(Activity.id).limit(at_most).with_for_update()).all()


def get_handover(tx: Session, handover_id: str) -> Row[Any] | None:
    """The handover as activities knows it, locked, or None."""
    return tx.execute(select(handovers).where(handovers.c.id == handover_id).with_for_update()).one_or_none()


def who_has(tx: Session, refs: Collection[str], users: Collection[str]) -> dict[str, str]:
    """Which of these users owns each record, or the nearest record whose story it is part of."""
    roots = select(records.c.ref.label("root"), records.c.ref.label("ref"), literal(0).label("depth"))
    begun = roots.where(records.c.ref.in_(sorted(refs))).cte("up", recursive=True)
    above = select(begun.c.root, links.c.parent, begun.c.depth + 1).join(links, links.c.child == begun.c.ref)
    up = begun.union(above.where(begun.c.depth < _DEEPEST))
    owned = select(up.c.root, records.c.owner_id).join(records, records.c.ref == up.c.ref)
    owned = owned.where(records.c.owner_id.in_(sorted(users))).order_by(up.c.depth.desc(), records.c.ref.desc())
    return {row.root: row.owner_id for row in tx.execute(owned)}  # the nearest comes last, and stays

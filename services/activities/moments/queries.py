"""When somebody was last in touch with a customer, and when they are to be next."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.errors import NotFound
from services.activities.activities.model import Activity, Status
from services.activities.records.model import links, records
from services.activities.records.queries import must_be_readable


@dataclass
class Moments:
    """What was done last and what is planned next, anywhere in the record's story."""

    ref: str
    last: Activity | None = None
    next: Activity | None = None


def moments_of(tx: Session, refs: Sequence[str]) -> list[Moments]:
    """For each of these records that the asker may read; whoever may read a record may read its story."""
    readable = [ref for ref in dict.fromkeys(refs) if _is_readable(tx, ref)]
    found = {ref: Moments(ref) for ref in readable}
    if not readable:
        return []
    roots = select(records.c.ref.label("root"), records.c.ref.label("ref")).where(records.c.ref.in_(readable))
    begun = roots.cte("down", recursive=True)
    down = begun.union(select(begun.c.root, links.c.child).join(links, links.c.parent == begun.c.ref))
    when_due = func.coalesce(Activity.due_at, Activity.starts_at, Activity.created_at)
    with as_system(tx, "an activity is read by whoever may read the record it is about"):
        for status, when, name in (
            (Status.DONE, Activity.completed_at.desc(), "last"),
            (Status.PLANNED, when_due, "next"),
        ):
            numbered = (
                select(
                    down.c.root,
                    Activity.id,
                    func.row_number().over(partition_by=down.c.root, order_by=(when, Activity.id)).label("place"),
                )
                .join(Activity, Activity.regarding == down.c.ref)
                .where(Activity.status == status)
                .subquery()
            )
            chosen = select(numbered.c.root, numbered.c.id).where(numbered.c.place == 1)
            ids = {row.root: row.id for row in tx.execute(chosen)}
            held = {each.id: each for each in tx.scalars(select(Activity).where(Activity.id.in_(ids.values())))}
            for root, activity_id in ids.items():
                setattr(found[root], name, held[activity_id])
    return list(found.values())


def _is_readable(tx: Session, ref: str) -> bool:
    try:
        must_be_readable(tx, ref)
    except NotFound:
        return False
    return True

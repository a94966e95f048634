"""Looking for activities."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.caller import Caller
from chassis.filters import NOTHING, Filter, Special
from chassis.paging import Listing
from services.activities.activities.model import Activity, Kind, Status


def _owner(value: str | UUID, caller: Caller) -> ColumnElement[bool]:
    match value:
        case "me":
            return Activity.owner_id == caller.id if caller.kind == "user" else NOTHING
        case "team":
            return Activity.team_id.in_(sorted(caller.team_ids))
    return Activity.owner_id == str(value)


ACTIVITIES = Listing(
    model=Activity,
    sorts=("created_at", "updated_at", "due_at"),
    default_sort="-created_at",
    filters={
        "kind": Filter(Activity.kind, Kind),
        "status": Filter(Activity.status, Status),
        "regarding": Filter(Activity.regarding),
        "owner": Special(_owner, reads=Literal["me", "team"] | UUID, index=Activity.owner_id),
        "owner_id": Filter(Activity.owner_id),
        "team_id": Filter(Activity.team_id),
        "due_at": Filter(Activity.due_at),
        "created_at": Filter(Activity.created_at),
        "updated_at": Filter(Activity.updated_at),
    },
)


def words_of(tx: Session, activity_ids: Collection[str]) -> dict[str, str]:
    """What these activities are called, whoever owns them: for whoever may read the record that they are about."""
    if not activity_ids:
        return {}
    chosen = select(Activity.id, Activity.subject).where(Activity.id.in_(sorted(activity_ids)))
    with as_system(tx, "an activity is read by whoever may read the record it is about"):
        return {row.id: row.subject for row in tx.execute(chosen)}

"""What people do with activities. Whoever calls has found the activity, and the record it is about, as who asks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.outbox import emit
from events.activities import ActivityCancelled, ActivityCompleted, ActivityCreated, ActivityUpdated
from services.activities.activities.model import Activity, Kind, Status


def create_activity(
    tx: Session,
    *,
    kind: Kind,
    regarding: str,
    facts: Mapping[str, Any],
    owner_id: str | None,
    team_id: str | None = None,
    activity_id: str | None = None,
) -> Activity:
    """Something to do about a record, or a note, which is done. ``facts`` are columns by name."""
    now = utcnow()
    activity = Activity(
        **facts,
        id=activity_id or new_id(),
        kind=kind,
        regarding=regarding,
        owner_id=owner_id,
        team_id=team_id,
        created_at=now,
        updated_at=now,
        status=Status.DONE if kind == Kind.NOTE else Status.PLANNED,
        completed_at=now if kind == Kind.NOTE else None,
    )
    tx.add(activity)
    tx.flush()
    emit(tx, ActivityCreated(activity=activity.state()))
    return activity


def change_activity(tx: Session, activity: Activity, *, facts: Mapping[str, Any]) -> Activity:
    """Set these columns. Saying the same is no change."""
    before = _published(activity)
    for name, value in facts.items():
        if getattr(activity, name) != value:
            setattr(activity, name, value)
    if tx.is_modified(activity):
        _announce(tx, activity, ActivityUpdated, before)
    return activity


def complete_activity(tx: Session, activity: Activity, *, result: str | None) -> Activity:
    """It is done. Again changes nothing; raises ActivityIsOver for a cancelled one."""
    before = _published(activity)
    if activity.complete(utcnow(), result):
        _announce(tx, activity, ActivityCompleted, before)
    return activity


def cancel_activity(tx: Session, activity: Activity) -> Activity:
    """It will not be done. Again changes nothing; raises ActivityIsOver for one that is done."""
    before = _published(activity)
    if activity.cancel():
        _announce(tx, activity, ActivityCancelled, before)
    return activity


def _published(activity: Activity) -> dict[str, Any]:
    return activity.state().model_dump(exclude={"updated_at", "version"})


def _announce(tx: Session, activity: Activity, event: Any, before: dict[str, Any]) -> None:
    tx.flush()
    after = _published(activity)
    changed = {name: (old, after[name]) for name, old in before.items() if old != after[name]}
    emit(tx, event(activity=activity.state(), changed=changed))

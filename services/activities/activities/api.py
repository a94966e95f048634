"""The routes of activities. Each says which right it needs, finds the activity as the caller, calls one action."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import System, access_of, find, require
from chassis.caller import Caller
from chassis.errors import FieldError, Invalid, NotAllowed, NotFound
from chassis.history import history_of
from chassis.http import IfMatch, Router
from chassis.i18n import say
from chassis.paging import ListRequest, Page
from services.activities.activities import actions
from services.activities.activities.model import Activity
from services.activities.activities.queries import ACTIVITIES
from services.activities.activities.schemas import (
    ActivityView,
    ChangeView,
    CompleteActivity,
    CreateActivity,
    History,
    PatchActivity,
)
from services.activities.records.queries import must_be_readable

router = Router(tags=["activities"])


@router.get("/activities", listing=ACTIVITIES)
def list_activities(tx: Session, asked: ListRequest) -> Page[ActivityView]:
    """The activities that the caller may see."""
    _may(tx, "read")
    return ACTIVITIES.page(tx, asked, ActivityView.of)


@router.post("/activities", status_code=201)
def create_activity(tx: Session, caller: Caller, body: CreateActivity) -> ActivityView:
    """Note something, or plan something to do, about a record that the caller may read."""
    _may(tx, "create")
    _check_regarding(tx, body.regarding)
    teams = sorted(caller.own_team_ids)
    activity = actions.create_activity(
        tx,
        kind=body.kind,
        regarding=body.regarding,
        facts=body.facts(),
        owner_id=caller.id if caller.kind == "user" else None,
        team_id=teams[0] if teams else None,
        activity_id=str(body.id) if body.id else None,
    )
    return ActivityView.of(activity)


@router.get("/activities/{activity_id}")
def read_activity(tx: Session, activity_id: UUID) -> ActivityView:
    """One activity."""
    _may(tx, "read")
    return ActivityView.of(find(tx, Activity, str(activity_id)))


@router.patch("/activities/{activity_id}")
def change_activity(tx: Session, activity_id: UUID, body: PatchActivity, if_match: IfMatch) -> ActivityView:
    """Change fields of an activity (merge patch)."""
    return ActivityView.of(actions.change_activity(tx, _to_change(tx, activity_id, if_match), facts=body.facts()))


@router.post("/activities/{activity_id}/complete")
def complete_activity(
    tx: Session, activity_id: UUID, if_match: IfMatch, body: CompleteActivity | None = None
) -> ActivityView:
    """It is done."""
    result = body.result if body else None
    return ActivityView.of(actions.complete_activity(tx, _to_change(tx, activity_id, if_match), result=result))


@router.post("/activities/{activity_id}/cancel")
def cancel_activity(tx: Session, activity_id: UUID, if_match: IfMatch) -> ActivityView:
    """It will not be done."""
    return ActivityView.of(actions.cancel_activity(tx, _to_change(tx, activity_id, if_match)))


@router.get("/activities/{activity_id}/history")
def read_activity_history(
    tx: Session,
    activity_id: UUID,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> History:
    """What was changed on an activity, by whom and when, newest first."""
    _may(tx, "read")
    activity = find(tx, Activity, str(activity_id))
    changes, next_cursor = history_of(tx, Activity.__noun__, activity.id, limit=limit, cursor=cursor)
    return History(items=[ChangeView.of(change) for change in changes], next_cursor=next_cursor)


def _check_regarding(tx: Session, ref: str) -> None:
    # The same words for one that is not theirs and one that nobody has announced yet: neither gives anything away.
    try:
        must_be_readable(tx, ref)
    except NotFound as error:
        message = say("There is no such record, or it is not known here yet.")
        raise Invalid(message, errors=[FieldError("/regarding", message)]) from error


def _may(tx: Session, act: str) -> None:
    """Refuse who has no right to do this to any activity."""
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(Activity.__noun__, act) == "none":
        raise NotAllowed(say("Your role does not include this."))


def _to_change(tx: Session, activity_id: UUID, if_match: IfMatch) -> Activity:
    """The activity, locked, if the caller may change it and has seen it as it is."""
    _may(tx, "write")
    activity = find(tx, Activity, str(activity_id), lock=True)
    require(tx, activity, "write")
    if_match.check(activity.version, lambda: ActivityView.of(activity))
    return activity

"""The routes of activities. Each says which right it needs, finds the activity as the caller, calls one action."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.errors import FieldError, Invalid, NotFound
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.i18n import say
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.activities.activities import actions
from services.activities.activities.model import Activity
from services.activities.activities.queries import ACTIVITIES
from services.activities.activities.schemas import (
    ActivityView,
    CompleteActivity,
    CreateActivity,
    PatchActivity,
)
from services.activities.records.queries import must_be_readable

router = Router(tags=["activities"])


@router.get("/activities", listing=ACTIVITIES)
def list_activities(tx: Session, asked: ListRequest) -> Page[ActivityView]:
    """The activities that the caller may see."""
    must_have(tx, Activity, "read")
    return ACTIVITIES.page(tx, asked, ActivityView.of)


@router.post("/activities", status_code=201)
def create_activity(tx: Session, caller: Caller, body: CreateActivity) -> ActivityView:
    """Note something, or plan something to do, about a record that the caller may read."""
    must_have(tx, Activity, "create")
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
    return ActivityView.of(to_read(tx, Activity, activity_id))


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
def read_activity_history(tx: Session, activity_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an activity, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Activity, activity_id), limit=limit, cursor=cursor)


def _check_regarding(tx: Session, ref: str) -> None:
    # The same words for one that is not theirs and one that nobody has announced yet: neither gives anything away.
    try:
        must_be_readable(tx, ref)
    except NotFound as error:
        message = say("There is no such record, or it is not known here yet.")
        raise Invalid(message, errors=[FieldError("/regarding", message)]) from error


def _to_change(tx: Session, activity_id: UUID, if_match: IfMatch) -> Activity:
    return to_change(tx, Activity, activity_id, if_match, view=ActivityView.of)

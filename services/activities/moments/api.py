"""Routes for those who take a customer over, and for the gateway, which asks for them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from chassis.caller import requires_role
from chassis.http import Router
from services.activities.handovers.queries import planned_of
from services.activities.moments.queries import moments_of
from services.activities.moments.schemas import MomentsList, MomentsView, PlannedCount

router = Router(tags=["activities"])

_REF = r"^[a-z][a-z_]{1,39}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Ref = Annotated[str, StringConstraints(pattern=_REF)]


@router.get("/contact_moments")
def read_contact_moments(
    tx: Session,
    regarding: Annotated[list[Ref], Query(min_length=1, max_length=50, description="`account:<id>`, up to 50 of them")],
) -> MomentsList:
    """When each customer was last in touch, and what is planned next; only of those that the caller may read."""
    return MomentsList(items=[MomentsView.of(each) for each in moments_of(tx, regarding)])


@router.get("/planned_activities/{user_id}", allow=requires_role("administrator"))
def count_planned_activities(tx: Session, user_id: UUID) -> PlannedCount:
    """How many planned activities somebody has."""
    return PlannedCount(counts={"activity": planned_of(tx, str(user_id))})

"""The routes of handovers. The gateway asks them, and puts what they say together with what others know."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.caller import requires_role
from chassis.cursors import binding_of, read_cursor, write_cursor
from chassis.errors import Invalid
from chassis.http import Router
from chassis.i18n import say
from services.sales.days import today
from services.sales.handovers.briefs import briefs
from services.sales.handovers.queries import open_records_of
from services.sales.handovers.schemas import HandedOverPage, OpenRecords

router = Router(tags=["handovers"])


@router.get("/open_records/{user_id}", allow=requires_role("administrator"))
def count_open_records(tx: Session, user_id: UUID) -> OpenRecords:
    """How many open leads, deals, documents and customers somebody owns."""
    return OpenRecords(counts=open_records_of(tx, str(user_id)))


@router.get("/handed_over")
def list_handed_over(
    tx: Session,
    handover_id: UUID,
    to: Annotated[UUID | None, Query(description="Only what went to this person")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> HandedOverPage:
    """Customers of a handover in brief, as far as the caller may see them."""
    wanted = str(to) if to else None
    binding = binding_of("handed_over", "", wanted or "", [("handover_id", str(handover_id))])
    after = _place(read_cursor(cursor, binding)) if cursor else 0
    items, last = briefs(tx, str(handover_id), to_user_id=wanted, after=after, at_most=limit, day=today())
    return HandedOverPage(items=items, next_cursor=write_cursor(binding, [last]) if last is not None else None)


def _place(position: tuple[object, ...]) -> int:
    match position:
        case (int() as place,) if 0 <= place < 2**31:
            return place
    raise Invalid(say("The cursor does not belong to this list."))

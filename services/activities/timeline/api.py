"""The route of timelines."""

from typing import Annotated

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.http import Router
from chassis.i18n import Catalogue, Language
from services.activities.timeline.queries import read_timeline
from services.activities.timeline.schemas import TimelineView, entry_view, reference

router = Router(tags=["timeline"])

_REGARDING = r"^[a-z][a-z_]{1,39}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


@router.get("/timeline")
def read_timeline_of(
    tx: Session,
    catalogue: Catalogue,
    language: Language,
    regarding: Annotated[str, Query(pattern=_REGARDING, description="The record: `lead:<id>`, `account:<id>` …")],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> TimelineView:
    """Everything that happened to a record and to what belongs to it, newest first, for whoever may read the record."""
    entries, next_cursor = read_timeline(tx, regarding, limit=limit, cursor=cursor)
    items = [entry_view(entry, catalogue, language) for entry in entries]
    return TimelineView(regarding=reference(regarding), items=items, next_cursor=next_cursor)

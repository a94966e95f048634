"""What was changed on a record of sales, a page at a time."""

from typing import Annotated

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.history import history_of
from chassis.records import Record
from services.sales.leads.schemas import ChangeView, History

PageLimit = Annotated[int, Query(ge=1, le=200)]
PageCursor = Annotated[str | None, Query(max_length=40)]


def history_page(tx: Session, record: Record, limit: int, cursor: str | None) -> History:
    """Changes, newest first. Find the record as the caller first: it has an owner."""
    changes, next_cursor = history_of(tx, record.__noun__, record.id, limit=limit, cursor=cursor)
    return History(items=[ChangeView.of(change) for change in changes], next_cursor=next_cursor)

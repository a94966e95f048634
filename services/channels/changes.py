"""What was changed on a form or a webhook, as administrators see it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from chassis.history import history_of
from chassis.http import View
from chassis.records import Record


class ChangeView(View):
    """One field's change: from what to what, when, by whom."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None


class HistoryPage(View):
    """Changes, the newest first."""

    items: list[ChangeView]
    next_cursor: str | None


def history_page(tx: Session, record: Record, *, limit: int, cursor: str | None) -> HistoryPage:
    """A page of this record's changes; raises Invalid for a cursor of something else."""
    changes, next_cursor = history_of(tx, record.__noun__, record.id, limit=limit, cursor=cursor)
    return HistoryPage(items=[ChangeView.model_validate(change) for change in changes], next_cursor=next_cursor)

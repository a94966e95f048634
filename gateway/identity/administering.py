"""Who may administer, and what the routes of all nouns say the same way."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.caller import requires_role
from chassis.history import history_of
from chassis.http import IfMatch, View
from chassis.records import Record

R = TypeVar("R", bound=Record)

administrators = requires_role("administrator")


class ChangeView(View):
    """One field's change: who, when, from what to what."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None


class HistoryPage(BaseModel):
    """Changes, the newest first."""

    items: list[ChangeView]
    next_cursor: str | None


def find_to_write(
    tx: Session, model: type[R], record_id: object, if_match: IfMatch, show: Callable[[R], BaseModel]
) -> R:
    """The record, locked; raises NotFound, or StaleRecord when the caller has seen an older version."""
    record = find(tx, model, str(record_id), lock=True)
    if_match.check(record.version, lambda: show(record))
    return record


def history_page(tx: Session, record: Record, limit: int, cursor: str | None) -> HistoryPage:
    """A page of this record's changes."""
    changes, next_cursor = history_of(tx, record.__noun__, record.id, limit=limit, cursor=cursor)
    return HistoryPage(items=[ChangeView.model_validate(change) for change in changes], next_cursor=next_cursor)


def merged(custom: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Custom fields after a merge patch: null takes a key away."""
    return {name: value for name, value in {**custom, **changes}.items() if value is not None}

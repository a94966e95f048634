"""What every list of records with an owner can be filtered by, and the indexes that lists need."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Index

from chassis.access import Owned
from chassis.caller import Caller
from chassis.filters import NOTHING, Filter, FilterBy, Special
from chassis.records import Record


def owned_filters(model: type[Owned]) -> dict[str, FilterBy]:
    """By owner (``me``, ``team`` or an id), team and times."""

    def of_owner(value: str | UUID, caller: Caller) -> ColumnElement[bool]:
        match value:
            case "me":
                return model.owner_id == caller.id if caller.kind == "user" else NOTHING
            case "team":
                return model.team_id.in_(sorted(caller.team_ids))
        return model.owner_id == str(value)

    return {
        "owner": Special(of_owner, reads=Literal["me", "team"] | UUID, index=model.owner_id),
        "owner_id": Filter(model.owner_id),
        "team_id": Filter(model.team_id),
        "created_at": Filter(model.created_at),
        "updated_at": Filter(model.updated_at),
    }


def list_indexes(model: type[Record], *, filters: Sequence[str], sorts: Sequence[str]) -> None:
    """An index for each published filter and sort; the id last, because a page continues from a row."""
    table: Any = model
    name = table.__tablename__
    for column in filters:
        Index(f"{name}_{column}", getattr(model, column), model.created_at, model.id)
    for column in sorts:
        Index(f"{name}_{column}", getattr(model, column), model.id)

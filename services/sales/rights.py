"""What routes ask before they act: may this caller do that, to this record, as they have seen it?"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from chassis.access import Owned, System, access_of, find, require
from chassis.caller import Caller
from chassis.errors import NotAllowed
from chassis.filters import NOTHING, Special
from chassis.http import IfMatch
from chassis.i18n import say
from chassis.records import Record

R = TypeVar("R", bound=Record)


def may_do(tx: Session, noun: str, act: str) -> None:
    """Refuse who has no right to do this to any record of this kind."""
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(noun, act) == "none":
        raise NotAllowed(say("Your role does not include this."))


def find_to_read(tx: Session, model: type[R], record_id: UUID) -> R:
    """The record, if the caller may read it; raises NotAllowed or NotFound."""
    may_do(tx, model.__noun__, "read")
    return find(tx, model, str(record_id))


def find_to_change(
    tx: Session,
    model: type[R],
    record_id: UUID,
    if_match: IfMatch | None = None,
    view: Callable[[R], BaseModel] | None = None,
    *,
    act: str = "write",
    deleted: bool = False,
) -> R:
    """The record, locked, if the caller may do this to it and has seen it as it is (``view`` shows it otherwise)."""
    may_do(tx, model.__noun__, act)
    record = find(tx, model, str(record_id), lock=True, deleted=deleted)
    require(tx, record, act)
    if if_match is not None and view is not None:
        if_match.check(record.version, lambda: view(record))
    return record


def owner_filter(model: type[Owned]) -> Special:
    """``owner=me``, ``owner=team`` or somebody's id."""

    def when(value: str | UUID, caller: Caller) -> ColumnElement[bool]:
        match value:
            case "me":
                return model.owner_id == caller.id if caller.kind == "user" else NOTHING
            case "team":
                return model.team_id.in_(sorted(caller.team_ids))
        return model.owner_id == str(value)

    owner: Any = model.owner_id
    return Special(when, reads=Literal["me", "team"] | UUID, index=owner)

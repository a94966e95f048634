"""What every route of a kind of record asks first: may the caller do this, and have they seen it as it is?"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from chassis.access import Owned, System, access_of, find, require
from chassis.caller import Caller
from chassis.errors import FieldError, Invalid, NotAllowed, NotFound
from chassis.http import IfMatch
from chassis.i18n import say
from chassis.records import Record

R = TypeVar("R", bound=Record)


def must_have(tx: Session, noun: type[Record], act: str) -> None:
    """Refuse who has no right to do this to any record of the kind; raises NotAllowed."""
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(noun.__noun__, act) == "none":
        raise NotAllowed(say("Your role does not include this."))


def to_read(tx: Session, model: type[R], record_id: UUID | str) -> R:
    """The record, if the caller may read it; raises NotAllowed or NotFound."""
    must_have(tx, model, "read")
    return find(tx, model, str(record_id))


def to_change(
    tx: Session,
    model: type[R],
    record_id: UUID | str,
    if_match: IfMatch | None = None,
    *,
    view: Callable[[R], BaseModel] | None = None,
    act: str = "write",
    deleted: bool = False,
) -> R:
    """The record, locked, if the caller may do this to it and has seen it as it is; ``view`` shows it to who has not.

    Raises NotAllowed, NotFound or StaleRecord.
    """
    must_have(tx, model, act)
    record = find(tx, model, str(record_id), lock=True, deleted=deleted)
    require(tx, record, act)
    if if_match is not None and view is not None:
        show: Any = view
        if_match.check(record.version, lambda: show(record))
    return record


def owner_of_new(tx: Session, caller: Caller, model: type[Owned], wanted: UUID | None) -> str | None:
    """Who owns a new record: the caller, or whom somebody names who may assign everybody's; raises NotAllowed."""
    own_id = caller.id if caller.kind == "user" else None
    if wanted is None or str(wanted) == own_id:
        return own_id
    access = access_of(tx)
    if not isinstance(access, System) and access.depth(model.__noun__, "assign") != "all":
        raise NotAllowed(say("You may create records for yourself only."))
    return str(wanted)


class UnknownReference(Invalid):
    """The record that this one is to refer to is not there, or not the caller's to see."""

    code = "unknown_reference"


def must_exist(tx: Session, model: type[Record], record_id: UUID | None, field: str, *, now: str | None = None) -> None:
    """Refuse a new reference to what is absent or not the caller's to see; raises UnknownReference.

    ``field`` is where it stands in the body, ``now`` what the record refers to already.
    """
    if record_id is None or str(record_id) == now:
        return
    try:
        find(tx, model, str(record_id))
    except NotFound:
        message = say("There is no such record, or it is not yours to see.")
        raise UnknownReference(message, errors=[FieldError(f"/{field}", message)]) from None

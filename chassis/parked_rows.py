"""Where what waits for a person is kept, and how it is found: by its reference, or in the order in which it came.

Each is named by a short reference: ``in:<event id>:<reaction>``, ``out:<position>``, ``raw:<id>`` or ``del:<id>``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, and_, false, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from chassis.deliveries import DeliveryState, deliveries
from chassis.errors import NotFound
from chassis.inbox import State, inbox, undecodable
from chassis.outbox import outbox

Kind = Literal["delivery", "inbox", "outbox", "undecodable"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class NotParked(NotFound):
    """Nothing is parked under this reference (any more)."""

    code = "not_parked"


@dataclass(frozen=True)
class Place:
    """A place in the order of all that is parked: what came in then, and of that what ``ties`` sort behind."""

    since: datetime
    kind: str
    ties: tuple[Any, ...]

    def written(self) -> dict[str, Any]:
        """For JSON; ``read_place`` reads it."""
        return {"since": self.since.isoformat(), "kind": self.kind, "ties": list(self.ties)}


@dataclass(frozen=True)
class Parked:
    """One thing that waits for a person. ``what`` is the reaction or the receiver, for the others empty.

    ``since`` is when it came in; ``body`` what came, or would be sent.
    """

    ref: str
    kind: Kind
    what: str
    type: str
    subject: str
    sequence: int | None
    reason: str
    attempts: int
    since: datetime
    place: Place
    body: str


@dataclass(frozen=True)
class Shelf:
    """One kind: its rows, those of them that are parked, their order, and how a row is read and named."""

    kind: Kind
    table: Any
    parked: ColumnElement[bool]
    since: Any
    ties: tuple[Any, ...]
    read: Callable[[Row[Any]], Parked]
    named: Callable[[str], ColumnElement[bool] | None]

    def rows(self, *, after: Place | None = None, what: str = "") -> Select[Any]:
        """What is parked here, in order."""
        query = select(self.table).where(self.parked).order_by(self.since, *self.ties)
        if what:
            query = query.where(inbox.c.reaction == what if self.kind == "inbox" else false())
        return query if after is None else query.where(self._beyond(after))

    def _beyond(self, after: Place) -> ColumnElement[bool]:
        since: ColumnElement[bool] = self.since > after.since
        if self.kind < after.kind:
            return since
        if self.kind > after.kind:
            return or_(since, self.since == after.since)
        # With their types: SQLite stores ids in a spelling of its own.
        there = [literal(value, column.type) for value, column in zip(after.ties, self.ties, strict=True)]
        return or_(since, and_(self.since == after.since, tuple_(*self.ties) > tuple_(*there)))


def read_place(content: Any) -> Place:
    """The place that ``written`` gave out; raises ValueError for anything else."""
    try:
        since, kind, ties = datetime.fromisoformat(content["since"]), content["kind"], tuple(content["ties"])
        shelf = next(shelf for shelf in SHELVES if shelf.kind == kind)
    except (TypeError, KeyError, StopIteration) as error:
        raise ValueError("not a place") from error
    if since.tzinfo is None or len(ties) != len(shelf.ties) or not all(map(_fits, ties, shelf.ties)):
        raise ValueError("not a place")
    return Place(since, kind, ties)


def _fits(value: Any, column: Any) -> bool:
    if column.type.python_type is int:
        return type(value) is int and 0 <= value < 2**63
    return isinstance(value, str) and (_is_uuid(value) or not isinstance(column.type, Uuid)) and "\x00" not in value


def list_parked(
    tx: Session, *, kind: Kind | None = None, what: str = "", limit: int = 100, after: Place | None = None
) -> list[Parked]:
    """What is parked, oldest first, beyond a place; of one kind or one reaction (``what``) if asked."""
    found = [
        shelf.read(row)
        for shelf in SHELVES
        if kind in (None, shelf.kind)
        for row in tx.execute(shelf.rows(after=after, what=what).limit(limit))
    ]
    return sorted(found, key=lambda each: (each.since, each.kind, each.place.ties))[:limit]


def find_row(tx: Session, ref: str, *, lock: bool = False) -> tuple[Shelf, Row[Any]]:
    """The row that bears this reference, parked or not; raises NotParked when there is none."""
    for shelf in SHELVES:
        here = shelf.named(ref)
        if here is not None:
            query = select(shelf.table).where(here)
            # A delivery's lane is locked before its rows, by whoever changes them: not the other way round here.
            locked = lock and shelf.kind != "delivery"
            row = tx.execute(query.with_for_update() if locked else query).first()
            if row is not None:
                return shelf, row
    raise NotParked(f"nothing is parked as {ref}")


def find_parked(tx: Session, ref: str, *, lock: bool = False) -> tuple[Kind, Row[Any]]:
    """The parked row that bears this reference; raises NotParked."""
    shelf, row = find_row(tx, ref, lock=lock)
    if not is_parked(shelf.kind, row):
        raise NotParked(f"nothing is parked as {ref}")
    return shelf.kind, row


def is_parked(kind: Kind, row: Row[Any]) -> bool:
    """Whether this row waits for a person."""
    return state_of(kind, row) == "parked"


def state_of(kind: Kind, row: Row[Any]) -> str:
    """Where it stands by now: ``parked``, or what became of it."""
    match kind:
        case "inbox" | "delivery":
            return str(row.state)
        case "outbox":
            return "parked" if row.parked_at is not None else "sent" if row.sent_at is not None else "pending"
        case "undecodable":
            return "parked" if row.dropped_at is None else "dropped"


def _inbox_named(ref: str) -> ColumnElement[bool] | None:
    prefix, _, rest = ref.partition(":")
    event_id, _, reaction = rest.partition(":")
    if prefix != "in" or not _is_uuid(event_id):
        return None
    return and_(inbox.c.event_id == event_id, inbox.c.reaction == reaction)


def _outbox_named(ref: str) -> ColumnElement[bool] | None:
    prefix, _, position = ref.partition(":")
    # Longer numbers are no position, and PostgreSQL would refuse them as out of range.
    if prefix != "out" or not (position.isascii() and position.isdecimal() and len(position) <= 18):
        return None
    return outbox.c.position == int(position)


def _raw_named(ref: str) -> ColumnElement[bool] | None:
    prefix, _, raw_id = ref.partition(":")
    return undecodable.c.id == raw_id if prefix == "raw" and _is_uuid(raw_id) else None


def _delivery_named(ref: str) -> ColumnElement[bool] | None:
    prefix, _, delivery_id = ref.partition(":")
    return deliveries.c.id == delivery_id if prefix == "del" and _is_uuid(delivery_id) else None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _from_inbox(row: Row[Any]) -> Parked:
    ref, place = f"in:{row.event_id}:{row.reaction}", Place(row.received_at, "inbox", (row.event_id, row.reaction))
    reason, since, body = row.reason or "", row.received_at, row.envelope or ""
    return Parked(
        ref, "inbox", row.reaction, row.type, row.subject, row.sequence, reason, row.attempts, since, place, body
    )


def _from_outbox(row: Row[Any]) -> Parked:
    ref, place = f"out:{row.position}", Place(row.created_at, "outbox", (row.position,))
    reason, since = row.reason or "", row.created_at
    return Parked(ref, "outbox", "", row.type, row.subject, None, reason, row.attempts, since, place, row.envelope)


def _from_raw(row: Row[Any]) -> Parked:
    ref, place = f"raw:{row.id}", Place(row.received_at, "undecodable", (row.id,))
    return Parked(ref, "undecodable", "", "", "", None, row.reason, 0, row.received_at, place, row.body)


def _from_delivery(row: Row[Any]) -> Parked:
    ref, place = f"del:{row.id}", Place(row.created_at, "delivery", (row.position,))
    reason, since = row.reason or "", row.created_at
    return Parked(
        ref, "delivery", row.receiver, row.kind, row.subject, None, reason, row.attempts, since, place, row.payload
    )


_given_up = undecodable.c.dropped_at.is_(None)
_unanswered = deliveries.c.state == DeliveryState.PARKED
_unsent = outbox.c.parked_at.is_not(None)
_failed = inbox.c.state == State.PARKED
_arrived = (inbox.c.event_id, inbox.c.reaction)

# By kind: the order of what came in at the same moment.
SHELVES = (
    Shelf(
        "delivery",
        deliveries,
        _unanswered,
        deliveries.c.created_at,
        (deliveries.c.position,),
        _from_delivery,
        _delivery_named,
    ),
    Shelf("inbox", inbox, _failed, inbox.c.received_at, _arrived, _from_inbox, _inbox_named),
    Shelf("outbox", outbox, _unsent, outbox.c.created_at, (outbox.c.position,), _from_outbox, _outbox_named),
    Shelf("undecodable", undecodable, _given_up, undecodable.c.received_at, (undecodable.c.id,), _from_raw, _raw_named),
)

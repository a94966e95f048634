"""What waits for a person: reactions that gave up, events that no queue took, messages that are no event of ours,
calls to the outside that were refused or never answered.

Each is named by a short reference (``chassis/parked_rows.py``). Replay puts it back on its way, drop ends it without
effect; both take place in the caller's transaction, as every action does.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, and_, func, select, update
from sqlalchemy.orm import Session

from chassis import deliveries
from chassis.clock import db_later, utcnow
from chassis.deliver import put
from chassis.errors import Conflict
from chassis.event import Undecodable, decode
from chassis.inbox import GAP, OPEN, State, cursors, inbox, undecodable
from chassis.order import advance, lock_cursors
from chassis.outbox import outbox
from chassis.parked_rows import (
    SHELVES,
    Kind,
    NotParked,
    Parked,
    Place,
    find_parked,
    find_row,
    is_parked,
    list_parked,
    read_place,
    state_of,
)
from chassis.service import Node, Reaction

__all__ = [
    "Act",
    "EarlierEventOpen",
    "Kind",
    "NoLongerParked",
    "NotParked",
    "Parked",
    "ParkedDetail",
    "Place",
    "StillUndecodable",
    "act_once",
    "count_parked",
    "drop",
    "is_gap",
    "list_parked",
    "park_gaps",
    "read_place",
    "replay",
    "show",
]

GAP_PATIENCE = timedelta(minutes=10)
MOST_GAPS = 1000


class EarlierEventOpen(Conflict):
    """A strict subject's earlier event has not taken effect: dropping a later one would lose it."""

    code = "earlier_event_open"


class StillUndecodable(Conflict):
    """These bytes are no event for this version of the code either."""

    code = "still_undecodable"


class NoLongerParked(Conflict):
    """Somebody has settled it otherwise."""

    code = "no_longer_parked"


@dataclass(frozen=True)
class ParkedDetail:
    """The whole of it; ``behind`` counts the later events that wait for it."""

    parked: Parked
    behind: int

    @property
    def body(self) -> str:
        """As it came or would be sent."""
        return self.parked.body


@dataclass(frozen=True)
class Act:
    """What an act has led to: where the thing stands now, and whether it was this act that changed it."""

    kind: Kind
    state: str
    changed: bool


def count_parked(tx: Session) -> int:
    """How much waits for a person."""
    counts = (select(func.count()).select_from(shelf.table).where(shelf.parked) for shelf in SHELVES)
    return sum(tx.scalar(count) or 0 for count in counts)


def show(tx: Session, ref: str) -> ParkedDetail:
    """One parked thing with its body; raises NotParked."""
    shelf, row = find_row(tx, ref)
    if not is_parked(shelf.kind, row):
        raise NotParked(f"nothing is parked as {ref}")
    parked = shelf.read(row)
    if shelf.kind != "inbox":
        return ParkedDetail(parked, 0)
    waiting = select(func.count()).where(_later_of(row), inbox.c.state == State.WAITING)
    return ParkedDetail(parked, tx.scalar(waiting) or 0)


def act_once(tx: Session, ref: str, verb: str, *, by: str, why: str = "") -> Act:
    """Replay or drop; asked for again it changes nothing and says where the thing stands.

    Raises NotParked for what never was, and NoLongerParked when the other was done with it.
    """
    shelf, row = find_row(tx, ref, lock=True)
    before = state_of(shelf.kind, row)
    changed = before == "parked"
    if changed:
        drop(tx, ref, by=by, why=why) if verb == "drop" else replay(tx, ref, by=by)
    elif (before == "dropped") != (verb == "drop") and shelf.kind != "undecodable":
        raise NoLongerParked(f"it is {before}")
    _, after = find_row(tx, ref)
    return Act(shelf.kind, state_of(shelf.kind, after), changed)


def replay(tx: Session, ref: str, *, by: str) -> None:
    """Put it back on its way, with all its tries before it; a strict event parked for a gap goes over that gap.

    Raises NotParked, and StillUndecodable for bytes that are no event now either.
    """
    kind, row = find_parked(tx, ref, lock=True)
    reason = f"replayed by {by}; it was parked: {row.reason}"[:500]
    if kind == "inbox":
        forced = (row.forced or is_gap(row.reason)) and not _earlier_open(tx, row)
        again = {"state": State.PENDING, "attempts": 0, "starts": 0, "forced": forced}
        _change_inbox(tx, row, next_attempt_at=utcnow(), reason=reason, **again)
    elif kind == "outbox":
        values = {"parked_at": None, "retry_at": None, "attempts": 0, "reason": reason}
        tx.execute(update(outbox).where(outbox.c.position == row.position).values(**values))
        tx.info["emitted"] = True  # wakes the relay after the commit
    elif kind == "delivery":
        deliveries.replay(tx, deliveries.Which(ids=[row.id]))
    else:
        try:
            envelope = decode(row.body)
        except Undecodable as error:
            raise StillUndecodable(str(error)) from error
        put(tx, tx.info["node"].service, [envelope])
        _close_raw(tx, row, reason)


def drop(tx: Session, ref: str, *, by: str, why: str = "") -> None:
    """End it without effect; what waits behind it goes on. The row stays, with who and why, until it is pruned.

    Raises NotParked, and EarlierEventOpen where that would go over an event which can still take effect. An event
    dropped from the outbox reaches nobody: strict reactions elsewhere will see a gap.
    """
    kind, row = find_parked(tx, ref, lock=True)
    reason = f"dropped by {by}{': ' if why else ''}{why}; it was parked: {row.reason}"[:500]
    now = utcnow()
    if kind == "inbox":
        _change_inbox(tx, row, state=State.DROPPED, next_attempt_at=None, handled_at=now, reason=reason)
        reaction = _reaction(tx, row.reaction)
        if reaction is not None and reaction.order == "strict":
            _step_over(tx, row)
    elif kind == "outbox":
        values = {"parked_at": None, "sent_at": now, "reason": reason}
        tx.execute(update(outbox).where(outbox.c.position == row.position).values(**values))
    elif kind == "delivery":
        deliveries.drop(tx, deliveries.Which(ids=[row.id]), reason=reason)
    else:
        _close_raw(tx, row, reason)


def park_gaps(node: Node, patience: timedelta | None = None) -> int:
    """Park strict events that have waited this long for one that never arrived; answers how many.

    Ten minutes by default, times the setting ``retry_scale``. Only the first of a subject is parked, the others wait
    behind it. Should the missing event come after all, what was parked for it runs by itself.
    """
    patience = GAP_PATIENCE * node.settings.retry_scale if patience is None else patience
    strict = [reaction.name for reaction in node.service.reactions if reaction.order == "strict"]
    if not strict:
        return 0
    with node.db.begin() as tx:
        earlier = inbox.alias("earlier")
        stuck = (
            select(inbox)
            .where(
                inbox.c.reaction.in_(strict),
                inbox.c.state == State.WAITING,
                inbox.c.received_at <= db_later(tx, -patience.total_seconds()),
                ~select(earlier.c.event_id).where(_earlier(earlier, inbox.c)).exists(),
            )
            .order_by(inbox.c.received_at)
            .limit(MOST_GAPS)
            .with_for_update(skip_locked=True)
        )
        parked = 0
        for row in tx.execute(stuck).all():
            reached = tx.scalar(select(cursors.c.sequence).where(_cursor_of(row))) or 0
            if row.sequence <= reached + 1:  # its turn has come and nobody told it
                _change_inbox(tx, row, state=State.PENDING, next_attempt_at=utcnow())
                continue
            missing = f"{reached + 1}" if row.sequence == reached + 2 else f"{reached + 1} to {row.sequence - 1}"
            _change_inbox(tx, row, state=State.PARKED, reason=f"{GAP} {missing} of this subject did not arrive")
            parked += 1
    return parked


def is_gap(reason: str | None) -> bool:
    """Whether a row was parked because its predecessor never came."""
    return (reason or "").startswith(GAP)


def _step_over(tx: Session, row: Row[Any]) -> None:
    key = (row.source, row.subject)
    reached = lock_cursors(tx, row.reaction, [key])[key]
    if row.sequence <= reached:
        return
    goes_over_a_gap = is_gap(row.reason) and not _earlier_open(tx, row)
    if row.sequence > reached + 1 and not goes_over_a_gap:
        raise EarlierEventOpen(f"event {reached + 1} of this subject comes first")
    advance(tx, row.reaction, {key: row.sequence})


def _reaction(tx: Session, name: str) -> Reaction | None:
    node: Node = tx.info["node"]
    return next((reaction for reaction in node.service.reactions if reaction.name == name), None)


def _earlier_open(tx: Session, row: Row[Any]) -> bool:
    return tx.scalar(select(inbox.c.event_id).where(_earlier(inbox, row)).limit(1)) is not None


def _earlier(rows: FromClause, of: Any) -> ColumnElement[bool]:
    """Open rows of the same subject that come before ``of``."""
    return and_(
        rows.c.reaction == of.reaction,
        rows.c.source == of.source,
        rows.c.subject == of.subject,
        rows.c.sequence < of.sequence,
        rows.c.state.in_(OPEN),
    )


def _later_of(row: Row[Any]) -> ColumnElement[bool]:
    return and_(
        inbox.c.reaction == row.reaction,
        inbox.c.source == row.source,
        inbox.c.subject == row.subject,
        inbox.c.sequence > row.sequence,
    )


def _cursor_of(row: Row[Any]) -> ColumnElement[bool]:
    return and_(cursors.c.reaction == row.reaction, cursors.c.source == row.source, cursors.c.subject == row.subject)


def _change_inbox(tx: Session, row: Row[Any], **values: Any) -> None:
    this = update(inbox).where(inbox.c.event_id == row.event_id, inbox.c.reaction == row.reaction)
    tx.execute(this.values(**values))


def _close_raw(tx: Session, row: Row[Any], reason: str) -> None:
    closed = update(undecodable).where(undecodable.c.id == row.id)
    tx.execute(closed.values(dropped_at=utcnow(), reason=reason))

"""What waits for a person: reactions that gave up, events that no queue took, messages that are no event of ours.

Each is named by a short reference: ``in:<event id>:<reaction>``, ``out:<position>`` or ``raw:<id>``. Replay puts it
back on its way, drop ends it without effect; both take place in the caller's transaction, as every action does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, select, update
from sqlalchemy.orm import Session

from chassis.clock import db_later, utcnow
from chassis.deliver import put
from chassis.errors import Conflict, NotFound
from chassis.event import Undecodable, decode
from chassis.inbox import GAP, OPEN, State, cursors, inbox, undecodable
from chassis.order import advance, lock_cursors
from chassis.outbox import outbox
from chassis.service import Node, Reaction

Kind = Literal["inbox", "outbox", "undecodable"]

GAP_PATIENCE = timedelta(minutes=10)
MOST_GAPS = 1000


class NotParked(NotFound):
    """Nothing is parked under this reference (any more)."""

    code = "not_parked"


class EarlierEventOpen(Conflict):
    """A strict subject's earlier event has not taken effect: dropping a later one would lose it."""

    code = "earlier_event_open"


class StillUndecodable(Conflict):
    """These bytes are no event for this version of the code either."""

    code = "still_undecodable"


@dataclass(frozen=True)
class Parked:
    """One thing that waits for a person. ``what`` is the reaction, for the others empty; ``since`` when it came in."""

    ref: str
    kind: Kind
    what: str
    type: str
    subject: str
    sequence: int | None
    reason: str
    attempts: int
    since: datetime


@dataclass(frozen=True)
class ParkedDetail:
    """The whole of it: ``body`` as it came or would be sent; ``behind`` counts the later events that wait for it."""

    parked: Parked
    body: str
    behind: int


def list_parked(tx: Session, *, kind: Kind | None = None, what: str = "", limit: int = 100) -> list[Parked]:
    """What is parked, oldest first; of one kind or one reaction (``what``) if asked."""
    queries = {"inbox": _parked_inbox(what), "outbox": _parked_outbox(), "undecodable": _parked_raw()}
    wanted = [kind] if kind else list(queries)
    if what:
        wanted = [each for each in wanted if each == "inbox"]
    found: list[Parked] = []
    for each in wanted:
        read = _READERS[each]
        found += [read(row) for row in tx.execute(queries[each].limit(limit))]
    return sorted(found, key=lambda parked: parked.since)[:limit]


def count_parked(tx: Session) -> int:
    """How much waits for a person."""
    queries: Sequence[Select[Any]] = (_parked_inbox(""), _parked_outbox(), _parked_raw())
    return sum(tx.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0 for query in queries)


def show(tx: Session, ref: str) -> ParkedDetail:
    """One parked thing with its body; raises NotParked."""
    kind, row = _find(tx, ref)
    parked = _READERS[kind](row)
    if kind == "inbox":
        waiting = select(func.count()).where(_later_of(row), inbox.c.state == State.WAITING)
        return ParkedDetail(parked, row.envelope or "", tx.scalar(waiting) or 0)
    return ParkedDetail(parked, row.envelope if kind == "outbox" else row.body, 0)


def replay(tx: Session, ref: str, *, by: str) -> None:
    """Put it back on its way, with all its tries before it; a strict event parked for a gap goes over that gap.

    Raises NotParked, and StillUndecodable for bytes that are no event now either.
    """
    kind, row = _find(tx, ref, lock=True)
    reason = f"replayed by {by}; it was parked: {row.reason}"[:500]
    if kind == "inbox":
        forced = (row.forced or is_gap(row.reason)) and not _earlier_open(tx, row)
        again = {"state": State.PENDING, "attempts": 0, "starts": 0, "forced": forced}
        _change_inbox(tx, row, next_attempt_at=utcnow(), reason=reason, **again)
    elif kind == "outbox":
        values = {"parked_at": None, "retry_at": None, "attempts": 0, "reason": reason}
        tx.execute(update(outbox).where(outbox.c.position == row.position).values(**values))
        tx.info["emitted"] = True  # wakes the relay after the commit
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
    kind, row = _find(tx, ref, lock=True)
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


def _find(tx: Session, ref: str, *, lock: bool = False) -> tuple[Kind, Row[Any]]:
    for kind, read in (("inbox", _inbox_query), ("outbox", _outbox_query), ("undecodable", _raw_query)):
        query = read(ref)
        if query is not None:
            row = tx.execute(query.with_for_update() if lock else query).first()
            if row is not None:
                return kind, row  # type: ignore[return-value]
    raise NotParked(f"nothing is parked as {ref}")


def _inbox_query(ref: str) -> Select[Any] | None:
    prefix, _, rest = ref.partition(":")
    event_id, _, reaction = rest.partition(":")
    if prefix != "in" or not _is_uuid(event_id):
        return None
    return _parked_inbox(reaction).where(inbox.c.event_id == event_id, inbox.c.reaction == reaction)


def _outbox_query(ref: str) -> Select[Any] | None:
    prefix, _, position = ref.partition(":")
    # Longer numbers are no position, and PostgreSQL would refuse them as out of range.
    if prefix != "out" or not (position.isdecimal() and len(position) <= 18):
        return None
    return _parked_outbox().where(outbox.c.position == int(position))


def _raw_query(ref: str) -> Select[Any] | None:
    prefix, _, raw_id = ref.partition(":")
    if prefix != "raw" or not _is_uuid(raw_id):
        return None
    return _parked_raw().where(undecodable.c.id == raw_id)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _parked_inbox(reaction: str) -> Select[Any]:
    query = select(inbox).where(inbox.c.state == State.PARKED).order_by(inbox.c.received_at)
    return query.where(inbox.c.reaction == reaction) if reaction else query


def _parked_outbox() -> Select[Any]:
    return select(outbox).where(outbox.c.parked_at.is_not(None)).order_by(outbox.c.parked_at)


def _parked_raw() -> Select[Any]:
    return select(undecodable).where(undecodable.c.dropped_at.is_(None)).order_by(undecodable.c.received_at)


def _from_inbox(row: Row[Any]) -> Parked:
    ref = f"in:{row.event_id}:{row.reaction}"
    reason, since = row.reason or "", row.received_at
    return Parked(ref, "inbox", row.reaction, row.type, row.subject, row.sequence, reason, row.attempts, since)


def _from_outbox(row: Row[Any]) -> Parked:
    ref, reason = f"out:{row.position}", row.reason or ""
    return Parked(ref, "outbox", "", row.type, row.subject, None, reason, row.attempts, row.created_at)


def _from_raw(row: Row[Any]) -> Parked:
    return Parked(f"raw:{row.id}", "undecodable", "", "", "", None, row.reason, 0, row.received_at)


_READERS: dict[str, Callable[[Row[Any]], Parked]] = {
    "inbox": _from_inbox,
    "outbox": _from_outbox,
    "undecodable": _from_raw,
}

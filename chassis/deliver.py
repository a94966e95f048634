"""Exactly one effect per (event, reaction), however often and in whatever order events arrive.

``deliver`` takes what the broker brings, ``run_due`` what the inbox holds. Both end in the same place: one transaction
in which rows are claimed, the reactions run and their outcome is written. When ``deliver`` returns, every pair is
committed or remembered, so the caller may acknowledge. A failing batch is bisected until the culprit stands alone.

When the database is away ``deliver`` raises, nothing is remembered and nothing may be acknowledged: try again in place.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from sqlalchemy import or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.access import as_system
from chassis.clock import db_later, db_now, utcnow
from chassis.context import Context
from chassis.database import is_away, is_conflict
from chassis.errors import RelataError
from chassis.event import Envelope, decode
from chassis.inbox import DUE, State, inbox
from chassis.order import advance, plan
from chassis.service import Node, Reaction, Service

log = structlog.get_logger(__name__)

# Long enough to get from the claim to the row lock, short enough that a killed worker's rows soon run elsewhere.
CLAIM_LEASE = timedelta(seconds=5)
MOST_STARTS = 3
ORPHANED_AFTER_S = 3600.0
CONFLICT_TRIES = 6
CUT_OFF_TRIES = 3


@dataclass(slots=True, frozen=True)
class Pair:
    """One reaction to one event. ``attempts`` and ``starts`` as the inbox row had them when it was claimed."""

    reaction: Reaction
    envelope: Envelope
    attempts: int = 0
    starts: int = 0
    forced: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The inbox row's primary key."""
        return (self.envelope.id, self.reaction.name)


class Source(Protocol):
    """Where pairs come from: the broker (no row yet) or the inbox (a claimed row)."""

    def take(self, tx: Session, pairs: Sequence[Pair]) -> list[Pair]:
        """Those of the pairs that are this transaction's to handle, their rows locked."""

    def settle(self, tx: Session, finished: Sequence[Pair], waiting: Sequence[Pair]) -> None:
        """Write the outcome."""


def deliver(node: Node, envelopes: Sequence[Envelope], *, slow: bool | None = None) -> None:
    """Handle events fresh from the broker; then they may be acknowledged. Raises only when the database is away.

    ``slow`` says which reactions are meant when the quick and the slow ones have a queue each.
    """
    pairs = [
        Pair(reaction, envelope)
        for envelope in envelopes
        for reaction in node.service.hearing(envelope.type, slow=slow)
    ]
    _attempt(node, pairs, FROM_BROKER)


def store(node: Node, envelopes: Sequence[Envelope], *, starts: int = 0, slow: bool | None = None) -> None:
    """Put events into the inbox to be run from there; twins change nothing.

    ``starts`` counts the runs so far that may have killed a process.
    """
    if not any(node.service.hearing(envelope.type, slow=slow) for envelope in envelopes):
        return
    with node.begin(Context.fresh(f"service:{node.name}")) as tx:
        put(tx, node.service, envelopes, starts=starts, slow=slow)
    node.inbox_filled.set()


def put(
    tx: Session, service: Service, envelopes: Sequence[Envelope], *, starts: int = 0, slow: bool | None = None
) -> None:
    """``store`` in the caller's transaction."""
    now = utcnow()
    rows = [
        # A microsecond apart, so that they run in the order in which they came.
        _row(Pair(reaction, envelope), now, State.PENDING, starts=starts, due=now + timedelta(microseconds=place))
        for place, envelope in enumerate(envelopes)
        for reaction in service.hearing(envelope.type, slow=slow)
    ]
    if rows:
        rows.sort(key=lambda row: (row["event_id"], row["reaction"]))
        tx.execute(_insert(tx).on_conflict_do_nothing(), rows)


def run_due(node: Node, *, limit: int = 100) -> int:
    """Run what is due in the inbox; answers how many rows were taken up. Safe with any number of replicas."""
    batch, taken_up = _claim(node, limit=limit, suspicious=False)
    if batch:
        _attempt(node, batch, FROM_INBOX)
    # A row that was started and never ended may have killed its process: alone, so that it takes no neighbour along.
    for _ in range(limit):
        suspect, found = _claim(node, limit=1, suspicious=True)
        if not found:
            break
        taken_up += found
        if suspect:
            _attempt(node, suspect, FROM_INBOX)
    return taken_up


def _attempt(node: Node, pairs: Sequence[Pair], source: Source) -> None:
    cut_off = 0
    for tries_left in reversed(range(CONFLICT_TRIES)):
        try:
            if pairs:
                _in_one_transaction(node, pairs, source)
            return
        except (Exception, SystemExit) as error:  # whatever a reaction raises is its outcome
            failure = error
            if is_away(error):
                cut_off += 1
                if not node.db.answers():
                    raise
                # It answers others: then something in this batch may be what ends its connection.
                if cut_off < CUT_OFF_TRIES:
                    continue
            elif is_conflict(error) and tries_left:
                time.sleep(random.uniform(0.002, 0.03))
                continue
            break
    parts = _split(pairs)
    if not parts:
        _remember(node, pairs[0], failure)
    for part in parts:
        _attempt(node, part, source)


def _split(pairs: Sequence[Pair]) -> list[Sequence[Pair]]:
    """First every reaction for itself, then halves; nothing for a single pair."""
    if len(pairs) == 1:
        return []
    by_reaction = _grouped(pairs)
    if len(by_reaction) > 1:
        return list(by_reaction)
    middle = len(pairs) // 2
    return [pairs[:middle], pairs[middle:]]


def _grouped(pairs: Sequence[Pair]) -> list[list[Pair]]:
    order: dict[str, int] = {}
    for pair in pairs:
        order.setdefault(pair.reaction.name, len(order))
    arranged = sorted(pairs, key=lambda pair: order[pair.reaction.name])
    return [list(group) for _, group in groupby(arranged, key=lambda pair: pair.reaction.name)]


def _in_one_transaction(node: Node, pairs: Sequence[Pair], source: Source) -> None:
    freed = False
    with node.begin(Context.fresh(f"service:{node.name}")) as tx:
        mine = source.take(tx, pairs)
        waiting: list[Pair] = []
        for group in _grouped(mine):
            reaction = group[0].reaction
            forced = frozenset(pair.envelope.id for pair in group if pair.forced)
            todo = plan(tx, reaction, [pair.envelope for pair in group], forced)
            _run(tx, reaction, todo.run)
            freed = advance(tx, reaction.name, todo.moved) or freed
            held = {envelope.id for envelope in todo.wait}
            waiting += [pair for pair in group if pair.envelope.id in held]
        held_keys = {pair.key for pair in waiting}
        source.settle(tx, [pair for pair in mine if pair.key not in held_keys], waiting)
    if freed:
        node.inbox_filled.set()
    metrics.inbox_duplicates.labels(node.name).inc(len(pairs) - len(mine))


def _run(tx: Session, reaction: Reaction, envelopes: Sequence[Envelope]) -> None:
    if not envelopes:
        return
    as_system(tx, f"reaction {reaction.name}")
    tx.info["projection"] = bool(reaction.projection)
    began = time.perf_counter()
    if reaction.react_many is not None:
        # Not the context of an event that another reaction handled before: emit_many says which event was the cause.
        tx.info["context"] = Context.fresh(f"service:{tx.info['service']}")
        reaction.react_many(tx, envelopes)
    elif reaction.react is not None:
        for envelope in envelopes:
            tx.info["context"] = Context.caused_by(envelope)
            reaction.react(tx, envelope)
    tx.flush()
    metrics.reaction_seconds.labels(reaction.name).observe(time.perf_counter() - began)
    metrics.inbox_handled.labels(reaction.name).inc(len(envelopes))


class _FromBroker:
    """No row yet: inserting it as done is the claim, so the common case costs one statement."""

    def take(self, tx: Session, pairs: Sequence[Pair]) -> list[Pair]:
        # Sorted, so that two replicas with overlapping batches wait for each other instead of deadlocking.
        arranged = sorted(pairs, key=lambda pair: pair.key)
        if tx.get_bind().dialect.name == "postgresql":
            new = {(event_id, reaction) for event_id, reaction in tx.execute(_TAKE, _columns(arranged))}
        else:
            now = utcnow()
            statement = _insert(tx).on_conflict_do_nothing().returning(inbox.c.event_id, inbox.c.reaction)
            new = {
                (row.event_id, row.reaction) for row in tx.execute(statement, [_done(pair, now) for pair in arranged])
            }
        mine = []
        for pair in pairs:
            if pair.key in new:  # a batch may hold twins: the first one counts
                new.discard(pair.key)
                mine.append(pair)
        return mine

    def settle(self, tx: Session, finished: Sequence[Pair], waiting: Sequence[Pair]) -> None:
        _hold(tx, waiting)


# Six arrays instead of a thousand parameters: the hot path's own statement costs a third of executemany's.
_TAKE = text(
    "INSERT INTO inbox (event_id, reaction, source, subject, sequence, type, state, received_at, handled_at)"
    " SELECT e, r, o, s, q, t, 'done', :now, :now FROM unnest(CAST(:ids AS uuid[]), CAST(:reactions AS text[]),"
    " CAST(:sources AS text[]), CAST(:subjects AS text[]), CAST(:sequences AS bigint[]), CAST(:types AS text[]))"
    " AS arrived(e, r, o, s, q, t) ON CONFLICT DO NOTHING RETURNING CAST(event_id AS text), reaction"
)


def _columns(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "ids": [pair.envelope.id for pair in pairs],
        "reactions": [pair.reaction.name for pair in pairs],
        "sources": [pair.envelope.source for pair in pairs],
        "subjects": [pair.envelope.subject for pair in pairs],
        "sequences": [pair.envelope.sequence for pair in pairs],
        "types": [pair.envelope.type for pair in pairs],
        "now": utcnow(),
    }


def _done(pair: Pair, now: datetime) -> dict[str, Any]:
    envelope = pair.envelope
    return {
        "event_id": envelope.id,
        "reaction": pair.reaction.name,
        "source": envelope.source,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "type": envelope.type,
        "state": State.DONE,
        "received_at": now,
        "handled_at": now,
    }


class _FromInbox:
    """A claimed row: locked again here, since between claim and run somebody else may have dropped it."""

    def take(self, tx: Session, pairs: Sequence[Pair]) -> list[Pair]:
        keys = [pair.key for pair in pairs]
        query = (
            select(inbox.c.event_id, inbox.c.reaction, inbox.c.starts)
            .where(tuple_(inbox.c.event_id, inbox.c.reaction).in_(keys), inbox.c.state.in_(DUE))
            .order_by(inbox.c.event_id, inbox.c.reaction)
            .with_for_update()
        )
        live = {(event_id, reaction): starts for event_id, reaction, starts in tx.execute(query)}
        # Another claim after ours has raised starts: the row is that worker's now.
        return [pair for pair in pairs if live.get(pair.key) == pair.starts]

    def settle(self, tx: Session, finished: Sequence[Pair], waiting: Sequence[Pair]) -> None:
        if finished:
            tx.execute(
                update(inbox)
                .where(tuple_(inbox.c.event_id, inbox.c.reaction).in_([pair.key for pair in finished]))
                .values(state=State.DONE, envelope=None, next_attempt_at=None, handled_at=utcnow())
            )
        _hold(tx, waiting)


FROM_BROKER: Source = _FromBroker()
FROM_INBOX: Source = _FromInbox()


def _hold(tx: Session, waiting: Sequence[Pair]) -> None:
    for pair in waiting:
        tx.execute(
            update(inbox)
            .where(inbox.c.event_id == pair.envelope.id, inbox.c.reaction == pair.reaction.name)
            .values(state=State.WAITING, envelope=pair.envelope.body, starts=0, next_attempt_at=None, handled_at=None)
        )


def _claim(node: Node, *, limit: int, suspicious: bool) -> tuple[list[Pair], int]:
    """Take due rows for this worker, committed before they run: a row that kills its process is thereby counted.

    Answers them, and how many were found: those without hope are parked here.
    """
    query = (
        select(inbox)
        .where(inbox.c.state.in_(DUE), inbox.c.starts > 0 if suspicious else inbox.c.starts == 0)
        .order_by(inbox.c.next_attempt_at, inbox.c.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    reactions = {reaction.name: reaction for reaction in node.service.reactions}
    with node.db.begin() as tx:
        now = db_now(tx)
        # Unknown here may be known to a newer replica: during a rolling upgrade its rows are not ours to judge.
        ours = or_(inbox.c.reaction.in_(reactions), inbox.c.received_at <= db_later(tx, -ORPHANED_AFTER_S))
        rows = tx.execute(query.where(inbox.c.next_attempt_at <= now, ours)).all()
        hopeless = [row for row in rows if row.starts >= MOST_STARTS or row.reaction not in reactions]
        claimed = [row for row in rows if row not in hopeless]
        for row in hopeless:
            known = row.reaction in reactions
            reason = f"killed its process {row.starts} times" if known else "this service has no such reaction"
            _write(tx, [(row.event_id, row.reaction)], state=State.PARKED, next_attempt_at=None, reason=reason)
            log.error("parked", reaction=row.reaction, event_id=row.event_id, type=row.type, reason=reason)
        if claimed:
            keys = [(row.event_id, row.reaction) for row in claimed]
            _write(tx, keys, starts=inbox.c.starts + 1, next_attempt_at=utcnow() + CLAIM_LEASE)
    pairs = [
        Pair(reactions[row.reaction], decode(row.envelope), row.attempts, row.starts + 1, row.forced) for row in claimed
    ]
    return pairs, len(rows)


def _write(tx: Session, keys: Sequence[tuple[str, str]], **values: Any) -> None:
    tx.execute(update(inbox).where(tuple_(inbox.c.event_id, inbox.c.reaction).in_(keys)).values(**values))


def _remember(node: Node, pair: Pair, error: BaseException) -> None:
    """A failure is a row of its own, in a short transaction: the message can then be acknowledged."""
    attempts = pair.attempts + 1
    hopeless = (isinstance(error, RelataError) and not error.retryable) or isinstance(error, ValidationError)
    parked = hopeless or attempts > len(node.retry_delays_s)
    now = utcnow()
    row = _row(pair, now, State.PARKED if parked else State.RETRY, reason=describe(error))
    row.update(
        attempts=attempts,
        next_attempt_at=None if parked else now + timedelta(seconds=node.retry_delays_s[attempts - 1]),
    )
    with node.db.begin() as tx:
        base = _insert(tx)
        kept = {name: base.excluded[name] for name in ("state", "attempts", "starts", "next_attempt_at", "reason")}
        tx.execute(
            base.on_conflict_do_update(
                index_elements=["event_id", "reaction"], set_=kept, where=inbox.c.state.in_(DUE)
            ),
            [row],
        )
    metrics.reaction_failures.labels(pair.reaction.name, "parked" if parked else "retry").inc()
    if parked:
        envelope = pair.envelope
        log.error("parked", reaction=pair.reaction.name, event_id=envelope.id, type=envelope.type, reason=row["reason"])


def describe(error: BaseException) -> str:
    """Why it failed, in a line an operator understands, without the values (they are people's data)."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{error.title}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:500]
    return f"{type(error).__name__}: {error}".split("\n", 1)[0][:500]


def _insert(tx: Session):  # type: ignore[no-untyped-def]
    return (postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert)(inbox)


def _row(
    pair: Pair, now: datetime, state: State, *, starts: int = 0, due: datetime | None = None, reason: str | None = None
) -> dict[str, Any]:
    """An inbox row of something that is not done: it keeps the whole envelope."""
    envelope = pair.envelope
    return {
        "event_id": envelope.id,
        "reaction": pair.reaction.name,
        "source": envelope.source,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "type": envelope.type,
        "state": state,
        "envelope": envelope.body,
        "attempts": 0,
        "starts": starts,
        "next_attempt_at": due,
        "reason": reason,
        "received_at": now,
    }

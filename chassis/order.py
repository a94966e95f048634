"""Which of these events may take effect now. Each reaction declares its order; this module keeps it.

``any``     all of them.
``latest``  the newest of a subject, if it is newer than what took effect before; older ones change nothing.
``strict``  exactly the next in sequence; what comes early waits for its predecessor.

The cursor row of (reaction, source, subject) is the lock that covers replicas: it is held until the work commits.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.event import Envelope
from chassis.inbox import GAP, OPEN, State, cursors, inbox
from chassis.service import Reaction

Key = tuple[str, str]  # source, subject

_waits = or_(inbox.c.state == State.WAITING, and_(inbox.c.state == State.PARKED, inbox.c.reason.startswith(GAP)))

# A subject that waited long frees its rows in slices, so that one of them never becomes a huge transaction.
FREED_AT_ONCE = 200


@dataclass
class Plan:
    """``run`` in this order; ``wait`` is stored; everything else is finished without effect."""

    run: list[Envelope] = field(default_factory=list)
    wait: list[Envelope] = field(default_factory=list)
    moved: dict[Key, int] = field(default_factory=dict)


def plan(tx: Session, reaction: Reaction, envelopes: Sequence[Envelope], forced: frozenset[str] = frozenset()) -> Plan:
    """Decide for this batch, holding the subjects' locks until the transaction ends.

    ``forced`` holds ids of events that an operator replays although a predecessor never came.
    """
    if reaction.order == "any":
        return Plan(run=list(envelopes))
    if reaction.order == "latest":
        return _latest(tx, reaction, envelopes)
    return _strict(tx, reaction, envelopes, forced)


def _latest(tx: Session, reaction: Reaction, envelopes: Sequence[Envelope]) -> Plan:
    newest: dict[Key, Envelope] = {}
    for envelope in envelopes:
        key = (envelope.source, envelope.subject)
        if key not in newest or envelope.sequence > newest[key].sequence:
            newest[key] = envelope
    raised = _raise_cursors(tx, reaction.name, {key: envelope.sequence for key, envelope in newest.items()})
    return Plan(run=[envelope for key, envelope in newest.items() if key in raised])


def _raise_cursors(tx: Session, reaction: str, sequences: dict[Key, int]) -> set[Key]:
    """Move cursors forward, never back; answers the subjects for which this was news."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    base = insert(cursors)
    upsert = base.on_conflict_do_update(
        index_elements=["reaction", "source", "subject"],
        set_={"sequence": base.excluded.sequence},
        where=is_newer(base.excluded.sequence, cursors.c.sequence),
    ).returning(cursors.c.source, cursors.c.subject)
    rows = [
        {"reaction": reaction, "source": source, "subject": subject, "sequence": sequences[source, subject]}
        for source, subject in sorted(sequences)
    ]
    return {(source, subject) for source, subject in tx.execute(upsert, rows)}


def is_newer(incoming: ColumnElement[int], known: ColumnElement[int]) -> ColumnElement[bool]:
    """The sequence check of ``latest``."""
    return incoming > known


def _strict(tx: Session, reaction: Reaction, envelopes: Sequence[Envelope], forced: frozenset[str]) -> Plan:
    by_subject: dict[Key, list[Envelope]] = defaultdict(list)
    for envelope in envelopes:
        by_subject[envelope.source, envelope.subject].append(envelope)
    reached = lock_cursors(tx, reaction.name, sorted(by_subject))
    if forced:
        forced -= _behind_open_rows(tx, reaction.name, forced)
    result = Plan()
    for key, queue in by_subject.items():
        for envelope in sorted(queue, key=lambda envelope: envelope.sequence):
            if envelope.sequence <= reached[key]:
                continue  # took effect before: a twin under another id, or replayed after a drop
            if envelope.sequence == reached[key] + 1 or envelope.id in forced:
                reached[key] = result.moved[key] = envelope.sequence
                if envelope.type in reaction.types:
                    result.run.append(envelope)
            else:
                result.wait.append(envelope)
    return result


def _behind_open_rows(tx: Session, reaction: str, forced: frozenset[str]) -> frozenset[str]:
    """Of the forced events those whose predecessor came after all and is not done: going over it would lose it."""
    earlier = inbox.alias("earlier")
    is_earlier = and_(
        earlier.c.reaction == inbox.c.reaction,
        earlier.c.source == inbox.c.source,
        earlier.c.subject == inbox.c.subject,
        earlier.c.sequence < inbox.c.sequence,
        earlier.c.state.in_(OPEN),
    )
    mine = and_(inbox.c.reaction == reaction, inbox.c.event_id.in_(sorted(forced)))
    return frozenset(tx.scalars(select(inbox.c.event_id).join(earlier, is_earlier).where(mine)))


def lock_cursors(tx: Session, reaction: str, keys: Sequence[Key]) -> dict[Key, int]:
    """The last sequence that took effect for each subject, locked until the transaction ends."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"reaction": reaction, "source": source, "subject": subject, "sequence": 0} for source, subject in keys]
    # With RETURNING many rows go in one statement; without it psycopg2 would send them one by one.
    tx.execute(insert(cursors).on_conflict_do_nothing().returning(cursors.c.subject), rows)
    found = tx.execute(_locked(_cursors_of(reaction, keys)))
    return {(row.source, row.subject): row.sequence for row in found}


def _cursors_of(reaction: str, keys: Sequence[Key]) -> Select[tuple[str, str, int]]:
    return (
        select(cursors.c.source, cursors.c.subject, cursors.c.sequence)
        .where(cursors.c.reaction == reaction, tuple_(cursors.c.source, cursors.c.subject).in_(keys))
        .order_by(cursors.c.source, cursors.c.subject)
    )


def _locked(query: Select[tuple[str, str, int]]) -> Select[tuple[str, str, int]]:
    return query.with_for_update()


def advance(tx: Session, reaction: str, moved: dict[Key, int]) -> bool:
    """Store how far strict subjects have got, and free what waited for it. Answers whether something was freed."""
    if not moved:
        return False
    _raise_cursors(tx, reaction, moved)
    follows = [
        and_(
            inbox.c.source == source,
            inbox.c.subject == subject,
            inbox.c.sequence.between(sequence + 1, sequence + FREED_AT_ONCE),
        )
        for (source, subject), sequence in sorted(moved.items())
    ]
    freed = 0
    for start in range(0, len(follows), 200):
        statement = (
            update(inbox)
            .where(inbox.c.reaction == reaction, _waits, or_(*follows[start : start + 200]))
            .values(state=State.PENDING, starts=0, next_attempt_at=utcnow())
        )
        freed += tx.execute(statement).rowcount  # type: ignore[attr-defined]
    return freed > 0

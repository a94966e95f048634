"""Working through a handover, a bounded number of records a transaction.

Each batch ends with ``sales.handover.advanced``, and hearing that begins the next one: a process that dies leaves an
event that was not dealt with, so another goes on where it was. A batch takes what is still the leaving seller's, and an
event takes effect once, so that nothing is moved twice.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.history import field_history, history_rows
from chassis.outbox import emit, emit_many
from chassis.rows import insert_rows
from events.gateway import HandoverState
from events.handovers import HandoverProgress, Moved
from events.sales import HandoverAdvanced
from services.sales.changes import difference
from services.sales.handovers.kinds import KIND_OF, KINDS, Kind
from services.sales.handovers.model import handed_over, handover_customers, handovers, next_in_turn
from services.sales.handovers.queries import get_handover, open_records_of, some_open

AT_ONCE = 200


def begin(tx: Session, asked: HandoverState) -> None:
    """Take in what is to be moved, and move the first of it; twice is once."""
    rows = {
        "id": asked.id,
        "from_user_id": asked.from_user_id,
        "shares": [share.model_dump(mode="json") for share in asked.shares],
        "note": asked.note,
        "phase": "moving",
        "counts": {noun: {"found": found} for noun, found in open_records_of(tx, asked.from_user_id).items()},
        "given": {},
    }
    dialect: Any = postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
    known = dialect.insert(handovers).on_conflict_do_nothing().returning(handovers.c.id)
    if tx.scalar(known.values(**rows)) is not None:
        move_some(tx, asked.id)


def revoke(tx: Session, handover_id: str) -> None:
    """Begin to give back what nobody has given to somebody else since; twice is once."""
    handover = get_handover(tx, handover_id, lock=True)
    if handover is not None and handover.phase == "moving":
        tx.execute(update(handovers).where(handovers.c.id == handover_id).values(phase="returning"))
        return_some(tx, handover_id)


def go_on(tx: Session, handover_id: str) -> None:
    """The next batch of whatever is under way."""
    handover = get_handover(tx, handover_id)
    if handover is not None and handover.phase == "moving":
        move_some(tx, handover_id)
    elif handover is not None:
        return_some(tx, handover_id)


def move_some(tx: Session, handover_id: str) -> None:
    """Move some of what is left, of one kind after the other, and say how far it has got."""
    handover = get_handover(tx, handover_id, lock=True)
    assert handover is not None
    turns, left = _Turns(tx, handover), AT_ONCE
    counts = {noun: Moved.model_validate(each) for noun, each in handover.counts.items()}
    for kind in KINDS:
        records = some_open(tx, kind, handover.from_user_id, left) if left else []
        if records:
            turns.learn({kind.customer(record) for record in records})
            _move(tx, handover, kind, [(record, turns.of(kind.customer(record))) for record in records])
            count = counts[kind.noun]
            moved = count.moved + len(records)
            # What came to the seller since the start is moved as well.
            counts[kind.noun] = count.model_copy(update={"moved": moved, "found": max(count.found, moved)})
        left -= len(records)
    turns.store()
    _advance(tx, handover, counts, done=left > 0, given=turns.given)


class _Turns:
    """Which customer goes to whom, as decided so far and from now on."""

    def __init__(self, tx: Session, handover: Any) -> None:
        self.tx, self.handover = tx, handover
        self.given: dict[str, int] = dict(handover.given)
        self._teams = {each["to_user_id"]: each["team_id"] for each in handover.shares}
        self._known: dict[str, str] = {}
        self._new: list[dict[str, Any]] = []

    def learn(self, refs: Collection[str]) -> None:
        """Look up in one go what was decided about these customers before."""
        columns = handover_customers.c
        chosen = select(columns.ref, columns.to_user_id).where(
            columns.handover_id == self.handover.id, columns.ref.in_(sorted(set(refs) - self._known.keys()))
        )
        self._known.update({row.ref: row.to_user_id for row in self.tx.execute(chosen)})

    def of(self, ref: str) -> tuple[str, str | None]:
        """The new owner of what is this customer's, and their team."""
        to_user_id = self._known.get(ref) or self._decide(ref)
        self._known[ref] = to_user_id
        return to_user_id, self._teams[to_user_id]

    def _decide(self, ref: str) -> str:
        chosen, place = next_in_turn(self.handover.shares, self.given), sum(self.given.values()) + 1
        self.given[chosen] = self.given.get(chosen, 0) + 1
        self._new.append({"handover_id": self.handover.id, "ref": ref, "to_user_id": chosen, "place": place})
        return chosen

    def store(self) -> None:
        """Keep what was decided."""
        insert_rows(self.tx, handover_customers, self._new)


def _move(tx: Session, handover: Any, kind: Kind, moves: Sequence[tuple[Any, tuple[str, str | None]]]) -> None:
    rows = [
        {
            "handover_id": handover.id,
            "noun": kind.noun,
            "record_id": record.id,
            "from_team_id": record.team_id,
            "to_user_id": to_user_id,
            "outcome": "moved",
        }
        for record, (to_user_id, _) in moves
    ]
    _give(tx, handover, kind, moves)
    # After the records' own history was written: what is later than this was done by somebody else.
    at = utcnow()
    insert_rows(tx, handed_over, [{**row, "at": at} for row in rows])


def _give(tx: Session, handover: Any, kind: Kind, moves: Sequence[tuple[Any, tuple[str, str | None]]]) -> None:
    """These records get these owners and teams, with history that says why, and are announced."""
    before = {record.id: record.published() for record, _ in moves}
    for record, (owner_id, team_id) in moves:
        record.owner_id, record.team_id = owner_id, team_id
    tx.flush()
    why = {"id": handover.id, "note": handover.note}
    told = [row for record, _ in moves for row in history_rows(tx, kind.noun, record.id, [("handover", None, why)])]
    tx.execute(insert(field_history), told)
    event: Any = kind.assigned
    emit_many(
        tx,
        [
            (
                event(
                    **{kind.noun: record.state()},
                    **kind.more(record),
                    changed=difference(before[record.id], record.published()),
                    handover_id=handover.id,
                ),
                None,
            )
            for record, _ in moves
        ],
    )


def return_some(tx: Session, handover_id: str) -> None:
    """Give back some of what was moved, unless it has had another owner since, and say how far it has got."""
    handover = get_handover(tx, handover_id, lock=True)
    assert handover is not None
    columns = handed_over.c
    chosen = select(handed_over).where(columns.handover_id == handover_id, columns.outcome == "moved")
    rows = tx.execute(chosen.order_by(columns.noun, columns.record_id).limit(AT_ONCE)).all()
    counts = {noun: Moved.model_validate(each) for noun, each in handover.counts.items()}
    for noun in sorted({row.noun for row in rows}):
        mine = [row for row in rows if row.noun == noun]
        returned = _return(tx, handover, KIND_OF[noun], mine)
        count = counts[noun]
        kept = count.kept + len(mine) - returned
        counts[noun] = count.model_copy(update={"returned": count.returned + returned, "kept": kept})
    _advance(tx, handover, counts, done=len(rows) < AT_ONCE)


def _return(tx: Session, handover: Any, kind: Kind, rows: Sequence[Any]) -> int:
    ids = [row.record_id for row in rows]
    found = tx.scalars(select(kind.model).where(kind.model.id.in_(ids)).order_by(kind.model.id).with_for_update())
    records = {record.id: record for record in found}
    given_on = _given_on(tx, kind.noun, rows)
    back = [
        (records[row.record_id], (handover.from_user_id, row.from_team_id))
        for row in rows
        if row.record_id in records
        and records[row.record_id].owner_id == row.to_user_id
        and row.record_id not in given_on
    ]
    if back:
        _give(tx, handover, kind, back)
    returned = {record.id for record, _ in back}
    outcome = {row.record_id: "returned" if row.record_id in returned else "kept" for row in rows}
    this = (handed_over.c.handover_id == handover.id, handed_over.c.noun == kind.noun)
    stored = update(handed_over).where(*this, handed_over.c.record_id == bindparam("this_id"))
    became = [{"this_id": record_id, "became": what} for record_id, what in outcome.items()]
    tx.execute(stored.values(outcome=bindparam("became")), became)
    return len(back)


def _given_on(tx: Session, noun: str, rows: Sequence[Any]) -> set[str]:
    """Which of these have had another owner since they were moved, even if they came back."""
    history = field_history.c
    last = select(history.record_id, func.max(history.changed_at)).where(
        history.record_id.in_([row.record_id for row in rows]),
        history.record_type == noun,
        history.field == "owner_id",
    )
    latest = dict(tx.execute(last.group_by(history.record_id)).all())
    return {row.record_id for row in rows if row.record_id in latest and latest[row.record_id] > row.at}


def _advance(
    tx: Session, handover: Any, counts: Mapping[str, Moved], *, done: bool, given: dict[str, int] | None = None
) -> None:
    phase = get_handover(tx, handover.id)
    assert phase is not None
    stored = {noun: count.model_dump() for noun, count in counts.items()}
    values = {"counts": stored, **({"given": given} if given is not None else {})}
    tx.execute(update(handovers).where(handovers.c.id == handover.id).values(**values))
    progress = HandoverProgress(id=handover.id, phase=phase.phase, done=done, counts=dict(counts))
    emit(tx, HandoverAdvanced(handover=progress))

"""Working through a handover, a bounded number of activities a transaction: see ``services/sales/handovers``.

Who gets an activity is whoever got the record that it is about.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.history import field_history, history_rows
from chassis.outbox import emit, emit_many
from chassis.rows import insert_rows
from events.activities import ActivityAssigned, HandoverAdvanced
from events.gateway import HandoverState
from events.handovers import HandoverProgress, Moved
from services.activities.activities.model import Activity
from services.activities.handovers.model import handed_over, handovers
from services.activities.handovers.queries import get_handover, planned_of, some_planned, who_has

AT_ONCE = 200
_KIND = "activity"


def begin(tx: Session, asked: HandoverState) -> None:
    """Take in what is to be moved; it begins when sales is through."""
    shares = [share.model_dump(mode="json") for share in asked.shares]
    _note(tx, asked.id, from_user_id=asked.from_user_id, shares=shares, note=asked.note)


def sales_is_through(tx: Session, handover_id: str) -> None:
    """The records have their new owners."""
    _note(tx, handover_id, sales_done=True)


def _note(tx: Session, handover_id: str, **facts: Any) -> None:
    dialect: Any = postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
    new = {"id": handover_id, "sales_done": False, "phase": "waiting", "counts": {}, **facts}
    tx.execute(dialect.insert(handovers).values(**new).on_conflict_do_update(index_elements=["id"], set_=facts))
    handover = get_handover(tx, handover_id)
    assert handover is not None
    if handover.phase == "waiting" and handover.sales_done and handover.from_user_id:
        counts = {_KIND: {"found": planned_of(tx, handover.from_user_id)}}
        tx.execute(update(handovers).where(handovers.c.id == handover_id).values(phase="moving", counts=counts))
        move_some(tx, handover_id)


def revoke(tx: Session, handover_id: str) -> None:
    """Begin to give back what nobody has given to somebody else since; twice is once."""
    handover = get_handover(tx, handover_id)
    if handover is not None and handover.phase == "moving":
        tx.execute(update(handovers).where(handovers.c.id == handover_id).values(phase="returning"))
        return_some(tx, handover_id)


def go_on(tx: Session, handover_id: str) -> None:
    """The next batch of whatever is under way."""
    handover = get_handover(tx, handover_id)
    if handover is not None:
        (move_some if handover.phase == "moving" else return_some)(tx, handover_id)


def move_some(tx: Session, handover_id: str) -> None:
    """Move some of what is left, and say how far it has got."""
    handover = get_handover(tx, handover_id)
    assert handover is not None
    activities = some_planned(tx, handover.from_user_id, AT_ONCE)
    moves = _targets(tx, handover, activities)
    rows = [
        {
            "handover_id": handover_id,
            "activity_id": activity.id,
            "from_team_id": activity.team_id,
            "to_user_id": to_user_id,
            "outcome": "moved",
        }
        for activity, (to_user_id, _) in moves
    ]
    _give(tx, handover, moves)
    at = utcnow()
    insert_rows(tx, handed_over, [{**row, "at": at} for row in rows])
    count = Moved.model_validate(handover.counts[_KIND])
    moved = count.moved + len(moves)
    count = count.model_copy(update={"moved": moved, "found": max(moved, count.found)})
    _advance(tx, handover, count, done=len(moves) < AT_ONCE)


def _targets(
    tx: Session, handover: Any, activities: Sequence[Activity]
) -> list[tuple[Activity, tuple[str, str | None]]]:
    teams = {each["to_user_id"]: each["team_id"] for each in handover.shares}
    owners = who_has(tx, {activity.regarding for activity in activities}, teams) if len(teams) > 1 else {}
    users = sorted(teams)
    moves = []
    for place, activity in enumerate(activities):
        to_user_id = owners.setdefault(activity.regarding, users[place % len(users)])
        moves.append((activity, (to_user_id, teams[to_user_id])))
    return moves


def _give(tx: Session, handover: Any, moves: Sequence[tuple[Activity, tuple[str, str | None]]]) -> None:
    if not moves:
        return
    before = {activity.id: (activity.owner_id, activity.team_id) for activity, _ in moves}
    for activity, (owner_id, team_id) in moves:
        activity.owner_id, activity.team_id = owner_id, team_id
    tx.flush()
    why = {"id": handover.id, "note": handover.note}
    told = [row for each, _ in moves for row in history_rows(tx, _KIND, each.id, [("handover", None, why)])]
    tx.execute(insert(field_history), told)
    events = []
    for activity, (owner_id, team_id) in moves:
        old = dict(zip(("owner_id", "team_id"), before[activity.id], strict=True))
        new = {"owner_id": owner_id, "team_id": team_id}
        changed = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
        events.append((ActivityAssigned(activity=activity.state(), changed=changed, handover_id=handover.id), None))
    emit_many(tx, events)


def return_some(tx: Session, handover_id: str) -> None:
    """Give back some of what was moved, unless it has had another owner since, and say how far it has got."""
    handover = get_handover(tx, handover_id)
    assert handover is not None
    columns = handed_over.c
    chosen = select(handed_over).where(columns.handover_id == handover_id, columns.outcome == "moved")
    rows = tx.execute(chosen.order_by(columns.activity_id).limit(AT_ONCE)).all()
    back = _still_theirs(tx, rows)
    _give(tx, handover, [(activity, (handover.from_user_id, team_id)) for activity, team_id in back])
    returned = {activity.id for activity, _ in back}
    stored = update(handed_over).where(columns.handover_id == handover_id, columns.activity_id == bindparam("this_id"))
    became = [
        {"this_id": row.activity_id, "became": "returned" if row.activity_id in returned else "kept"} for row in rows
    ]
    if became:
        tx.execute(stored.values(outcome=bindparam("became")), became)
    count = Moved.model_validate(handover.counts[_KIND])
    kept = count.kept + len(rows) - len(back)
    count = count.model_copy(update={"returned": count.returned + len(back), "kept": kept})
    _advance(tx, handover, count, done=len(rows) < AT_ONCE)


def _still_theirs(tx: Session, rows: Sequence[Any]) -> list[tuple[Activity, str | None]]:
    """Those that whoever got them has had ever since, each with the team that it was in."""
    ids = [row.activity_id for row in rows]
    chosen = select(Activity).where(Activity.id.in_(ids)).order_by(Activity.id).with_for_update()
    found = {activity.id: activity for activity in tx.scalars(chosen)}
    history = field_history.c
    last = select(history.record_id, func.max(history.changed_at)).where(
        history.record_id.in_(ids), history.record_type == _KIND, history.field == "owner_id"
    )
    latest = dict(tx.execute(last.group_by(history.record_id)).all())
    return [
        (found[row.activity_id], row.from_team_id)
        for row in rows
        if row.activity_id in found
        and found[row.activity_id].owner_id == row.to_user_id
        and latest[row.activity_id] <= row.at
    ]


def _advance(tx: Session, handover: Any, count: Moved, *, done: bool) -> None:
    counts = {_KIND: count}
    this = update(handovers).where(handovers.c.id == handover.id)
    tx.execute(this.values(counts={_KIND: count.model_dump()}))
    emit(
        tx, HandoverAdvanced(handover=HandoverProgress(id=handover.id, phase=handover.phase, done=done, counts=counts))
    )

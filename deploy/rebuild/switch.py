"""From the old contents to the new ones, in one transaction, with the live reaction held for a moment.

While it is held, the rest of the feed is replayed. What the live reaction has done and the feed does not hold yet
would be lost by switching, so then everything is let go and tried again. What the shadow has done and the live reaction
has not is marked as done, so that no event takes effect twice.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis.access import UNFILTERED
from chassis.clock import db_later, utcnow
from chassis.context import Context
from chassis.database import is_conflict
from chassis.inbox import OPEN, State, cursors, inbox
from chassis.order import advance
from chassis.service import Node, Reaction
from deploy.rebuild.replay import BY, Replayed
from deploy.rebuild.shadow import Shadow, rows_of
from deploy.trouble import Trouble

AGAIN_AFTER_S = 0.3
AT_ONCE = 500
# Clocks of workers differ, and a row is dated before its transaction commits.
SLACK = timedelta(minutes=10)
# An event older than this does not arrive any more: inbox rows themselves are kept for 30 days.
STILL_ARRIVES = timedelta(days=35)

T = TypeVar("T")
Subject = tuple[str, str]


class FeedBehind(Exception):
    """The live projection knows something that has not been replayed."""


@dataclass
class Difference:
    """How far shadow and live were apart at a moment; a sequence for each subject, or ids of events.

    ``behind``: what live had and the shadow had not. ``ahead``, ``unheard``: the other way round. What live does
    after ``since`` is judged at the switch.
    """

    since: datetime
    behind: dict[Subject, int] = field(default_factory=dict)
    behind_ids: set[str] = field(default_factory=set)
    ahead: dict[Subject, int] = field(default_factory=dict)
    unheard: set[str] = field(default_factory=set)


def switch(live: Node, shadow: Shadow, catch_up: Callable[[], Replayed], *, patience_s: float) -> int:
    """Replace the live contents by the shadow's; answers how many rows there are now. Raises Trouble."""
    deadline = time.monotonic() + patience_s
    difference = compare(live, shadow)
    brought = Replayed()
    while True:
        brought.add(catch_up())
        try:
            _must_have_caught_up(shadow, difference)
            return _try_to_switch(live, shadow, catch_up, difference, brought)
        except FeedBehind as error:
            reason = str(error)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
            reason = "the live tables stayed locked by others"
        if time.monotonic() > deadline:
            raise Trouble(f"{reason}; nothing was changed")
        time.sleep(AGAIN_AFTER_S)


def _try_to_switch(
    live: Node, shadow: Shadow, catch_up: Callable[[], Replayed], difference: Difference, brought: Replayed
) -> int:
    reaction = shadow.reaction
    with live.begin(Context.fresh(BY)) as tx:
        _hold(tx, [inbox, cursors, *reaction.projection])
        brought.add(catch_up())
        with shadow.node.read() as made:
            _must_not_lose(tx, made, reaction, difference.since)
            count = _replace(tx, made, reaction)
            _settle_inbox(tx, made, reaction, difference.unheard | brought.ids)
            if reaction.order != "any":
                moved = difference.ahead | _reached(made, reaction, brought.subjects)
                for some in _slices(sorted(moved.items())):
                    advance(tx, reaction.name, dict(some))
    return count


def compare(live: Node, shadow: Shadow) -> Difference:
    """Everything that one of the two has heard and the other has not."""
    reaction = shadow.reaction
    with live.read() as tx, shadow.node.read() as made:
        difference = Difference(since=tx.scalars(select(db_later(tx, -SLACK.total_seconds()))).one())
        if reaction.order == "any":
            done = select(inbox.c.event_id).where(inbox.c.reaction == reaction.name, inbox.c.state == State.DONE)
            for part in tx.scalars(done).partitions(AT_ONCE):
                difference.behind_ids |= set(part) - _done(made, reaction, part)
            for part in made.scalars(done).partitions(AT_ONCE):
                difference.unheard |= {each for each in part if _still_arrives(each)} - _known(tx, reaction, part)
        else:
            for there in _cursors(tx, reaction):
                difference.behind |= _lacking(there, _reached(made, reaction, there))
            for here in _cursors(made, reaction):
                difference.ahead |= _lacking(here, _reached(tx, reaction, here))
    return difference


def _lacking(wanted: dict[Subject, int], reached: dict[Subject, int]) -> dict[Subject, int]:
    return {subject: sequence for subject, sequence in wanted.items() if reached.get(subject, 0) < sequence}


def _must_have_caught_up(shadow: Shadow, difference: Difference) -> None:
    reaction = shadow.reaction
    with shadow.node.read() as made:
        difference.behind = _lacking(difference.behind, _reached(made, reaction, difference.behind))
        for part in _slices(sorted(difference.behind_ids)):
            difference.behind_ids -= _done(made, reaction, part)
    if missing := [*(subject for _, subject in difference.behind), *difference.behind_ids]:
        raise FeedBehind(
            f"the feed does not hold all that {reaction.name} knows: {len(missing)} missing, e.g. about {missing[0]}; "
            "the worker of channels is behind, or the feed no longer reaches back so far"
        )


def _hold(tx: Session, tables: Sequence[Table]) -> None:
    """Nobody else writes to these until the transaction ends. Inbox first, as the live reaction takes its locks."""
    if tx.get_bind().dialect.name != "postgresql":
        return  # a writing transaction on SQLite excludes every other one
    connection = tx.connection()
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = '60s'")
    names = ", ".join(f'"{table.name}"' for table in tables)
    connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def _must_not_lose(tx: Session, made: Session, reaction: Reaction, since: datetime) -> None:
    recent = select(inbox.c.event_id).where(
        inbox.c.reaction == reaction.name, inbox.c.state == State.DONE, inbox.c.handled_at >= since
    )
    for part in tx.scalars(recent).partitions(AT_ONCE):
        missing = set(part) - _done(made, reaction, part)
        if missing:
            raise FeedBehind(f"the feed does not hold what {reaction.name} did just now; is channels' worker running?")


def _replace(tx: Session, made: Session, reaction: Reaction) -> int:
    marked = {UNFILTERED: f"rebuild {reaction.name}"}
    tables = [table for table in reaction.projection[0].metadata.sorted_tables if table in reaction.projection]
    for table in reversed(tables):
        tx.execute(delete(table).execution_options(**marked))
    count = 0
    for table in tables:
        for rows in rows_of(made, table):
            tx.execute(table.insert().execution_options(**marked), rows)
            count += len(rows)
    return count


def _settle_inbox(tx: Session, made: Session, reaction: Reaction, unheard: Collection[str]) -> None:
    """Whatever the shadow has done needs not be done again, whether it waits here or has not even arrived."""
    done = {"state": State.DONE, "envelope": None, "next_attempt_at": None, "handled_at": utcnow()}
    open_rows = select(inbox.c.event_id).where(inbox.c.reaction == reaction.name, inbox.c.state.in_(OPEN))
    for part in _slices(tx.scalars(open_rows).all()):
        ids = sorted(_done(made, reaction, part))
        tx.execute(update(inbox).where(inbox.c.reaction == reaction.name, inbox.c.event_id.in_(ids)).values(done))
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    for part in _slices(sorted(unheard)):
        chosen = select(inbox).where(
            inbox.c.reaction == reaction.name, inbox.c.event_id.in_(part), inbox.c.state == State.DONE
        )
        rows = [
            dict(row) | {"received_at": utcnow(), "handled_at": utcnow()} for row in made.execute(chosen).mappings()
        ]
        if rows:
            tx.execute(insert(inbox).on_conflict_do_nothing(), rows)


def _done(tx: Session, reaction: Reaction, ids: Sequence[str]) -> set[str]:
    chosen = (inbox.c.reaction == reaction.name, inbox.c.state == State.DONE, inbox.c.event_id.in_(ids))
    return set(tx.scalars(select(inbox.c.event_id).where(*chosen)))


def _known(tx: Session, reaction: Reaction, ids: Sequence[str]) -> set[str]:
    return set(tx.scalars(select(inbox.c.event_id).where(inbox.c.reaction == reaction.name, inbox.c.event_id.in_(ids))))


def _cursors(tx: Session, reaction: Reaction) -> Iterator[dict[Subject, int]]:
    columns = (cursors.c.source, cursors.c.subject, cursors.c.sequence)
    for part in tx.execute(select(*columns).where(cursors.c.reaction == reaction.name)).partitions(AT_ONCE):
        yield {(source, subject): sequence for source, subject, sequence in part}


def _reached(tx: Session, reaction: Reaction, subjects: Collection[Subject]) -> dict[Subject, int]:
    """How far the reaction has got with these subjects."""
    found: dict[Subject, int] = {}
    for some in _slices(sorted(subjects)):
        chosen = select(cursors.c.source, cursors.c.subject, cursors.c.sequence).where(
            cursors.c.reaction == reaction.name, tuple_(cursors.c.source, cursors.c.subject).in_(some)
        )
        found |= {(source, subject): sequence for source, subject, sequence in tx.execute(chosen)}
    return found


def _still_arrives(event_id: str) -> bool:
    made_ms = int(event_id.replace("-", "")[:12], 16)  # ids are UUIDv7: they begin with their time
    return made_ms / 1000 > time.time() - STILL_ARRIVES.total_seconds()


def _slices(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while some := list(islice(remaining, AT_ONCE)):
        yield some

"""Feeding a shadow from the feed, in slices, each remembered when it is done."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from chassis import parked
from chassis.context import Context
from chassis.deliver import deliver, run_due
from chassis.event import Envelope, decode
from chassis.inbox import DUE, State, cursors, inbox
from chassis.service import Node, Reaction
from deploy.rebuild.shadow import Shadow
from services.channels.feed.queries import end_of_feed, read_feed

SLICE = 500
BY = "operator:rebuild"
# Between failing tries; the shadow's are this short.
_TRIES_TAKE_S = 10.0


@dataclass
class Replayed:
    """What one go through the feed brought: subjects (source, subject) and ids of events."""

    subjects: set[tuple[str, str]] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    def add(self, more: "Replayed") -> None:
        """And what another go brought."""
        self.subjects |= more.subjects
        self.ids |= more.ids


def types_of(reaction: Reaction) -> list[str]:
    """The types to ask the feed for; empty for every type there is."""
    if reaction.everything:
        return []
    return sorted(
        binding.removesuffix("#") + "*" if binding.endswith("#") else binding for binding in reaction.bindings
    )


def oldest_time(tx: Session) -> datetime | None:
    """When the oldest event that the feed still holds happened; None when it holds none."""
    first = read_feed(tx, 0, limit=1).events
    return decode(first[0].envelope).time if first else None


def replay(shadow: Shadow, feed: Node, tell: Callable[[int, int], None]) -> Replayed:
    """Replay up to the end of the feed, which may move on meanwhile. ``tell`` hears position and end."""
    types = types_of(shadow.reaction)
    brought = Replayed()
    position = shadow.position()
    while True:
        with feed.read() as tx:
            end = end_of_feed(tx)
            reading = read_feed(tx, position, types, SLICE)
        envelopes = [decode(told.envelope) for told in reading.events]
        _run(shadow.node, envelopes)
        brought.ids |= {envelope.id for envelope in envelopes}
        brought.subjects |= {(envelope.source, envelope.subject) for envelope in envelopes}
        if reading.cursor != position:
            position = reading.cursor
            shadow.reached(position)
        tell(position, end)
        if len(envelopes) < SLICE:
            return brought


def _run(node: Node, envelopes: Sequence[Envelope]) -> None:
    if envelopes:
        deliver(node, envelopes)
    while run_due(node, limit=SLICE):
        pass


def settle(shadow: Shadow, live: Node) -> list[str]:
    """Bring what failed or waits as far as it will go; answers the reasons of what stays undone.

    A failure may have been about the order of events, and operators may have decided about others.
    """
    before = -1
    while True:
        _finish_tries(shadow.node)
        parked.park_gaps(shadow.node, timedelta(0))
        with shadow.node.read() as tx:
            stuck = tx.execute(_stuck()).all()
        if not stuck or len(stuck) == before:
            return [f"{row.type} of {row.subject}: {row.reason}" for row in stuck]
        before = len(stuck)
        for row in stuck:
            with live.read() as tx:
                decided = _decided(tx, row)
            with shadow.node.begin(Context.fresh(BY)) as tx:
                settle_one = parked.drop if decided is State.DROPPED else parked.replay
                if decided is not None or not parked.is_gap(row.reason):
                    settle_one(tx, f"in:{row.event_id}:{row.reaction}", by=BY)


def _finish_tries(node: Node) -> None:
    deadline = time.monotonic() + _TRIES_TAKE_S
    while time.monotonic() < deadline:
        _run(node, ())
        with node.read() as tx:
            if not tx.scalar(select(func.count()).where(inbox.c.state.in_(DUE))):
                return
        time.sleep(0.05)


def _stuck() -> Select[Any]:
    return select(inbox).where(inbox.c.state == State.PARKED).order_by(inbox.c.sequence)


def _decided(tx: Session, row: Row[Any]) -> State | None:
    """What became of this event in the live projection: dropped, done (perhaps over a gap), or nothing yet."""
    mine = select(inbox.c.state).where(inbox.c.event_id == row.event_id, inbox.c.reaction == row.reaction)
    state = tx.scalar(mine)
    if state in (State.DONE, State.DROPPED):
        return State(state)
    of_subject = (
        cursors.c.reaction == row.reaction,
        cursors.c.source == row.source,
        cursors.c.subject == row.subject,
        cursors.c.sequence >= row.sequence,
    )
    # Its row is forgotten after a month, the cursor that went over it stays.
    passed = state is None and tx.scalar(select(cursors.c.sequence).where(*of_subject)) is not None
    return State.DONE if passed else None

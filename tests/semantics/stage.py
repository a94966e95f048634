"""Plays a history in this process: real nodes and databases, a broker that is a list, kills that are exceptions."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from chassis.arrivals import Message, take_in
from chassis.clock import utcnow
from chassis.context import Context
from chassis.database import Database, chassis_metadata
from chassis.deliver import run_due
from chassis.event import Envelope
from chassis.inbox import DUE, State, inbox
from chassis.outbox import emit, outbox
from chassis.parked import EarlierEventOpen, NotParked, Parked, drop, list_parked, park_gaps, replay
from chassis.relay import Relay
from chassis.service import Node
from chassis.transport import Letter, Outcome
from tests.semantics.history import Crash, Deliver, Emit, Heal, Operate, ParkGaps, RunDue, Send, Step, Twin
from tests.semantics.model import Story
from tests.semantics.shop import KINDS, STRICT, Tries

MOST_ROUNDS = 60


class Killed(BaseException):
    """The process died here. Not an Exception: nothing in the product may catch it."""


def kill() -> None:
    """What a poison does to this process."""
    raise Killed


class Fuse:
    """Kills at the n-th commit of a database from now, before or after it."""

    def __init__(self, database: Database) -> None:
        self._left = 0
        self._after = False
        self._begin = database.begin
        database.begin = self._fused  # type: ignore[method-assign]

    @contextmanager
    def _fused(self) -> Iterator[Session]:
        with self._begin() as tx:
            yield tx
            tx.flush()
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
        if self._left == 0 and self._after:
            raise Killed

    @contextmanager
    def lit(self, crash: Crash | None) -> Iterator[None]:
        """Within this block the process dies where ``crash`` says."""
        self._left, self._after = (crash.commits, crash.after) if crash else (-1, False)
        try:
            yield
        finally:
            self._left = -1


@dataclass(eq=False)
class Copy:
    """A message in the broker's hands."""

    body: str
    redelivered: bool = False


class ListBus:
    """A transport whose other side is a list."""

    def __init__(self) -> None:
        self.copies: list[Copy] = []
        self.refused: frozenset[int] = frozenset()

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        taken = [place not in self.refused for place in range(len(letters))]
        self.copies += [Copy(letter.body) for letter, is_taken in zip(letters, taken, strict=True) if is_taken]
        return [Outcome.SENT if is_taken else Outcome.REFUSED for is_taken in taken]

    def close(self) -> None:
        pass


class Stage:
    """Two nodes and what is between them, with the story of what was told and decided."""

    def __init__(self, shop: Node, taker: Node, folder: Path) -> None:
        self.shop, self.taker, self.folder = shop, taker, folder
        self.fuses = {node.name: Fuse(node.db) for node in (shop, taker)}
        self.examples = 0
        self.kills = 0

    def clear(self) -> None:
        """Forget the last history."""
        for node in (self.shop, self.taker):
            with node.db.begin() as tx:
                for metadata in (chassis_metadata, node.service.metadata):
                    for table in metadata.sorted_tables:
                        tx.execute(delete(table))
        self.examples += 1
        self.tries = Tries(self.folder)
        for file in self.folder.iterdir():
            file.unlink()
        self.story = Story()
        self.bus = ListBus()
        self.relay = Relay(self.shop, self.bus, batch=6, holder="relay")

    def play(self, steps: Sequence[Step]) -> None:
        """Take every step; what ends a process ends it."""
        for step in steps:
            self._take(step)

    def _take(self, step: Step) -> None:
        match step:
            case Emit():
                self._emit(step)
            case Send(refused, crash):
                self.send(refused, crash)
            case Twin(pick) if self.bus.copies:
                self.bus.copies.append(Copy(self.bus.copies[pick % len(self.bus.copies)].body))
            case Deliver(picks, crash) if self.bus.copies:
                places = dict.fromkeys(pick % len(self.bus.copies) for pick in picks)
                self.deliver([self.bus.copies[place] for place in places], crash)
            case RunDue(limit, crash):
                self.run_due(limit, crash)
            case Heal(pick):
                self._heal(pick)
            case Operate(replays, pick):
                self._operate(replays, pick)
            case ParkGaps():
                park_gaps(self.taker, timedelta(0))

    def _emit(self, step: Emit) -> None:
        told = []
        with suppress(ZeroDivisionError), self.shop.begin(Context.fresh("test")) as tx:
            for place, fact in enumerate(step.facts):
                label = f"{len(self.story.events) + place}"
                event = KINDS[fact.kind](order=fact.subject, label=label, fates=dict(fact.fates))
                told.append(emit(tx, event))
            if step.rolled_back:
                raise ZeroDivisionError
        if not step.rolled_back:
            self.story.events += told

    def send(self, refused: frozenset[int] = frozenset(), crash: Crash | None = None) -> None:
        """One step of the relay; a process that dies is followed by one that bears its name."""
        with self.shop.db.begin() as tx:
            tx.execute(update(outbox).values(retry_at=None))
        self.bus.refused = refused
        with self._mortal(self.shop, crash):
            self.relay.step()

    def deliver(self, copies: Sequence[Copy], crash: Crash | None = None) -> None:
        """A batch from the broker: acknowledged when handled, else there again and marked."""
        messages = [Message(copy.body.encode(), copy.redelivered) for copy in copies]
        acknowledged = False
        with self._mortal(self.taker, crash):
            take_in(self.taker, messages, threading.Event())
            acknowledged = True
        for copy in copies:
            if acknowledged:
                self.bus.copies.remove(copy)
            copy.redelivered = True

    def run_due(self, limit: int = 100, crash: Crash | None = None) -> None:
        """A day passes; then one run of the inbox."""
        with self.taker.db.begin() as tx:
            yesterday = utcnow() - timedelta(days=1)
            tx.execute(update(inbox).where(inbox.c.state.in_(DUE)).values(next_attempt_at=yesterday))
        with self._mortal(self.taker, crash):
            run_due(self.taker, limit=limit)

    @contextmanager
    def _mortal(self, node: Node, crash: Crash | None) -> Iterator[None]:
        try:
            with self.fuses[node.name].lit(crash):
                yield
        except Killed:
            self.kills += 1

    def _heal(self, pick: int) -> None:
        troubled = [event for event in self.story.events if event.data["fates"]]
        if troubled:
            label = troubled[pick % len(troubled)].data["label"]
            self.tries.heal(label)
            self.story.healed.add(label)

    def _operate(self, replays: bool, pick: int) -> None:
        parked = self.parked()
        if not parked:
            return
        chosen = parked[pick % len(parked)]
        if replays:
            self.replay(chosen)
        else:
            self.drop(chosen)

    def parked(self) -> list[Parked]:
        """What the taker's operator sees."""
        with self.taker.read() as tx:
            return list_parked(tx, limit=1000)

    def is_blocked(self, parked: Parked) -> bool:
        """Whether replaying it is of no use."""
        event = next(event for event in self.story.events if event.id == _event_id(parked))
        return self.story.is_blocked(event, parked.what)

    def replay(self, parked: Parked) -> None:
        """Replay, and let it run; what a strict event went over is given up."""
        with suppress(NotParked), self.taker.begin(Context.fresh("operator")) as tx:
            replay(tx, parked.ref, by="operator")
        self.run_all_due()
        if parked.what == STRICT and self._state(parked) == State.DONE:
            self._give_up_before(parked)

    def drop(self, parked: Parked) -> None:
        """Drop; refused where an earlier event of a strict subject can still take effect."""
        absent = self._absent_before(parked)
        try:
            with self.taker.begin(Context.fresh("operator")) as tx:
                drop(tx, parked.ref, by="operator")
        except EarlierEventOpen:
            assert parked.what == STRICT
            assert absent or self._open_before(parked), "nothing comes before it"
            return
        self.story.dropped.add((_event_id(parked), parked.what))
        if parked.what == STRICT:
            assert not self._open_before(parked), "an open event was gone over"
            self._give_up_before(parked)

    def _give_up_before(self, parked: Parked) -> None:
        self.story.gone_over |= {event.id for event in self._absent_before(parked)}

    def _absent_before(self, parked: Parked) -> list[Envelope]:
        """Earlier events of the subject that have not arrived."""
        with self.taker.read() as tx:
            known = set(tx.scalars(select(inbox.c.event_id).where(inbox.c.reaction == parked.what)))
        earlier = [e for e in self.story.events if e.subject == parked.subject and e.sequence < (parked.sequence or 0)]
        return [event for event in earlier if event.id not in known]

    def _open_before(self, parked: Parked) -> int:
        earlier = (inbox.c.subject == parked.subject) & (inbox.c.sequence < parked.sequence)
        is_open = (inbox.c.reaction == parked.what) & inbox.c.state.not_in((State.DONE, State.DROPPED))
        with self.taker.read() as tx:
            return tx.scalar(select(func.count()).select_from(inbox).where(earlier, is_open)) or 0

    def _state(self, parked: Parked) -> str | None:
        this = (inbox.c.event_id == _event_id(parked)) & (inbox.c.reaction == parked.what)
        with self.taker.read() as tx:
            return tx.scalar(select(inbox.c.state).where(this))

    def run_all_due(self) -> None:
        """Run the inbox until nothing in it is due."""
        due = select(func.count()).select_from(inbox).where(inbox.c.state.in_(DUE))
        for _ in range(MOST_ROUNDS):
            with self.taker.read() as tx:
                if not tx.scalar(due):
                    return
            self.run_due()
        raise AssertionError("the inbox never comes to rest")

    def come_to_rest(self) -> None:
        """Everything is sent, delivered and run; nobody dies but of poison."""
        for _ in range(MOST_ROUNDS):
            self.send()
            if not self.bus.copies and not self._unsent():
                break
            self.deliver(self.bus.copies[:20])
        else:
            raise AssertionError("the broker is never empty")
        self.run_all_due()

    def _unsent(self) -> int:
        with self.shop.read() as tx:
            unsent = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
            return tx.scalar(unsent) or 0


def _event_id(parked: Parked) -> str:
    return parked.ref.split(":")[1]

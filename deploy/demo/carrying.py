"""Carries events to whoever hears them, and calls to the ERP, while the past is told: at the time they had."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from chassis import leases
from chassis.clock import by_clock, utcnow
from chassis.courier import make_call
from chassis.deliver import deliver, run_due
from chassis.dispatch import claim, receivers_due, record
from chassis.event import Envelope, decode
from chassis.relay import LEASE_TTL_S, Relay
from chassis.service import Node
from chassis.transport import Letter, Outcome
from deploy.trouble import Trouble
from events.channels import SubmissionReceived

PATIENCE_S = 90.0
# One loading at a time, by the lock beside demo.json: the next one need not wait for the leases of one that was killed.
HOLDER = "demo company"
CALLS_AT_ONCE = 50
_RENEW_S = LEASE_TTL_S / 3


class StoryClock:
    """It stands where it was put, but for a microsecond each time it is read: so everything has its place."""

    def __init__(self) -> None:
        self._at = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        self._at += timedelta(microseconds=1)
        return self._at

    def put(self, at: datetime) -> None:
        """It is this moment now, or the last one that was told, if that is later."""
        self._at = max(self._at, at.astimezone(UTC))


class Carrier:
    """Holds the leases of all relays and couriers, so that nobody else brings an event at another time."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes, self._holder, self._renewed = list(nodes), HOLDER, 0.0
        self._relays = {node.name: Relay(node, self, batch=1000, holder=self._holder) for node in nodes}
        # Where something may wait: at first everywhere, for an interrupted loading may have left it.
        self._emitted = {node.name for node in nodes}
        for node in nodes:
            node.after_emit.append(partial(self._emitted.add, node.name))
            node.inbox_filled.set()
            node.deliveries_filled.set()

    def take_over(self) -> None:
        """Wait until nobody else carries anything. Raises Trouble when that takes too long."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._take():
            if time.monotonic() > deadline:
                raise Trouble("somebody else brings the events: wait until everything stands still, then try again")
            time.sleep(0.5)

    def release(self) -> None:
        """Whoever usually carries goes on."""
        for node in self._nodes:
            with node.db.begin() as tx:
                for name in ("relay", "courier"):
                    leases.release(tx, name, self._holder)

    def settle(self) -> None:
        """Until nobody has anything to say any more, and every ERP has been told."""
        if time.monotonic() - self._renewed > _RENEW_S and not self._take():
            raise Trouble("somebody else has begun to bring the events; try again")
        while sum(self._settle(node) for node in self._nodes):  # everybody in each round: many events at once cost less
            pass

    def _settle(self, node: Node) -> bool:
        moved = False
        if node.name in self._emitted:
            self._emitted.discard(node.name)
            while self._relays[node.name].step():
                moved = True
        if node.inbox_filled.is_set():
            node.inbox_filled.clear()
            moved = run_due(node) > 0 or moved
        if node.service.deliveries and node.deliveries_filled.is_set():
            node.deliveries_filled.clear()
            moved = self._call(node) > 0 or moved
        return moved

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        """See Transport. Each is heard right after it was said."""
        envelopes = [decode(letter.body) for letter in letters]
        for node in self._nodes:
            heard = [envelope for envelope in envelopes if node.service.hearing(envelope.type)]
            for some in _told_together(heard) if node.name == "sales" else [heard]:
                if some:
                    with by_clock(_after(some[-1].time)):
                        deliver(node, some)
        return [Outcome.SENT] * len(letters)

    def close(self) -> None:
        """Nothing to give up."""

    def _call(self, node: Node) -> int:
        with node.read() as tx:
            receivers = receivers_due(tx)
        called = 0
        for receiver in receivers:
            for claimed in claim(node, receiver, self._holder, CALLS_AT_ONCE):
                with by_clock(_after(claimed.delivery.created_at)):
                    began = utcnow()
                    outcome = make_call(node, claimed)
                    record(node, claimed, outcome, began=began, ms=1)
                called += 1
        if called:
            node.deliveries_filled.set()
        return called

    def _take(self) -> bool:
        taken = True
        for node in self._nodes:
            with node.db.begin() as tx:
                for name in ("relay", "courier"):
                    taken = leases.take(tx, name, self._holder, LEASE_TTL_S) and taken
        self._renewed = time.monotonic()
        return taken


def _told_together(envelopes: Sequence[Envelope]) -> list[list[Envelope]]:
    """A lead is made when it comes in: each for itself."""
    together: list[list[Envelope]] = []
    for envelope in envelopes:
        alone = envelope.type == SubmissionReceived.type
        if not alone and together and together[-1][0].type != SubmissionReceived.type:
            together[-1].append(envelope)
        else:
            together.append([envelope])
    return together


def _after(moment: datetime) -> Callable[[], datetime]:
    clock = StoryClock()
    clock.put(moment + timedelta(seconds=1))
    return clock

"""Makes the calls that ``deliveries`` asks for: one courier active per service, its calls in threads, no eventlet.

The loop's own thread does all that touches the rows; the threads only call. A receiver has few calls in flight, so that
a slow one holds up nobody else, and a breaker, so that a dead one does not use up everybody's attempts.
"""

import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

import structlog

from chassis import metrics
from chassis.breaker import Breaker
from chassis.calls import Delivered, DeliveryHandler, Gone, Later, Outcome, Refused, Unknown
from chassis.clock import utcnow
from chassis.database import is_away
from chassis.dispatch import Claimed, claim, count_parked, receivers_due, record
from chassis.errors import RelataError
from chassis.ids import new_id
from chassis.leases import release, take
from chassis.outside import NoAnswer, NotSent
from chassis.service import Node

log = structlog.get_logger(__name__)

LEASE_S = 15.0
STANDBY_S = 2.0
IDLE_S = 0.5
THREADS = 24
DRAIN_S = 20.0


def courier(node: Node, stop: threading.Event) -> None:
    """Deliver until ``stop`` is set; then let the calls in flight end, record them and return.

    Several may run: one holds the lease, the others stand by and take over within fifteen seconds.
    """
    desk = _Desk(node)
    try:
        while not stop.is_set():
            node.deliveries_filled.clear()
            try:
                busy = desk.turn()
            except Exception as error:
                if not is_away(error):
                    log.exception("courier failed", service=node.name)
                stop.wait(1.0)
                continue
            if not busy:
                node.deliveries_filled.wait(IDLE_S)
    finally:
        desk.close()


@dataclass
class _Called:
    claimed: Claimed
    outcome: Outcome
    began: datetime
    ms: int


class _Desk:
    """What one courier has in its hands."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.holder = new_id()
        self.active = False
        self.ask_again = 0.0
        self.in_flight: Counter[str] = Counter()
        self.breakers: dict[str, Breaker] = {}
        self.calls: set[Future[None]] = set()
        self.called: SimpleQueue[_Called] = SimpleQueue()
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"courier-{node.name}")

    def turn(self) -> bool:
        """Record what came back, send what is due. False when there was nothing to do."""
        recorded = self.record_all()
        return self.send_due() + recorded > 0 if self.is_active() else recorded > 0

    def is_active(self) -> bool:
        """Whether we hold the lease. Row leases keep two couriers apart, should both think so for a moment."""
        asked = time.monotonic()
        if asked < self.ask_again:
            return self.active
        with self.node.db.begin() as tx:
            self.active = take(tx, "courier", self.holder, LEASE_S)
            parked = count_parked(tx)
        metrics.courier_active.labels(self.node.name).set(self.active)
        metrics.deliveries_parked.labels(self.node.name).set(parked)
        self.ask_again = asked + (LEASE_S / 3 if self.active else STANDBY_S)
        return self.active

    def send_due(self) -> int:
        with self.node.db.read() as tx:
            receivers = receivers_due(tx)
        # Who has least in flight first: with every thread taken by slow ones, the next free thread is for another.
        sent = 0
        for receiver in sorted(receivers, key=lambda name: self.in_flight[name]):
            breaker = self.breakers.get(receiver) or self.new_breaker(receiver, receivers[receiver])
            free = min(breaker.free(self.in_flight[receiver]), THREADS - self.in_flight.total())
            if free > 0:
                sent += self.send(receiver, free)
        return sent

    def send(self, receiver: str, at_most: int) -> int:
        batch = claim(self.node, receiver, self.holder, at_most)
        for claimed in batch:
            self.in_flight[receiver] += 1
            call = self.threads.submit(self.call, claimed)
            self.calls.add(call)
            call.add_done_callback(self.calls.discard)
        return len(batch)

    def call(self, claimed: Claimed) -> None:
        began, start = utcnow(), time.perf_counter()
        outcome = make_call(self.node, claimed)
        self.called.put(_Called(claimed, outcome, began, round((time.perf_counter() - start) * 1000)))
        self.node.deliveries_filled.set()

    def record_all(self) -> int:
        recorded = 0
        while not self.called.empty():
            called = self.called.get()
            try:
                self.record(called)
            except Exception as error:
                if is_away(error):
                    self.called.put(called)  # what we know is kept until it can be written
                    raise
                log.exception("the outcome could not be recorded", delivery=called.claimed.delivery.id)
            self.in_flight[called.claimed.delivery.receiver] -= 1
            self.mind(called)
            recorded += 1
        return recorded

    def record(self, called: _Called) -> None:
        try:
            record(self.node, called.claimed, called.outcome, began=called.began, ms=called.ms)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("settling a delivery failed", delivery=called.claimed.delivery.id)
            # It may have arrived, and the service could not take note: what follows is as after a lost answer.
            unknown = Unknown(f"settling failed: {error}", request=called.outcome.request)
            record(self.node, called.claimed, unknown, began=called.began, ms=called.ms, settle=False)

    def mind(self, called: _Called) -> None:
        kind, outcome = called.claimed.delivery.kind, type(called.outcome).__name__.lower()
        metrics.delivery_calls.labels(self.node.name, kind, outcome).inc()
        metrics.delivery_seconds.labels(self.node.name, kind).observe(called.ms / 1000)
        breaker = self.breakers[called.claimed.delivery.receiver]
        match called.outcome:
            case Later(retry_after=seconds) if seconds is not None:
                breaker.asked_to_wait(seconds)
            case Later() | Unknown():
                breaker.failed()
            case Delivered() | Refused() | Gone():
                breaker.answered()

    def new_breaker(self, receiver: str, kind: str) -> Breaker:
        handler: DeliveryHandler | None = self.node.service.deliveries.get(kind)
        slots = handler.in_flight_per_receiver if handler else 1
        self.breakers[receiver] = Breaker(slots, self.node.settings.retry_scale)
        return self.breakers[receiver]

    def close(self) -> None:
        wait_for(set(self.calls), timeout=DRAIN_S)
        self.threads.shutdown(wait=False, cancel_futures=True)
        try:
            self.record_all()
            with self.node.db.begin() as tx:
                release(tx, "courier", self.holder)
        except Exception:
            # Nothing is lost: leases run out, and what was called and not recorded is called again with its key.
            log.exception("courier stopped without recording everything", service=self.node.name)


def make_call(node: Node, claimed: Claimed) -> Outcome:
    """One call, and whatever it raises as an outcome. Looks up first what may have arrived before."""
    delivery = claimed.delivery
    handler: DeliveryHandler | None = node.service.deliveries.get(delivery.kind)
    if handler is None:
        return Refused(f"nobody delivers {delivery.kind} here")
    if claimed.step >= len(handler.delays_s):
        return Unknown("its courier ended in the middle of the last try")
    if claimed.unsure and handler.look_up is not None:
        try:
            found = handler.look_up(node, delivery)
        except Exception as error:
            # Whatever kept us from asking says nothing about what arrived: it must be asked again, never just sent.
            if not isinstance(error, NoAnswer | NotSent | RelataError):
                log.warning("looking up a delivery failed", delivery=delivery.id, kind=delivery.kind, exc_info=True)
            return Unknown(f"it may have arrived, and could not be looked up: {str(error) or type(error).__name__}")
        if found is not None:
            return found
    try:
        return handler.send(node, delivery)
    except NoAnswer as error:
        return Unknown(str(error))
    except RelataError as error:
        return Later(str(error)) if error.retryable else Refused(str(error))
    except Exception as error:
        log.warning("a delivery failed", delivery=delivery.id, kind=delivery.kind, exc_info=True)
        return Later(f"{type(error).__name__}: {error}")

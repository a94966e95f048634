"""Hosts a service's worker face on nameko: batches from RabbitMQ, due rows of the inbox, jobs by the clock.

Stock nameko acknowledges what its handler failed on, closes the channel before running handlers have acknowledged, and
ends its container on a broken socket. Here an entrypoint of our own takes batches, acknowledges just its own messages
after the commit, drains before it lets go of the channel, and survives broker and database.

Call ``chassis.green.green_process`` before importing this, in a process that does nothing but host workers.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import eventlet
import structlog
from amqp import Message as AmqpMessage
from kombu.entity import Queue
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.messaging import QueueConsumer
from nameko.runners import ServiceRunner
from nameko.timer import timer

from chassis import metrics
from chassis.arrivals import Message, take_in
from chassis.bindings import PROBE
from chassis.gather import pause_s
from chassis.service import Node
from chassis.topology import Names, queues_of
from chassis.worker import run_inbox

log = structlog.get_logger(__name__)

DRAIN_DEADLINE_S = 25.0
HEARTBEAT_S = 60


class DrainingQueueConsumer(QueueConsumer):  # type: ignore[misc]
    """Keeps the channel until what is in flight is acknowledged, and takes a broken socket for what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.in_flight = 0

    @property
    def prefetch_count(self) -> int:
        """Two batches: one runs while the next gathers."""
        return 2 * int(self.container.config["BATCH"])

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Raw messages: decoding, and what to do with what cannot be decoded, is ours."""
        for provider in self._providers:
            consumer = consumer_cls(queues=[provider.queue], on_message=provider.handle_message)
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        """Consuming really began: only now is this worker ready."""
        super().on_consume_ready(connection, channel, consumers, **kwargs)
        metrics.worker_consuming.labels(self.container.config["SERVICE"]).set(1)
        log.info("consuming", service=self.container.config["SERVICE"])

    def on_connection_error(self, error: Exception, interval: float) -> None:
        """The broker is away."""
        metrics.worker_consuming.labels(self.container.config["SERVICE"]).set(0)
        log.warning("broker away", reason=type(error).__name__, retry_in_s=interval)

    def on_iteration(self) -> None:
        """Stop only when nothing is in flight any more; stock stops as soon as the consumers are cancelled."""
        self._cancel_consumers_if_requested()
        if not self._consumers and self.in_flight == 0:
            self.should_stop = True

    def acknowledge(self, message: Any) -> None:
        """Acknowledge this message and no other; when the channel is gone the broker delivers it again."""
        if not message.channel or not message.channel.connection:
            return
        try:
            message.ack()
        except (OSError, *self.connection_errors, *self.channel_errors) as error:
            log.warning("acknowledgement lost", reason=type(error).__name__)

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Connect with a back-off that ends at 3 s; stock grows to 30."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error, None, interval_start=0.5, interval_step=0.5, interval_max=3
            )
            yield connection


class Batches(Entrypoint):  # type: ignore[misc]
    """Hands its method what waits in the queue, up to a batch, one batch at a time so that order holds."""

    queue_consumer = DrainingQueueConsumer()

    def __init__(self, queue: str, **kwargs: Any) -> None:
        # Declared by the topology; a worker that re-declared it differently would close everybody's channel.
        self.queue = Queue(queue, no_declare=True)  # type: ignore[no-untyped-call]
        super().__init__(queue, **kwargs)

    def setup(self) -> None:
        """Join the consumer."""
        self.waiting: list[Any] = []
        self.busy = False
        self.last = 0
        self.size = int(self.container.config["BATCH"])
        self.patience_s = float(self.container.config["PATIENCE_S"])
        self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        """Leave the consumer: returns when everything in flight is acknowledged."""
        self.queue_consumer.unregister_provider(self)

    def handle_message(self, message: Any) -> None:
        """Called by the consumer for each message; never blocks."""
        if PROBE in (message.headers or {}):
            self._answer(message)
            return
        self.queue_consumer.in_flight += 1
        self.waiting.append(message)
        if not self.busy and (len(self.waiting) == 1 or len(self.waiting) >= self.size):
            full = len(self.waiting) >= self.size
            self.container.spawn_managed_thread(self._flush if full else self._linger)

    def _answer(self, probe: Any) -> None:
        """A probe asks whether its routing key still reaches this queue: say so, do nothing else."""
        answer = AmqpMessage(self.queue.name, correlation_id=probe.properties.get("correlation_id"))
        with suppress(OSError, *self.queue_consumer.connection_errors, *self.queue_consumer.channel_errors):
            probe.channel.basic_publish(answer, exchange="", routing_key=probe.properties.get("reply_to", ""))
        self.queue_consumer.acknowledge(probe)

    def _linger(self) -> None:
        eventlet.sleep(pause_s(self.last, patience_s=self.patience_s))
        self._flush()

    def _flush(self) -> None:
        if self.busy or not self.waiting:
            return
        batch, self.waiting = self.waiting[: self.size], self.waiting[self.size :]
        self.busy, self.last = True, len(batch)
        try:
            self.container.spawn_worker(self, (batch,), {}, handle_result=partial(self._finished, batch))
        except ContainerBeingKilled:
            self.busy = False
            self.queue_consumer.in_flight -= len(batch)

    def _finished(self, batch: list[Any], _context: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
        self.busy = False
        if exc_info is None:
            for message in batch:
                self.queue_consumer.acknowledge(message)
        # On an error nothing is acknowledged: the channel's end gives it all back. take_in raises only when stopping.
        self.queue_consumer.in_flight -= len(batch)
        if self.waiting:
            self.container.spawn_managed_thread(self._flush if len(self.waiting) >= self.size else self._linger)
        return result, exc_info


class Forever(Entrypoint):  # type: ignore[misc]
    """Runs its method once, in a thread of its own, until told to stop."""

    def start(self) -> None:
        """Begin."""
        self.stopping = threading.Event()
        self.container.spawn_worker(self, (self.stopping,), {})

    def stop(self) -> None:
        """Tell it to end."""
        self.stopping.set()


def worker_class(node: Node, jobs_tick: Callable[[Node], object], stopping: threading.Event) -> type:
    """The nameko service class of a node: one batch entrypoint per queue, the inbox loop, and the clock."""
    members: dict[str, Any] = {"name": f"relata-{node.name}"}
    names = Names(node.settings.prefix)
    for queue in sorted(queues_of(node.service, names)):
        short = queue.rsplit(".", 1)[1]
        is_slow = queue == names.slow(node.name)

        def hear(self: Any, batch: list[Any], slow: bool = is_slow) -> None:
            take_in(node, [_message(raw) for raw in batch], stopping, slow=slow)

        members[f"hear_{short}"] = Batches.decorator(queue)(hear)

    def run_what_is_due(self: Any, stop: threading.Event) -> None:
        run_inbox(node, stop, limit=node.settings.batch)

    def tick(self: Any) -> None:
        jobs_tick(node)

    members["run_what_is_due"] = Forever.decorator(run_what_is_due)
    members["tick"] = timer(interval=1)(tick)
    return type(f"{node.name.title()}Worker", (), members)


def _message(raw: Any) -> Message:
    body = raw.body
    redelivered = bool(raw.delivery_info.get("redelivered"))
    return Message(body.encode() if isinstance(body, str) else bytes(body), redelivered)


def host_worker(node: Node, jobs_tick: Callable[[Node], object]) -> None:
    """Run the worker of this node until SIGTERM or SIGINT; then finish what is in flight, acknowledge, and return."""
    stopping = threading.Event()
    config = {
        "AMQP_URI": node.settings.bus_url,
        "BATCH": node.settings.batch,
        "PATIENCE_S": node.service.patience_s,
        "SERVICE": node.name,
        "heartbeat": HEARTBEAT_S,
        "max_workers": 10,
    }
    runner = ServiceRunner(config)
    runner.add_service(worker_class(node, jobs_tick, stopping))

    def stop(_signal: int, _frame: Any) -> None:
        log.info("stopping", service=node.name)
        eventlet.spawn_n(_stop_within_deadline, runner, stopping)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runner.start()
    waiting = eventlet.spawn(runner.wait)
    while True:
        try:
            waiting.wait()
            break
        except OSError as error:
            if error.errno != 4:  # a signal interrupts the hub's wait
                raise
    log.info("stopped", service=node.name)


def _stop_within_deadline(runner: Any, stopping: threading.Event) -> None:
    def give_up() -> None:
        time.sleep(DRAIN_DEADLINE_S)
        log.error("drain deadline passed: what is in flight will be delivered again")
        os._exit(1)

    eventlet.spawn_n(give_up)
    stopping.set()
    runner.stop()

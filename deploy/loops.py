"""The loops that run beside HTTP: relays, inboxes, courier, jobs. Each is a thread that ends when told to."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from chassis.courier import courier
from chassis.database import is_away
from chassis.job_runner import run_due_jobs
from chassis.relay import Relay
from chassis.service import Node
from chassis.transport import Transport
from chassis.wake import listen
from chassis.worker import run_inbox

log = structlog.get_logger(__name__)

JOBS_EVERY_S = 1.0
STOP_WITHIN_S = 25.0
PAUSED_WITHIN_S = 3.0
LONGEST_PAUSE_S = 60.0


class Inbox:
    """The inbox of one service, which can be stopped for a while."""

    def __init__(self, node: Node, stopping: threading.Event) -> None:
        self.halt, self._stands_still = threading.Event(), threading.Event()
        self._node, self._stopping = node, stopping
        self._until = 0.0

    def run(self) -> None:
        """Run what it holds until everything is to stop."""
        while not self._stopping.is_set():
            run_inbox(self._node, self.halt, limit=self._node.settings.batch)
            self._stands_still.set()
            # Cleared before it is asked once more: a pause that is asked for just now is not forgotten by that.
            self.halt.clear()
            while (left := self._until - time.monotonic()) > 0 and not self._stopping.wait(left):
                self.halt.clear()
            self._stands_still.clear()

    def pause(self, seconds: float) -> bool:
        """Stop once what is under way is done, for so long and no longer. A second pause can only prolong the first."""
        self._until = max(self._until, time.monotonic() + min(seconds, LONGEST_PAUSE_S))
        self.halt.set()
        self._node.inbox_filled.set()
        return self._stands_still.wait(PAUSED_WITHIN_S)


class Loops:
    """A bundle of threads with one stop."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._inboxes: dict[str, Inbox] = {}

    def start(self, name: str, run: Callable[[], object]) -> None:
        """Run this in a thread of its own."""
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def start_relays(self, nodes: Sequence[Node], transport: Transport) -> None:
        """A relay per service, and the listener that wakes them."""
        for node in nodes:
            relay = Relay(node, transport)
            self.start(f"relay-{node.name}", lambda relay=relay: relay.run(self.stopping))  # type: ignore[misc]
        self.start("listen", lambda: listen(nodes, self.stopping))

    def start_inbox(self, node: Node) -> None:
        """Run what the inbox of this node holds."""
        inbox = self._inboxes[node.name] = Inbox(node, self.stopping)
        self.start(f"inbox-{node.name}", inbox.run)

    def pause_inbox(self, name: str, seconds: float) -> bool:
        """Stop this service's inbox for so long; then it goes on by itself. Answers whether it stands still now."""
        return self._inboxes[name].pause(seconds)

    def start_courier(self, node: Node) -> None:
        """Make this node's deliveries."""
        self.start(f"courier-{node.name}", lambda: courier(node, self.stopping))

    def start_jobs(self, nodes: Sequence[Node]) -> None:
        """What these nodes do by the clock."""
        self.start("jobs", lambda: self._tick(nodes))

    def _tick(self, nodes: Sequence[Node]) -> None:
        while not self.stopping.is_set():
            for node in nodes:
                tick_jobs(node)
            self.stopping.wait(JOBS_EVERY_S)

    def stop(self) -> None:
        """Ask all to end and wait for them, within a bound."""
        self.stopping.set()
        for inbox in self._inboxes.values():
            inbox.halt.set()
        for thread in self._threads:
            thread.join(STOP_WITHIN_S)


def tick_jobs(node: Node) -> None:
    """Run what is due now; an absent database is no reason to end."""
    try:
        run_due_jobs(node)
    except Exception as error:
        if not is_away(error):
            log.exception("jobs failed", service=node.name)

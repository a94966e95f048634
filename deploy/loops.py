"""The loops that run beside HTTP: relays, inboxes, courier, jobs. Each is a thread that ends when told to."""

import threading
from collections.abc import Callable, Sequence

import structlog

from chassis.courier import courier
from chassis.database import is_away
from chassis.job_runner import run_due_jobs
from chassis.measure import measure
from chassis.relay import Relay
from chassis.service import Node
from chassis.transport import Transport
from chassis.wake import listen
from chassis.worker import run_inbox

log = structlog.get_logger(__name__)

JOBS_EVERY_S = 1.0
MEASURE_EVERY_S = 5.0
STOP_WITHIN_S = 25.0


class Loops:
    """A bundle of threads with one stop."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

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
        self.start(f"inbox-{node.name}", lambda: run_inbox(node, self.stopping, limit=node.settings.batch))

    def start_courier(self, node: Node) -> None:
        """Make this node's deliveries."""
        self.start(f"courier-{node.name}", lambda: courier(node, self.stopping))

    def start_jobs(self, nodes: Sequence[Node]) -> None:
        """What these nodes do by the clock."""
        self.start("jobs", lambda: self._tick(nodes))

    def start_measuring(self, nodes: Sequence[Node]) -> None:
        """Show how much waits in these nodes' databases."""
        self.start("measure", lambda: self._measure(nodes))

    def are_running(self) -> bool:
        """Whether everything that was started still runs."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def _measure(self, nodes: Sequence[Node]) -> None:
        while not self.stopping.wait(MEASURE_EVERY_S):
            for node in nodes:
                try:
                    measure(node)
                except Exception as error:
                    if not is_away(error):
                        log.exception("not measured", service=node.name)

    def _tick(self, nodes: Sequence[Node]) -> None:
        while not self.stopping.is_set():
            for node in nodes:
                tick_jobs(node)
            self.stopping.wait(JOBS_EVERY_S)

    def stop(self) -> None:
        """Ask all to end and wait for them, within a bound."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(STOP_WITHIN_S)


def tick_jobs(node: Node) -> None:
    """Run what is due now; an absent database is no reason to end."""
    try:
        run_due_jobs(node)
    except Exception as error:
        if not is_away(error):
            log.exception("jobs failed", service=node.name)

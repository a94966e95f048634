"""The worker of one process: runs what the inbox holds and what the clock asks for, in threads, without a broker."""

import threading

import structlog

from chassis.database import is_away
from chassis.deliver import run_due
from chassis.service import Node

log = structlog.get_logger(__name__)

IDLE_S = 0.5


def run_inbox(node: Node, stop: threading.Event, *, limit: int = 100) -> None:
    """Run due rows until ``stop`` is set; sleeps until something arrives, and looks twice a second for due retries."""
    while not stop.is_set():
        node.inbox_filled.clear()
        try:
            handled = run_due(node, limit=limit)
        except Exception as error:
            if not is_away(error):
                log.exception("inbox run failed", service=node.name)
            stop.wait(1.0)
            continue
        if not handled and not stop.is_set():
            node.inbox_filled.wait(IDLE_S)
            stop.wait(node.service.patience_s)

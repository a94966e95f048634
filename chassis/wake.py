"""Tells the relay in another process that an outbox was filled: PostgreSQL's NOTIFY, after the commit and outside it.

A trigger would serialise every commit of the cluster (NOTIFY takes a global lock at commit), so a thread of its own
sends at most one NOTIFY per 20 ms. It is a hint only: a relay that misses it looks by itself once a second. On SQLite
there is one process, and its own events are enough.
"""

import select
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg2
import psycopg2.extensions
import structlog

from chassis.service import Node

log = structlog.get_logger(__name__)

CHANNEL = "relata_outbox"
AT_MOST_EVERY_S = 0.02


class Notifier:
    """Sends NOTIFY for a node's outbox after commits, from a thread that ends with ``stop``."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._filled = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin, if this node's database can notify at all."""
        if self._node.db.dialect != "postgresql":
            return
        self._node.after_emit.append(self._filled.set)
        threading.Thread(target=self._run, name=f"notify-{self._node.name}", daemon=True).start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._filled.set()

    def _run(self) -> None:
        connection: Any = None
        while not self._stop.is_set():
            self._filled.wait()
            self._filled.clear()
            try:
                connection = connection or _connect(self._node)
                with connection.cursor() as cursor:
                    cursor.execute(f"NOTIFY {CHANNEL}")
            except psycopg2.Error:
                connection = None
                time.sleep(1.0)
            time.sleep(AT_MOST_EVERY_S)


def listen(nodes: Sequence[Node], stop: threading.Event) -> None:
    """Set ``outbox_filled`` of a node when another process notifies, until ``stop``; survives an absent database."""
    if not any(node.db.dialect == "postgresql" for node in nodes):
        return
    while not stop.is_set():
        listening: dict[Any, Node] = {}
        try:
            for node in nodes:
                connection = _connect(node)
                with connection.cursor() as cursor:
                    cursor.execute(f"LISTEN {CHANNEL}")
                listening[connection] = node
            _follow(listening, stop)
        except (psycopg2.Error, OSError, ValueError) as error:
            log.warning("not listening", reason=type(error).__name__)
            stop.wait(1.0)
        finally:
            for connection in listening:
                connection.close()


def _follow(listening: dict[Any, Node], stop: threading.Event) -> None:
    while not stop.is_set():
        readable, _, _ = select.select(list(listening), [], [], 1.0)
        for connection in readable:
            connection.poll()
            if connection.notifies:
                connection.notifies.clear()
                listening[connection].outbox_filled.set()


def _connect(node: Node) -> Any:
    url = node.db.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(url, connect_timeout=5)
    connection.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
    return connection

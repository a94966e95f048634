"""Real servers for tests of what only a real connection shows."""

import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

import uvicorn
from starlette.types import ASGIApp

from tests.gateway.mirror import Mirror


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _server(app: ASGIApp, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )


@contextmanager
def served(app: ASGIApp, port: int | None = None) -> Iterator[str]:
    """This app behind a real server, in a thread; its address."""
    port = port or free_port()
    server = _server(app, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def _serve_mirror(port: int) -> None:
    _server(Mirror(), port).run()


@contextmanager
def mirror_process(port: int | None = None) -> Iterator[tuple[str, BaseProcess]]:
    """A mirror in a process of its own, to be killed and frozen; its address."""
    port = port or free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve_mirror, args=(port,), daemon=True)
    process.start()
    _wait(lambda: _listens(port))
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.join()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        if time.monotonic() > deadline:
            raise RuntimeError("the server does not start")
        time.sleep(0.02)

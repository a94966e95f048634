"""The live feed over a real server: it streams, and it ends when its reader leaves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from chassis.caller import HEADER
from chassis.deliver import deliver
from chassis.event import Envelope
from chassis.http import Face, http_app
from chassis.ids import new_id
from events.sales import IntakeRejected
from services.channels.feed import following
from tests.channels.stage import FOLLOWER, Channels, told
from tests.installation import eventually


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The app behind uvicorn on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=3))
    running = threading.Thread(target=server.run)
    running.start()
    try:
        eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        server.should_exit = True
        running.join(30)


def rejected() -> Envelope:
    return told(IntakeRejected(submission_id=new_id(), reason="unreachable"))


def test_a_stream_brings_events_as_they_happen_and_ends_when_its_reader_leaves(channels: Channels) -> None:
    app = http_app(channels.node)
    face: Face = app.state.face
    headers = {"Accept": "text/event-stream", HEADER: face.seal.sign(FOLLOWER)}
    with served(app) as url:
        with httpx.stream("GET", f"{url}/events?types=sales.*", headers=headers, timeout=20) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert next(lines) == "retry: 2000"
            event = rejected()
            deliver(channels.node, [event])
            heard = next(line for line in lines if line.startswith("data: "))
            assert heard == f"data: {event.body}"
            assert following._readers[face] == 1
        eventually(lambda: following._readers[face] == 0)


def test_a_reader_that_comes_back_with_the_last_id_misses_nothing(channels: Channels) -> None:
    app = http_app(channels.node)
    headers = {"Accept": "text/event-stream", HEADER: app.state.face.seal.sign(FOLLOWER)}
    first, missed = rejected(), rejected()
    with served(app) as url:
        with httpx.stream("GET", f"{url}/events", headers=headers, timeout=20) as answer:
            lines = answer.iter_lines()
            next(lines)
            deliver(channels.node, [first])
            last_id = ""
            for line in lines:
                last_id = line.removeprefix("id: ") if line.startswith("id: ") else last_id
                if first.id in line:
                    break
        deliver(channels.node, [missed])
        headers["Last-Event-ID"] = last_id
        with httpx.stream("GET", f"{url}/events", headers=headers, timeout=20) as answer:
            heard = next(line for line in answer.iter_lines() if line.startswith("data: "))
    assert heard == f"data: {missed.body}"

"""The head of a request has an end, in size and in time, whatever else goes on on its connection."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from deploy import http_protocol
from deploy.http_protocol import BoundedProtocol
from tests.api.raw import talk
from tests.installation import free_ports

PATIENCE_S = 0.6


async def hello(scope, receive, send):
    """Says hello a little later, so that much can arrive meanwhile."""
    assert scope["type"] == "http"
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    patched = pytest.MonkeyPatch()
    patched.setattr(http_protocol, "HEAD_WITHIN_S", PATIENCE_S)
    port = free_ports(1)
    config = uvicorn.Config(hello, port=port, http=BoundedProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join(10)
    patched.undo()


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


def test_a_head_that_arrives_a_byte_at_a_time_is_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        began = time.monotonic()
        for byte in HEAD:
            connection.sendall(bytes([byte]))
            time.sleep(PATIENCE_S / 8)
            if time.monotonic() - began > PATIENCE_S + 0.3:
                break
        assert b" 408 " in connection.recv(65_536)


def test_whoever_connects_and_says_nothing_is_hung_up_on(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        began = time.monotonic()
        assert connection.recv(1) == b""
        assert time.monotonic() - began < PATIENCE_S + 2


def test_a_head_in_two_parts_is_a_head(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(HEAD[:9])
        time.sleep(PATIENCE_S / 3)
        connection.sendall(HEAD[9:] + b"\r\n")
        assert b" 200 " in connection.recv(65_536)
        # A connection that is used again has all the time its server gives it.
        time.sleep(PATIENCE_S * 1.5)
        connection.sendall(HEAD + b"\r\n")
        assert b" 200 " in connection.recv(65_536)


def test_a_slow_body_is_not_the_head_s_affair(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        time.sleep(PATIENCE_S * 1.5)
        connection.sendall(b"b")
        assert b" 200 " in connection.recv(65_536)


def test_nonsense_behind_a_request_takes_nothing_from_its_answer(port: int) -> None:
    answer = talk(port, HEAD + b"\r\n" + b"\x00\x01 nonsense\r\n\r\n")
    assert (answer.status, answer.body, answer.count) == (200, b"hello", 1)


def test_two_requests_at_once_get_two_answers(port: int) -> None:
    answer = talk(port, 2 * (HEAD + b"\r\n"))
    assert (answer.status, answer.body, answer.count) == (200, b"hello", 2)
    padded = HEAD + b"X: " + b"x" * 40_000 + b"\r\n\r\n"
    assert talk(port, 3 * padded).count == 3


def test_nonsense_within_a_body_is_that_request_s_400(port: int) -> None:
    answer = talk(port, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nZZ\r\n")
    assert (answer.status, answer.count) == (400, 1)

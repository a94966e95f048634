"""Services in other processes: bodies stream both ways, whoever hangs up is noticed, whatever is down is 503."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.proxy import StreamingProxy
from tests.gateway.mirror import Mirror
from tests.gateway.serving import free_port, mirror_process, served
from tests.gateway.stage import House, open_house


@dataclass
class Street:
    """The gateway on a real port, and the mirror behind it on another."""

    house: House
    mirror: Mirror
    client: httpx.Client
    url: str


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    mirror = Mirror()
    with served(mirror) as behind:
        nobody = StreamingProxy(f"http://127.0.0.1:{free_port()}")
        upstreams = {"/mirror": StreamingProxy(behind), "/public": StreamingProxy(behind), "/nobody": nobody}
        with open_house("sqlite", tmp_path_factory.mktemp("street"), upstreams) as house, served(house.app) as url:
            headers = {"authorization": house.admin.headers["authorization"]}
            with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=20) as client:
                yield Street(house, mirror, client, url)


def test_requests_and_answers_arrive_as_they_are(street: Street) -> None:
    answer = street.client.request("PATCH", "/mirror/a%2Fb%20c?x=%26&y=", content="xin chào".encode())
    told = answer.json()
    assert (told["method"], told["path"], told["query"]) == ("PATCH", "/api/v1/mirror/a/b c", "x=%26&y=")
    assert told["body"].encode("latin-1").decode() == "xin chào"
    assert answer.headers.get_list("x-mirror") == ["one", "two"]
    assert len(answer.headers.get_list("date")) == 1
    assert not {"user-agent-by-proxy"} & set(answer.headers)
    sent = dict(told["headers"])
    assert sent["host"] == street.url.removeprefix("http://")
    assert sent["x-forwarded-proto"] == "http"


def test_no_header_is_made_up_on_the_way(street: Street) -> None:
    told = street.client.get("/mirror", headers={"accept": "*/*"}).json()
    names = [name for name, _ in told["headers"]]
    assert len(names) == len(set(names))
    assert set(names) <= {
        "host", "accept", "accept-encoding", "user-agent", "connection", "x-request-id", "traceparent",
        "x-forwarded-for", "x-forwarded-proto", "x-relata-caller",
    }  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 70_000, 300_000, 5_000_000])
def test_bodies_of_every_size_go_through(street: Street, size: int) -> None:
    assert street.client.post("/mirror", content=b"x" * size).json()["length"] == size

    def in_parts() -> Iterator[bytes]:
        for _ in range(10):
            yield b"y" * (size // 10)

    told = street.client.post("/mirror", content=in_parts()).json()
    assert told["length"] == size // 10 * 10


def test_head_has_no_body(street: Street) -> None:
    answer = street.client.head("/mirror")
    assert (answer.status_code, answer.content) == (200, b"")


def test_events_arrive_while_the_stream_is_open(street: Street) -> None:
    began = time.monotonic()
    with street.client.stream("GET", "/mirror/one/stream") as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        assert "ratelimit" in answer.headers
        first = next(answer.iter_raw())
        assert first.startswith(b"data: 0")
        assert time.monotonic() - began < 2


def eventually(street: Street, path: str, within_s: float = 3.0) -> None:
    deadline = time.monotonic() + within_s
    while f"/api/v1{path}" not in street.mirror.ended:
        assert time.monotonic() < deadline, "the upstream still works for nobody"
        time.sleep(0.02)


def test_when_the_client_hangs_up_the_upstream_stops(street: Street) -> None:
    with street.client.stream("GET", "/mirror/two/stream") as answer:
        next(answer.iter_raw())
    eventually(street, "/mirror/two/stream")


def test_a_stream_ends_when_its_reader_loses_the_right_to_it(street: Street) -> None:
    key = street.house.key("events:read")
    began = 0.0
    with httpx.stream("GET", f"{street.url}/api/v1/mirror/three/stream", headers=key.headers, timeout=10) as answer:
        for number, _ in enumerate(answer.iter_raw()):
            if number == 3:
                street.house.admin.post(f"/keys/{key.id}/revoke")
                began = time.monotonic()
        assert time.monotonic() - began < 1.5
    eventually(street, "/mirror/three/stream")


def test_nobody_there_is_503_at_once(street: Street) -> None:
    began = time.monotonic()
    answer = street.client.post("/nobody/x", json={})
    assert answer.status_code == 503
    assert answer.json()["code"] == "upstream_unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert time.monotonic() - began < 2.5


def test_a_client_that_disappears_in_mid_body_harms_nobody(street: Street) -> None:
    host, port = street.url.removeprefix("http://").split(":")
    for length in (1000, 400_000):
        with socket.create_connection((host, int(port))) as broken:
            head = f"POST /api/v1/mirror HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
            credential = f"Authorization: {street.client.headers['authorization']}\r\n\r\n"
            broken.sendall((head + credential).encode() + b"x" * 10)
            time.sleep(0.1)
    assert street.client.get("/mirror").status_code == 200


def test_a_killed_service_is_503_and_back_as_soon_as_it_is(tmp_path: Path) -> None:
    port = free_port()
    with open_house("sqlite", tmp_path, {"/mirror": StreamingProxy(f"http://127.0.0.1:{port}")}) as house:
        with mirror_process(port):
            assert house.admin.get("/mirror").status_code == 200
        assert house.admin.get("/mirror").status_code == 503
        assert house.admin.post("/mirror", json={}).status_code == 503
        assert house.admin.get("/me").status_code == 200
        with mirror_process(port):
            assert house.admin.get("/mirror").status_code == 200


def test_a_frozen_service_is_503_in_time_and_holds_nobody_else_up(tmp_path: Path) -> None:
    with mirror_process() as (url, process):
        upstreams = {"/mirror": StreamingProxy(url, answer_within_s=1.0)}
        with open_house("sqlite", tmp_path, upstreams) as house:
            assert house.admin.get("/mirror").status_code == 200
            assert process.pid is not None
            os.kill(process.pid, signal.SIGSTOP)
            try:
                told: list[tuple[int, float]] = []

                def ask() -> None:
                    began = time.monotonic()
                    told.append((house.admin.post("/mirror", json={}).status_code, time.monotonic() - began))

                threads = [threading.Thread(target=ask) for _ in range(5)]
                for thread in threads:
                    thread.start()
                began = time.monotonic()
                assert house.admin.get("/me").status_code == 200
                assert time.monotonic() - began < 0.9
                for thread in threads:
                    thread.join()
            finally:
                os.kill(process.pid, signal.SIGCONT)
            assert [status for status, _ in told] == [503] * 5
            assert all(0.9 < seconds < 2.5 for _, seconds in told)
            assert house.admin.get("/mirror").status_code == 200

"""A small HTTP load generator: keep-alive connections, prepared requests, exact latencies, little CPU of its own."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import uvloop


@dataclass
class Measured:
    """What a run gave. ``latencies`` in seconds; for a fixed rate they count from when the request was due."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    sent_at: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share (0.99) stays under."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        place = head.find(b"content-length:")
        length = (
            int(head[place + 15 : head.find(b"\r", place) if head.find(b"\r", place) > 0 else None])
            if place >= 0
            else 0
        )
        if len(self._buffer) < head_end + 4 + length:
            return
        self._buffer = self._buffer[head_end + 4 + length :]
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    async def ask(self, request: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("closed")
        self._transport.write(request)
        return await self._answer


def request(method: str, path: str, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _open(host: str, port: int) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, host, port)
    return connection


async def _closed(port: int, make: Callable[[int], bytes], clients: int, seconds: float) -> Measured:
    measured = Measured()
    end = time.perf_counter() + seconds
    number = iter(range(10**9))

    async def client() -> None:
        connection = await _open("127.0.0.1", port)
        while (began := time.perf_counter()) < end:
            try:
                status = await connection.ask(make(next(number)))
            except OSError:
                status, connection = 0, await _open("127.0.0.1", port)
            measured.latencies.append(time.perf_counter() - began)
            measured.statuses[status] += 1

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    measured.seconds = time.perf_counter() - began
    return measured


async def _paced(port: int, make: Callable[[int], bytes], rate: float, seconds: float, clients: int) -> Measured:
    measured = Measured()
    began = time.perf_counter()
    wall = time.time() - began
    total = int(rate * seconds)
    number = iter(range(total))

    async def client() -> None:
        connection = await _open("127.0.0.1", port)
        for turn in number:
            due = began + turn / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            try:
                status = await connection.ask(make(turn))
            except OSError:
                status, connection = 0, await _open("127.0.0.1", port)
            measured.latencies.append(time.perf_counter() - due)
            measured.sent_at.append(wall + due)
            measured.statuses[status] += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    measured.seconds = time.perf_counter() - began
    return measured


def as_fast_as_answered(port: int, make: Callable[[int], bytes], *, clients: int = 16, seconds: float = 10) -> Measured:
    """Closed loop: each client sends its next request when the last is answered."""
    return _run(_closed(port, make, clients, seconds))


def at_rate(
    port: int, make: Callable[[int], bytes], rate: float, *, seconds: float = 10, clients: int = 64
) -> Measured:
    """Open loop: requests are due at a fixed rate, and waiting for a slow answer counts as latency."""
    return _run(_paced(port, make, rate, seconds, clients))


def _run(work: Coroutine[None, None, Measured]) -> Measured:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)

"""HTTP to places that somebody named to us: no private network, no redirects, no waiting, no flood.

The name is looked up once, every address it has is judged, and the connection goes to one of those: what the DNS says a
moment later changes nothing. Certificates are checked against the name. Synchronous, for the courier's threads.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore
import httpx

from chassis.addresses import Place, is_public, read_url, resolve
from chassis.settings import Settings

CONNECT_S = 5.0
TOTAL_S = 15.0
MOST_BYTES = 65_536
_ADDRESSES_TRIED = 3


class NotSent(Exception):
    """No connection: nothing has left us, and trying again does no harm."""


class NoAnswer(Exception):
    """The request left, wholly or in part, and no answer came: whether it took effect is not known."""


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, and the body's first 64 kB; ``whole`` says whether that was all of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    ms: int

    @property
    def text(self) -> str:
        """The body for people to read."""
        return self.body.decode("utf-8", "replace")

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, when the receiver said so, as a number or as a date."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            return max(0.0, (parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)).total_seconds())
        except ValueError:
            return None


def call(
    settings: Settings,
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    connect_s: float = CONNECT_S,
    total_s: float = TOTAL_S,
) -> Answer:
    """One request, its answer whatever its status. Raises Invalid for a URL that may not be called, NotSent, NoAnswer.

    Never follows a redirect: that is an answer like any other. No call lasts longer than ``total_s``.
    """
    place = read_url(url, allow_private=settings.outside_allow_private)
    start = time.monotonic()
    network = _Network(place, settings.outside_allow_private, start + connect_s, start + total_s)
    with httpcore.ConnectionPool(ssl_context=_trust(), network_backend=network) as pool:
        try:
            target = httpcore.URL(
                scheme=place.scheme.encode(), host=place.host.encode(), port=place.port, target=place.target.encode()
            )
            sent: list[tuple[bytes | str, bytes | str]] = [("User-Agent", "Relata"), *(headers or {}).items()]
            with pool.stream(method, target, headers=sent, content=body) as response:
                read, whole = _read(response.iter_stream())
                got = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, got, read, whole, round((time.monotonic() - start) * 1000))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            if network.is_connected:
                raise NoAnswer(f"{place.host} did not answer: {said}") from error
            raise NotSent(f"{place.host} cannot be reached: {said}") from error


@cache
def _trust() -> ssl.SSLContext:
    # Made once: reading all the certificates of the world takes longer than a call.
    return httpx.create_ssl_context()


def _read(chunks: Iterable[bytes]) -> tuple[bytes, bool]:
    read = bytearray()
    try:
        for chunk in chunks:
            read += chunk
            if len(read) > MOST_BYTES:
                return bytes(read[:MOST_BYTES]), False
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return bytes(read), False  # its status is the answer; the rest of its words can be done without
    return bytes(read), True


@dataclass
class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were judged, and to nothing else."""

    place: Place
    allow_private: bool
    connect_by: float
    end_by: float
    is_connected: bool = field(default=False, init=False)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            found = resolve(host, port, timeout_s=self._left())
        except OSError as unknown:
            raise httpcore.ConnectError(str(unknown)) from unknown
        # One private address among public ones is enough: which of them is used must not be a matter of luck.
        if not self.allow_private and not all(is_public(address) for address in found):
            raise httpcore.ConnectError("the name leads into a private network")
        failed: Exception = httpcore.ConnectError("no address")
        for address in found[:_ADDRESSES_TRIED]:
            try:
                stream = httpcore.SyncBackend().connect_tcp(str(address), port, timeout=self._left())
                return _Stream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                failed = refused
        raise failed

    def _left(self) -> float:
        left = self.connect_by - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("connecting took too long")
        return left


@dataclass
class _Stream(httpcore.NetworkStream):
    """A connection with a deadline for all of it: a server that sends a byte every four seconds does not keep us."""

    stream: httpcore.NetworkStream
    network: _Network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.network.is_connected = True
        self.stream.write(buffer, self._left(httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = min(self._left(httpcore.ConnectTimeout), self.network._left())
        return _Stream(self.stream.start_tls(ssl_context, server_hostname, left), self.network)

    def close(self) -> None:
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)

    def _left(self, late: type[httpcore.TimeoutException]) -> float:
        left = self.network.end_by - time.monotonic()
        if left <= 0:
            raise late("the call took too long")
        return left

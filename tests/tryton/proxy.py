"""An HTTP proxy in front of an ERP that answers badly when told to: before the ERP hears of it, or when it is done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import orjson


@dataclass(frozen=True)
class Bad:
    """A bad answer. ``after``: the ERP has done what was asked. ``status`` 0: no answer, the connection just ends."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    after: bool = False


@dataclass
class Proxy:
    """``spoil(method)`` says how to answer a JSON-RPC method badly, or None; ``passed`` are those that went through."""

    url: str
    spoil: Callable[[str], Bad | None] = lambda method: None
    passed: list[str] = field(default_factory=list)
    spoiled: list[str] = field(default_factory=list)

    def once(self, ending: str, bad: Bad) -> None:
        """Answer the next call whose method ends like this badly, and no other."""
        left = [bad]

        def spoil(method: str) -> Bad | None:
            return left.pop() if left and method.endswith(ending) else None

        self.spoil = spoil


@contextmanager
def open_proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy before this ERP."""
    proxy = Proxy("")
    client = httpx.Client(base_url=upstream, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            method = str(orjson.loads(body)["method"])
            bad = proxy.spoil(method)
            if bad is not None:
                proxy.spoiled.append(method)
            if bad is None or bad.after:
                headers = {name: self.headers[name] for name in ("content-type", "authorization") if self.headers[name]}
                answer = client.post(self.path, content=body, headers=headers)
                proxy.passed.append(method)
                if bad is None:
                    self._answer(answer.status_code, answer.content, (("content-type", "application/json"),))
                    return
            assert bad is not None
            if bad.status == 0:
                self.close_connection = True
                self.connection.close()
                return
            self._answer(bad.status, bad.body, bad.headers)

        def _answer(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
            self.send_response(status)
            for name, value in (*headers, ("content-length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a connection that we have closed ourselves

    server = Server(("127.0.0.1", 0), Handler)
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        client.close()

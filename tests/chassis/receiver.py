"""A real HTTP receiver on loopback that answers as told and remembers what it heard."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Reply:
    """What to answer, after ``delay_s``."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thank you"
    delay_s: float = 0.0
    drip_s: float = 0.0  # seconds between the bytes of the body


@dataclass
class Receiver:
    """``answer`` decides by the request; ``heard`` has all of them in order of arrival; calls at once by path."""

    url: str
    port: int
    answer: Callable[[Heard], Reply] = field(default=lambda _heard: Reply())
    heard: list[Heard] = field(default_factory=list)
    most_at_once: Counter[str] = field(default_factory=Counter)
    at_once: Counter[str] = field(default_factory=Counter)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, heard: Heard) -> Reply:
        with self.guard:
            self.heard.append(heard)
            self.at_once[heard.path] += 1
            self.most_at_once[heard.path] = max(self.most_at_once[heard.path], self.at_once[heard.path])
        reply = self.answer(heard)
        time.sleep(reply.delay_s)
        with self.guard:
            self.at_once[heard.path] -= 1
        return reply


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """A receiver on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.hear(Heard(time.monotonic(), self.command, self.path, headers, body))
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                for byte in [reply.body] if not reply.drip_s else [bytes([one]) for one in reply.body]:
                    self.wfile.write(byte)
                    time.sleep(reply.drip_s)
            except OSError:
                pass  # the caller has hung up, which is what some tests are about

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}", server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

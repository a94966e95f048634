"""Bytes over a socket, for what no HTTP client would send."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """What came back: the first answer's status and body, and how many answers there were."""

    status: int
    body: bytes
    count: int

    @property
    def problem(self) -> dict[str, Any]:
        """The body as problem details."""
        content: dict[str, Any] = json.loads(self.body)
        return content


def talk(port: int, said: bytes, *, within_s: float = 5.0) -> Said:
    """Send these bytes, and read until the other side closes or says nothing more for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=within_s) as connection:
        sender = threading.Thread(target=_send, args=(connection, said), daemon=True)
        sender.start()
        heard = b""
        with suppress(OSError):
            while chunk := connection.recv(65_536):
                heard += chunk
                connection.settimeout(1.0)
    head, _, rest = heard.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    status = int(head.split(b" ")[1]) if head.startswith(b"HTTP/") else 0
    return Said(status, rest[:length], heard.count(b"HTTP/1.1 "))


def _send(connection: socket.socket, said: bytes) -> None:
    with suppress(OSError):  # whoever refuses may hang up before all is said
        connection.sendall(said)

"""A wire to a server that a test can clog and cut: what is lost between two processes is lost here on purpose."""

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit


class Wire:
    """Listens on a port of its own and forwards to a server. Clogged, it swallows what clients send."""

    def __init__(self, url: str) -> None:
        self._target = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = url.replace(f"{self._target[0]}:{self._target[1]}", f"127.0.0.1:{port}")
        self.clogged = threading.Event()
        self.swallowed = 0
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection; new ones go through."""
        self.clogged.clear()
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._sockets.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for source, sink, outward in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, sink, outward), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if outward and self.clogged.is_set():
                    self.swallowed += len(data)
                else:
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

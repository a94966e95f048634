"""Serving an application over HTTP with uvicorn, until SIGTERM."""

import signal
import sys
from typing import Any

import uvicorn

from deploy.http_protocol import BoundedProtocol

GRACE_S = 15
SWITCH_S = 0.0005


def run_uvicorn(app: Any, host: str, port: int) -> None:
    """Serve until SIGTERM; requests under way are finished first."""
    # A request's thread gives the interpreter up at each answer of the database, and would wait 5 ms to get it back.
    sys.setswitchinterval(SWITCH_S)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http=BoundedProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            # Nobody vouches for X-Forwarded-For here: whoever could write it would get round the lock-out by address.
            proxy_headers=False,
            backlog=1024,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GRACE_S,
        )
    )

    def stop(_number: int, _frame: object) -> None:
        server.should_exit = True

    # When it has stopped serving, uvicorn repeats the signal to whoever listened before. By default that ends the
    # process on the spot: leases would run out instead of being given up, and work under way would start again.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
    if not server.started:
        raise SystemExit(1)

"""Serving over HTTP: uvicorn, and the gateway put together with what stands behind it."""

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import uvicorn

from chassis.http import http_app
from chassis.service import Node
from deploy.asyncapi import documents
from deploy.http_protocol import BoundedProtocol
from deploy.installation import SERVICES, find_service, prefixes_of
from gateway.app import gateway_app
from gateway.flow.tour import Tour
from gateway.proxy.streaming import StreamingProxy

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


def fleet_gateway(node: Node, urls: Mapping[str, str]) -> Any:
    """The public door in front of services that answer at these addresses."""
    proxies = {name: StreamingProxy(url) for name, url in urls.items()}
    return gateway_app(node, _by_prefix(proxies), documents=documents(SERVICES))


def embedded_gateway(node: Node, behind: Sequence[Node], *, tour: Tour | None = None) -> Any:
    """The public door in front of services of this very process."""
    upstreams = _by_prefix({other.name: http_app(other) for other in behind})
    return gateway_app(node, upstreams, documents=documents(SERVICES), tour=tour)


def _by_prefix(upstreams: Mapping[str, Any]) -> dict[str, Any]:
    return {prefix: app for name, app in upstreams.items() for prefix in prefixes_of(find_service(name))}

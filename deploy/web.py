"""The gateway put together with what stands behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.http import http_app
from chassis.service import Node
from deploy.asyncapi import documents
from deploy.installation import all_services, find_service, prefixes_of
from gateway.app import gateway_app
from gateway.flow.tour import Tour
from gateway.proxy.streaming import StreamingProxy


def fleet_gateway(node: Node, urls: Mapping[str, str]) -> Any:
    """The public door in front of services that answer at these addresses."""
    proxies = {name: StreamingProxy(url) for name, url in urls.items()}
    return gateway_app(node, _by_prefix(proxies), documents=documents(all_services()))


def embedded_gateway(node: Node, behind: Sequence[Node], *, tour: Tour | None = None) -> Any:
    """The public door in front of services of this very process."""
    upstreams = _by_prefix({other.name: http_app(other) for other in behind})
    return gateway_app(node, upstreams, documents=documents(all_services()), tour=tour)


def _by_prefix(upstreams: Mapping[str, Any]) -> dict[str, Any]:
    return {prefix: app for name, app in upstreams.items() for prefix in prefixes_of(find_service(name))}

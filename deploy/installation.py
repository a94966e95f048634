"""The one list of what this product consists of, and how an installation's settings turn into nodes.

A manifest is imported when it is asked for: of a fleet's processes each needs its own service alone, and importing
all of them takes longer than everything else that a process does to start.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module

from pydantic import SecretStr

from chassis.migrate import migrate
from chassis.service import Node, Service
from chassis.settings import Settings
from deploy.trouble import Trouble
from gateway.secrets import installation_secret

GATEWAY = "gateway"
MODULES = {
    GATEWAY: "gateway.service",
    "channels": "services.channels.service",
    "sales": "services.sales.service",
    "erp_bridge": "services.erp_bridge.service",
    "activities": "services.activities.service",
    "insight": "services.insight.service",
    "service_desk": "services.service_desk.service",
}
"""Where each service has its manifest, which bears its name in capitals: ``services.sales.service.SALES``."""
NAMES = tuple(MODULES)


@cache
def all_services() -> tuple[Service, ...]:
    """Every manifest, the gateway's first."""
    return tuple(find_service(name) for name in NAMES)


class UnknownService(Trouble):
    """There is no service of that name; the message lists those there are."""


def find_service(name: str) -> Service:
    """The manifest of this name; raises UnknownService."""
    if name not in MODULES:
        raise UnknownService(f"no service {name!r}; there are {', '.join(NAMES)}")
    service: Service = getattr(import_module(MODULES[name]), name.upper())
    return service


def with_secret(settings: Settings) -> Settings:
    """The settings with the installation's signing secret filled in, made and kept on the first start."""
    return settings.model_copy(update={"secret": SecretStr(installation_secret(settings))})


def open_nodes(settings: Settings, services: Iterable[Service], *, pool_size: int | None = None) -> list[Node]:
    """A node for each service; close them all when done."""
    return [Node(service, settings, pool_size=pool_size) for service in services]


def migrate_all(nodes: Sequence[Node]) -> list[str]:
    """Bring every database to the present version; answers the names of the services where something was done."""
    return [node.name for node in nodes if migrate(node)]


def prefixes_of(service: Service) -> list[str]:
    """The first path segments a service answers on, as the gateway routes them: ``["/leads"]``."""
    paths = {route.path for router in service.routers for route in router.routes}
    return sorted({"/" + path.strip("/").split("/")[0] for path in paths})

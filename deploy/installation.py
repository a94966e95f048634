"""The one list of what this product consists of, and how an installation's settings turn into nodes."""

from collections.abc import Iterable, Sequence

from pydantic import SecretStr

from chassis.migrate import migrate
from chassis.service import Node, Service
from chassis.settings import Settings
from deploy.trouble import Trouble
from gateway.secrets import installation_secret
from gateway.service import GATEWAY
from services.activities.service import ACTIVITIES
from services.channels.service import CHANNELS
from services.erp_bridge.service import ERP_BRIDGE
from services.insight.service import INSIGHT
from services.sales.service import SALES
from services.service_desk.service import SERVICE_DESK

BEHIND_THE_DOOR: tuple[Service, ...] = (CHANNELS, SALES, ERP_BRIDGE, ACTIVITIES, INSIGHT, SERVICE_DESK)
SERVICES: tuple[Service, ...] = (GATEWAY, *BEHIND_THE_DOOR)


class UnknownService(Trouble):
    """There is no service of that name; the message lists those there are."""


def find_service(name: str) -> Service:
    """The manifest of this name; raises UnknownService."""
    for service in SERVICES:
        if service.name == name:
            return service
    raise UnknownService(f"no service {name!r}; there are {', '.join(service.name for service in SERVICES)}")


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

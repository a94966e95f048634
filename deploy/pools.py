"""How many database connections each face may hold. PostgreSQL's hundred are shared by the whole fleet."""

from chassis.service import Service
from chassis.settings import Settings
from deploy.installation import all_services

RELAY_POOL = 1
COURIER_POOL = 3
# Beside the worker's own: one for its jobs, one for what it looks up meanwhile.
WORKER_EXTRA = 2
_NOTIFIER = 1
_LISTENER = 1
# These are asked by a few people at their desks, and by no partner's system: fewer of their requests run at once.
_QUIET = frozenset({"erp_bridge", "insight", "service_desk"})
_QUIET_HTTP_POOL = 3


def http_pool(settings: Settings, service: Service) -> int:
    """How many requests of this service run at once, each with a connection."""
    return min(settings.http_pool, _QUIET_HTTP_POOL) if service.name in _QUIET else settings.http_pool


def most_connections(settings: Settings) -> int:
    """What a fleet with one process per face holds when all of it is busy."""
    http = sum(http_pool(settings, service) + _NOTIFIER for service in all_services())
    worker = settings.worker_pool + WORKER_EXTRA + _NOTIFIER
    relay = RELAY_POOL + _LISTENER
    delivering = [service for service in all_services() if service.deliveries]
    return http + len(all_services()) * (worker + relay) + len(delivering) * COURIER_POOL

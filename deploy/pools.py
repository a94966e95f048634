"""How many database connections each face may hold. PostgreSQL's hundred are shared by the whole fleet."""

from chassis.settings import Settings
from deploy.installation import all_services

RELAY_POOL = 1
COURIER_POOL = 3
# Beside the worker's own: one for its jobs, one for what it looks up meanwhile.
WORKER_EXTRA = 2
_NOTIFIER = 1
_LISTENER = 1


def most_connections(settings: Settings) -> int:
    """What a fleet with one process per face holds when all of it is busy."""
    http = settings.http_pool + _NOTIFIER
    worker = settings.worker_pool + WORKER_EXTRA + _NOTIFIER
    relay = RELAY_POOL + _LISTENER
    delivering = [service for service in all_services() if service.deliveries]
    return len(all_services()) * (http + worker + relay) + len(delivering) * COURIER_POOL

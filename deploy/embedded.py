"""Everything in one process: HTTP, relays, inboxes, courier and jobs, on files under ``var/``."""

import threading
from collections.abc import Callable

import structlog

from chassis.bus import open_transport
from chassis.settings import Settings, SettingsError
from deploy.demo.cast import DemoCast
from deploy.installation import GATEWAY, all_services, migrate_all, open_nodes, with_secret
from deploy.loops import Loops
from deploy.ports import must_be_free
from deploy.serving import run_uvicorn
from deploy.tour import Tour
from deploy.web import embedded_gateway
from gateway.identity.first_start import FirstAdministrator, ensure_administrator

log = structlog.get_logger(__name__)


Then = Callable[[FirstAdministrator | None], None]


def run_embedded(settings: Settings, *, prepare: Then | None = None, when_up: Then | None = None) -> None:
    """Serve until SIGTERM. ``prepare`` runs when the databases are ready, before anything else does.

    ``when_up`` runs once in a thread of its own beside everything.
    """
    if settings.bus_url != "memory://":
        raise SettingsError("RELATA_BUS_URL: names a broker, which one process does not use; start `relata fleet`")
    must_be_free(settings.host, settings.port)
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is in it is people's
    settings = with_secret(settings)
    nodes = open_nodes(settings, all_services())
    migrate_all(nodes)
    by_name = {node.name: node for node in nodes}
    administrator = ensure_administrator(by_name[GATEWAY])
    if prepare is not None:
        prepare(administrator)
    loops = Loops()
    transport = open_transport(settings.bus_url, settings.prefix, nodes)
    loops.start_relays(nodes, transport)
    for node in nodes:
        loops.start_inbox(node)
        if node.service.deliveries:
            loops.start_courier(node)
    loops.start_jobs(nodes)
    loops.start_measuring(nodes)
    if when_up is not None:
        threading.Thread(target=when_up, args=(administrator,), name="when-up", daemon=True).start()
    try:
        run_uvicorn(
            embedded_gateway(
                by_name[GATEWAY],
                [node for node in nodes if node.name != GATEWAY],
                tour=Tour(settings, loops.pause_inbox),
                demo=DemoCast(settings),
            ),
            settings.host,
            settings.port,
        )
    finally:
        loops.stop()
        transport.close()
        for node in nodes:
            node.close()

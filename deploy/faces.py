"""The faces a fleet consists of: HTTP and worker of each service, one relay, one courier. Each runs until SIGTERM."""

import signal
import threading

import structlog

from chassis.bus import open_transport
from chassis.logs import configure_logs
from chassis.service import Service
from chassis.settings import Settings, load_settings
from chassis.transport import BusAway
from chassis.wake import Notifier
from deploy.installation import GATEWAY, NAMES, all_services, find_service, open_nodes, with_secret
from deploy.loops import Loops, tick_jobs
from deploy.pools import COURIER_POOL, RELAY_POOL, WORKER_EXTRA
from deploy.ports import must_be_free, service_port, upstream_url
from deploy.status import database_answers, is_consuming, show_status

log = structlog.get_logger(__name__)

TOPOLOGY_EVERY_S = 60.0


def serve_http(settings: Settings, service: Service) -> None:
    """The HTTP face of a service; the gateway's is the public door."""
    from deploy.serving import run_uvicorn

    must_be_free(settings.host, service_port(settings, service.name))
    (node,) = open_nodes(settings, [service])
    if settings.metrics_port is not None:
        show_status(settings, "http", service.name, is_ready=lambda: database_answers(node))
    notifier = Notifier(node)
    notifier.start()
    if service.name == GATEWAY:
        from deploy.web import fleet_gateway

        upstreams = {name: upstream_url(settings, name) for name in NAMES if name != GATEWAY}
        run_uvicorn(fleet_gateway(node, upstreams), settings.host, settings.port)
    else:
        from chassis.http import http_app

        run_uvicorn(http_app(node), settings.host, service_port(settings, service.name))
    notifier.stop()
    node.close()


def work(settings: Settings, service: Service) -> None:
    """The worker face: events from the broker, the inbox, jobs."""
    from chassis.nameko_host import host_worker

    show_status(settings, "work", service.name, is_ready=lambda: is_consuming(service))
    (node,) = open_nodes(settings, [service], pool_size=settings.worker_pool + WORKER_EXTRA)
    notifier = Notifier(node)
    notifier.start()
    host_worker(node, tick_jobs)
    notifier.stop()
    node.close()


def relay(settings: Settings) -> None:
    """The relay of every service."""
    loops = Loops()
    show_status(settings, "relay", "", is_ready=loops.are_running)
    nodes = open_nodes(settings, all_services(), pool_size=RELAY_POOL)
    transport = open_transport(settings.bus_url, settings.prefix, nodes)
    loops.start_relays(nodes, transport)
    loops.start_measuring(nodes)
    loops.start("topology", lambda: _keep_topology(settings, loops.stopping))
    _until_signalled(loops)
    transport.close()


def courier(settings: Settings) -> None:
    """The courier of every service that delivers to the outside."""
    loops = Loops()
    show_status(settings, "courier", "", is_ready=loops.are_running)
    nodes = open_nodes(settings, [service for service in all_services() if service.deliveries], pool_size=COURIER_POOL)
    for node in nodes:
        loops.start_courier(node)
    _until_signalled(loops)


def _keep_topology(settings: Settings, stop: threading.Event) -> None:
    from chassis.bindings import keep_bindings

    while not stop.is_set():
        try:
            keep_bindings(settings.bus_url, settings.prefix, all_services())
        except BusAway as error:
            log.warning("topology not checked", reason=str(error))
        stop.wait(TOPOLOGY_EVERY_S)


def _until_signalled(loops: Loops) -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    log.info("running")
    told.wait()
    loops.stop()
    log.info("stopped")


def run_face(arguments: list[str]) -> None:
    """Run the face that the arguments name."""
    settings = with_secret(load_settings())
    kind, name = arguments[0], arguments[1] if len(arguments) > 1 else ""
    configure_logs(settings.log_level, face=f"{kind}:{name}" if name else kind)
    match kind:
        case "http":
            serve_http(settings, find_service(name))
        case "work":
            work(settings, find_service(name))
        case "relay":
            relay(settings)
        case "courier":
            courier(settings)
        case _:
            raise SystemExit(f"no face {kind!r}; there are http, work, relay, courier")

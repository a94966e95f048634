"""What a face shows to those who watch it, on a port apart: /metrics, /health and /ready, to whoever gets there."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import REGISTRY, start_http_server
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.service import Node, Service
from chassis.settings import Settings, SettingsError
from deploy.ports import metrics_port

Answer = Callable[..., Iterable[bytes]]


def show_status(settings: Settings, face: str, service: str, *, is_ready: Callable[[], bool]) -> None:
    """Begin to answer, from threads that end with the process. Raises SettingsError where somebody listens already."""
    port = metrics_port(settings, face, service)
    try:
        server, _ = start_http_server(port, settings.metrics_host)
    except OSError as error:
        where = f"{settings.metrics_host}:{port}"
        raise SettingsError(f"RELATA_METRICS_PORT: cannot listen on {where}: {error.strerror}") from error
    server.set_app(_pages(server.get_app(), is_ready))


def is_consuming(service: Service) -> bool:
    """Whether the worker of this process hears what its service reacts to."""
    return not service.reactions or REGISTRY.get_sample_value("relata_worker_consuming", {"service": service.name}) == 1


def database_answers(node: Node) -> bool:
    """Whether this node's database answers just now."""
    try:
        with node.read() as tx:
            tx.execute(select(1))
    except SQLAlchemyError:
        return False
    return True


def _pages(metrics: Answer | None, is_ready: Callable[[], bool]) -> Answer:
    def answer(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        match environment["PATH_INFO"]:
            case "/metrics" if metrics is not None:
                return metrics(environment, start)
            case "/health":
                return _say(start, "200 OK", "ok")
            case "/ready" if is_ready():
                return _say(start, "200 OK", "ok")
            case "/ready":
                return _say(start, "503 Service Unavailable", "unavailable")
            case _:
                return _say(start, "404 Not Found", "not found")

    return answer


def _say(start: Callable[..., Any], line: str, status: str) -> Iterable[bytes]:
    start(line, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps({"status": status}).encode()]

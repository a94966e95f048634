"""Which port each face listens on. The gateway has RELATA_PORT; the others follow it, or are where the settings say."""

import socket
from urllib.parse import urlsplit

from chassis.settings import Settings, SettingsError
from deploy.installation import NAMES


def service_port(settings: Settings, service: str) -> int:
    """The port of a service's HTTP face: the one under which RELATA_UPSTREAMS names it, else the next after others'."""
    place = NAMES.index(service)
    if place > 0 and (upstream := settings.upstreams.get(service)):
        return urlsplit(upstream).port or 80
    return settings.port + place


def metrics_port(settings: Settings, face: str, service: str) -> int:
    """The port where a face shows its metrics; a face with HTTP has one apart only with RELATA_METRICS_PORT."""
    if settings.metrics_port is not None:
        return settings.metrics_port
    faces = ["relay:", "courier:", *(f"work:{name}" for name in NAMES)]
    return settings.port + 50 + faces.index(f"{face}:{service}")


def upstream_url(settings: Settings, service: str) -> str:
    """Where the gateway finds a service: as RELATA_UPSTREAMS says, else its port on this machine."""
    return settings.upstreams.get(service) or f"http://127.0.0.1:{service_port(settings, service)}"


def must_be_free(host: str, port: int) -> None:
    """Raise SettingsError, before anything is started, when another program listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(f"RELATA_PORT: cannot listen on {host}:{port}: {error.strerror}") from error

"""A demo company of one partner in this process, on files, behind a port; its tour, and those who look on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from chassis.bus import open_transport
from chassis.service import Node
from chassis.settings import Settings
from deploy.demo.kept import read_kept
from deploy.installation import GATEWAY, all_services, migrate_all, open_nodes
from deploy.loops import Loops
from deploy.tour import Tour
from deploy.web import embedded_gateway
from gateway.identity.first_start import ensure_administrator
from tests.console.stage import Office
from tests.gateway.serving import free_port, served
from tests.gateway.stage import ADMIN_EMAIL, ADMIN_PASSWORD, SECRET, Loop

PAUSE_S = 1.5


@dataclass
class Demo:
    """``office`` as for the console; ``nodes`` by name."""

    office: Office
    nodes: dict[str, Node]
    loops: Loops


@contextmanager
def open_demo(folder: Path) -> Iterator[Demo]:
    """All of it; the pause of the tour is a short one."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/{{service}}.db",
        var=folder,
        port=free_port(),
        secret=SecretStr(SECRET),
        admin_email=ADMIN_EMAIL,
        admin_password=SecretStr(ADMIN_PASSWORD),
    )
    nodes = open_nodes(settings, all_services())
    migrate_all(nodes)
    by_name = {node.name: node for node in nodes}
    loops, transport = Loops(), open_transport(settings.bus_url, settings.prefix, nodes)
    try:
        ensure_administrator(by_name["gateway"])
        loops.start_relays(nodes, transport)
        for node in nodes:
            loops.start_inbox(node)
        tour = Tour(settings, loops.pause_inbox, pause_s=PAUSE_S)
        app = embedded_gateway(by_name["gateway"], [node for node in nodes if node.name != GATEWAY], tour=tour)
        with Loop() as loop, served(app, settings.port):
            office = Office(app, loop)
            _load(office, settings.var)
            yield Demo(office, by_name, loops)
    finally:
        loops.stop()
        transport.close()
        for node in nodes:
            node.close()


def _load(office: Office, var: Path) -> None:
    partner = office.admin.post("/partners", json={"name": "Sàn Thiết bị"}).json()["id"]
    wanted = {"name": "demo", "scopes": ["leads:push"], "partner_id": partner}
    kept = read_kept(var)
    kept.keys["Sàn Thiết bị"] = office.admin.post("/keys", json=wanted).json()["secret"]
    kept.done = True
    kept.save()

"""All services in this process on SQLite, with the gateway's own routes in front; ``settle`` lets everything happen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from sqlalchemy import select

from chassis.caller import Caller
from chassis.deliver import run_due
from chassis.http import http_app
from chassis.ids import new_id
from chassis.inbox import State, inbox
from chassis.outbox import outbox
from chassis.relay import Relay
from chassis.service import Node
from chassis.testing import SECRET, AppClient
from chassis.transport import MemoryTransport
from deploy.installation import GATEWAY, all_services
from gateway.proxy.neighbours import Neighbours
from tests.chassis.engines import open_node

NOUNS = ("lead", "activity", "report")
ACTS = ("create", "read", "write", "assign")
DIRECTOR = Caller(
    kind="user",
    id=new_id(),
    roles=frozenset({"director"}),
    depths={f"{noun}.{act}": "all" for noun in NOUNS for act in ACTS},
)
OPERATOR = Caller(kind="user", id=new_id(), roles=frozenset({"operator"}))
PARTNER = Caller(kind="key", id=new_id(), scopes=frozenset({"leads:push"}), partner_id=new_id())


@dataclass
class Stage:
    """Nodes and apps by service. A client of each; ``gateway`` asks the others, of which some may be ``away``."""

    nodes: dict[str, Node]
    clients: dict[str, AppClient]
    away: set[str] = field(default_factory=set)
    relays: list[Relay] = field(default_factory=list)

    def settle(self) -> None:
        """Send what is announced and do what is to be done, until there is nothing left."""
        if not self.relays:
            transport = MemoryTransport(list(self.nodes.values()))
            self.relays = [Relay(node, transport) for node in self.nodes.values()]
        while sum(relay.step() for relay in self.relays) + sum(run_due(node) for node in self.nodes.values()):
            pass

    def announced(self) -> list[dict[str, Any]]:
        """Every event that any service has announced."""
        found = []
        for node in self.nodes.values():
            with node.read() as tx:
                found += [orjson.loads(body) for body in tx.scalars(select(outbox.c.envelope))]
        return found

    def done(self) -> set[tuple[str, str]]:
        """Every reaction to every event that is done."""
        found = set()
        for node in self.nodes.values():
            with node.read() as tx:
                rows = tx.execute(select(inbox.c.event_id, inbox.c.reaction).where(inbox.c.state == State.DONE))
                found |= {(row.event_id, row.reaction) for row in rows}
        return found

    def journey(
        self, path: str, caller: Caller = OPERATOR, **query: Any
    ) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """The whole of it, page by page, and who answered."""
        steps: list[dict[str, Any]] = []
        while True:
            answer = self.clients["gateway"].as_(caller).get(path, params=query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            steps += page["items"]
            if page["next_cursor"] is None:
                return steps, page["parts"]
            query["cursor"] = page["next_cursor"]

    def push(self, request_id: str, **fields: Any) -> str:
        """A partner pushes a lead; answers the submission's id."""
        body = {"external_id": new_id(), "name": "Đặng Thị Ánh", "phone": "0912345678"} | fields
        client = self.clients["channels"].as_(PARTNER, **{"X-Request-Id": request_id})
        answer = client.post("/partner/leads", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["submission_id"])


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """Every service on a fresh database."""
    with ExitStack() as stack:
        options = {"secret": SECRET, "outside_allow_private": True}
        nodes = {
            service.name: stack.enter_context(open_node("sqlite", folder, service, **options))
            for service in all_services()
        }
        apps = {name: http_app(node) for name, node in nodes.items()}
        clients = {name: stack.enter_context(AppClient(app)) for name, app in apps.items()}
        stage = Stage(nodes, clients)
        behind = [
            (_when_there(stage, service.name, apps[service.name]), [service.name])
            for service in all_services()
            if service.name != GATEWAY
        ]
        apps["gateway"].state.neighbours = Neighbours([(apps["gateway"], []), *behind])
        apps["gateway"].state.tour = None
        yield stage


def _when_there(stage: Stage, name: str, app: FastAPI) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if name in stage.away and scope["path"] != "/version":
            raise OSError("nobody is there")
        await app(scope, receive, send)

    return answer

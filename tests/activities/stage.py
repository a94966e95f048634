"""A stage for activities: its app on a database of its own, the feed beside it, and those who read."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from chassis.caller import Caller
from chassis.deliver import deliver, run_due
from chassis.event import Envelope
from chassis.http import http_app
from chassis.ids import new_id
from chassis.service import Node, Service
from chassis.testing import SECRET, AppClient
from services.activities.service import ACTIVITIES
from services.channels.service import CHANNELS
from tests.chassis.engines import open_node

NOUNS = (
    "lead",
    "account",
    "contact",
    "opportunity",
    "quote",
    "order",
    "invoice",
    "payment",
    "shipment",
    "activity",
    "case",
)
ACTS = ("create", "read", "write", "delete", "assign")


def reader(depth: str, user_id: str | None = None, *, teams: Sequence[str] = ()) -> Caller:
    """Somebody whose rights reach this far for every kind of record."""
    depths = {f"{noun}.{act}": depth for noun in NOUNS for act in ACTS}
    return Caller(
        kind="user",
        id=user_id or new_id(),
        depths=depths,
        own_team_ids=frozenset(teams),
        team_ids=frozenset(teams),
        locale="vi",
    )


@dataclass
class Stage:
    """Activities with a client, and the feed that hears of the same events."""

    node: Node
    feed: Node
    client: AppClient

    def hears(self, *envelopes: Envelope) -> None:
        """These events arrive, in batches as a worker takes them."""
        for start in range(0, len(envelopes), 100):
            deliver(self.node, envelopes[start : start + 100])
        while run_due(self.node):
            pass

    def feed_hears(self, *envelopes: Envelope) -> None:
        """The feed has them too."""
        for start in range(0, len(envelopes), 100):
            deliver(self.feed, envelopes[start : start + 100])

    def timeline(self, ref: str, caller: Caller | None = None, **query: Any) -> list[dict[str, Any]]:
        """The whole timeline, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            params = {"regarding": ref, **query} | ({"cursor": cursor} if cursor else {})
            answer = self.client.as_(caller or reader("all")).get("/timeline", params=params)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                return items

    def rows(self, *tables: Table) -> list[Any]:
        """Everything in these tables, in an order that does not depend on how it came there."""
        with self.node.read() as tx:
            return [
                sorted(json.dumps(list(map(str, row)), sort_keys=True) for row in tx.execute(select(table)))
                for table in tables
            ]


@contextmanager
def open_stage(engine: str, folder: Path) -> Iterator[Stage]:
    """Activities and the feed on fresh databases."""
    feed_service = Service(
        name="channels",
        metadata=CHANNELS.metadata,
        reactions=tuple(each for each in CHANNELS.reactions if each.name == "channels.append_to_feed"),
    )
    with ExitStack() as stack:
        node = stack.enter_context(open_node(engine, folder, ACTIVITIES, secret=SECRET))
        feed = stack.enter_context(open_node(engine, folder, feed_service))
        client = stack.enter_context(AppClient(http_app(node)))
        yield Stage(node, feed, client)

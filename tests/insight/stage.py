"""A stage for insight: its app on a database of its own, the feed beside it, and those who read."""

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
from services.channels.service import CHANNELS
from services.insight.service import INSIGHT
from tests.chassis.engines import open_node

Days = tuple[str | None, str | None]
"""The first and the last day, None for open."""


def between(days: Days) -> dict[str, str]:
    """These days as parameters."""
    return {name: day for name, day in zip(("from", "to"), days, strict=True) if day is not None}


def reader(depth: str, user_id: str | None = None, *, teams: Sequence[str] = ()) -> Caller:
    """Somebody whose right to reports reaches this far."""
    return Caller(
        kind="user",
        id=user_id or new_id(),
        depths={"report.read": depth},
        own_team_ids=frozenset(teams),
        team_ids=frozenset(teams),
    )


@dataclass
class Stage:
    """Insight with a client, and the feed that hears of the same events."""

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

    def run(self, caller: Caller | None = None, by: str = "source", days: Days = (None, None)) -> dict[str, Any]:
        """The funnel."""
        answer = self.client.as_(caller or reader("all")).get(f"/reports/funnel_by_{by}/run", params=between(days))
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def rows(
        self, step: str, caller: Caller | None = None, days: Days = (None, None), **query: Any
    ) -> list[dict[str, Any]]:
        """All records behind a number, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            params = {"step": step, "limit": 2, **query, **between(days)} | ({"cursor": cursor} if cursor else {})
            answer = self.client.as_(caller or reader("all")).get("/reports/funnel_by_source/rows", params=params)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                return items

    def stored(self, *tables: Table) -> list[list[str]]:
        """Everything in these tables."""
        with self.node.read() as tx:
            return [sorted(str(tuple(row)) for row in tx.execute(select(table))) for table in tables]


@contextmanager
def open_stage(engine: str, folder: Path) -> Iterator[Stage]:
    """Insight and the feed on fresh databases."""
    feed_service = Service(
        name="channels",
        metadata=CHANNELS.metadata,
        reactions=tuple(each for each in CHANNELS.reactions if each.name == "channels.append_to_feed"),
    )
    with ExitStack() as stack:
        node = stack.enter_context(open_node(engine, folder, INSIGHT, secret=SECRET))
        feed = stack.enter_context(open_node(engine, folder, feed_service))
        client = stack.enter_context(AppClient(http_app(node)))
        yield Stage(node, feed, client)

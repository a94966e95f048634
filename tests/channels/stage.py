"""A stage for channels: its app on a database of its own, those who call it, and what it announced."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chassis.caller import Caller
from chassis.event import Envelope, Event, decode, encode
from chassis.http import http_app
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.service import Node
from chassis.testing import SECRET, AppClient
from events.sales import LeadState
from services.channels.service import CHANNELS
from tests.chassis.engines import open_node

ADMINISTRATOR = Caller(kind="user", id=new_id(), roles=frozenset({"administrator"}))
OPERATOR = Caller(kind="user", id=new_id(), roles=frozenset({"operator"}))
SALESPERSON = Caller(kind="user", id=new_id(), roles=frozenset({"salesperson"}))
FOLLOWER = Caller(kind="key", id=new_id(), scopes=frozenset({"events:read"}))


def partner(*scopes: str) -> Caller:
    """The key of a partner that nobody else is."""
    return Caller(kind="key", id=new_id(), scopes=frozenset(scopes or {"leads:push"}), partner_id=new_id())


def visitor() -> Caller:
    """Somebody on the Internet."""
    return Caller(kind="public", id=new_id()[-12:])


@dataclass
class Channels:
    """The service and a client that calls it; ``as_`` chooses who calls."""

    node: Node
    client: AppClient

    def as_(self, caller: Caller | None, **headers: str) -> AppClient:
        return self.client.as_(caller, **headers)

    def announced(self, *about: str) -> list[Envelope]:
        """What was emitted, in order; only what names one of these if any are given."""
        with self.node.read() as tx:
            bodies: Sequence[str] = tx.scalars(select(outbox.c.envelope).order_by(outbox.c.position)).all()
        everything = [decode(body) for body in bodies]
        return [one for one in everything if not about or any(each in one.body for each in about)]


@contextmanager
def open_channels(engine: str, folder: Path, **settings: Any) -> Iterator[Channels]:
    """Channels on a fresh database."""
    with (
        open_node(engine, folder, CHANNELS, **{"secret": SECRET, **settings}) as node,
        AppClient(http_app(node)) as client,
    ):
        yield Channels(node, client)


def lead(**fields: Any) -> dict[str, Any]:
    """A lead as a partner pushes it."""
    return {"external_id": new_id(), "name": "Đặng Thị Ánh", "phone": "0912 345 678"} | fields


def told(event: Event, *, sequence: int = 1, at: datetime | None = None, source: str = "relata/sales") -> Envelope:
    """This event on its way to channels."""
    envelope = Envelope(
        id=new_id(),
        source=source,
        type=event.type,
        subject=event.subject,
        sequence=sequence,
        time=at or datetime.now(UTC),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
        persons=tuple(event.persons()),
    )
    return decode(encode(envelope))


def lead_state(lead_id: str, **fields: Any) -> LeadState:
    """A lead as sales announces it."""
    now = datetime.now(UTC)
    values = {
        "id": lead_id,
        "full_name": "Đặng Thị Ánh",
        "status": "new",
        "stage": "new",
        "contactable": False,
        "first_touch_at": now,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        **fields,
    }
    return LeadState.model_validate(values)

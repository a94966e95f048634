"""A stage for the bridge: its app on a database of its own, what sales tells it, and what it announced."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chassis.caller import Caller
from chassis.courier import courier
from chassis.event import Envelope, Event, decode, encode
from chassis.http import http_app
from chassis.ids import new_id
from chassis.job_runner import run_due_jobs
from chassis.money import rounded
from chassis.outbox import outbox
from chassis.service import Node
from chassis.testing import SECRET, AppClient
from events.sales.customers import Address
from events.sales.documents import Buyer, Line, TaxGroup, Totals
from events.sales.invoices import InvoiceIssued, InvoiceState
from events.sales.orders import OrderConfirmed, OrderState
from services.erp_bridge.service import ERP_BRIDGE
from tests.chassis.engines import open_node

ADMINISTRATOR = Caller(kind="user", id=new_id(), roles=frozenset({"administrator"}))
CHIEF_ACCOUNTANT = Caller(kind="user", id=new_id(), roles=frozenset({"chief_accountant"}))
FINANCE = Caller(kind="user", id=new_id(), roles=frozenset({"finance"}))
OPERATOR = Caller(kind="user", id=new_id(), roles=frozenset({"operator"}))
SALESPERSON = Caller(kind="user", id=new_id(), roles=frozenset({"salesperson"}))


@dataclass
class Bridge:
    """The service and a client that calls it as an administrator; ``as_`` chooses somebody else."""

    node: Node
    client: AppClient

    def as_(self, caller: Caller | None, **headers: str) -> AppClient:
        return self.client.as_(caller, **headers)

    def announced(self, *types: type[Event], about: str = "") -> list[Envelope]:
        """What was emitted, in order; only of these types and naming this if given."""
        with self.node.read() as tx:
            bodies: Sequence[str] = tx.scalars(select(outbox.c.envelope).order_by(outbox.c.position)).all()
        wanted = {each.type for each in types}
        everything = [decode(body) for body in bodies]
        return [one for one in everything if (not wanted or one.type in wanted) and about in one.body]

    def documents(self, **filters: str) -> list[dict[str, Any]]:
        """Documents on their way, as the API shows them."""
        answer = self.client.get("/erp/documents", params={"limit": 200, **filters})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def stands(self, document_id: str, *states: str) -> dict[str, Any] | None:
        """The document, if it is there in one of these states."""
        for one in self.documents(document_id=document_id):
            if one["state"] in states:
                return one
        return None

    def look(self) -> None:
        """Ask every ERP now what changed, and wait for the answers."""
        looks = []
        for connection in self.client.get("/erp/connections").json()["items"]:
            if connection["status"] != "paused":
                asked = self.client.post("/erp/syncs", json={"connection_id": connection["id"]})
                assert asked.status_code == 202, asked.text
                looks.append(asked.json()["id"])
        for job in self.node.service.jobs:
            job.run_long(self.node)
        done = [self.client.get(f"/erp/syncs/{look}").json() for look in looks]
        assert [each for each in done if each["state"] != "done"] == []

    def run_jobs(self) -> None:
        """What is due by the clock."""
        run_due_jobs(self.node)


@contextmanager
def open_bridge(engine: str, folder: Path, **settings: Any) -> Iterator[Bridge]:
    """The bridge on a fresh database, with a courier beside it and a schedule of days pressed into seconds."""
    given = {"secret": SECRET, "outside_allow_private": True, "retry_scale": 0.01, **settings}
    with (
        open_node(engine, folder, ERP_BRIDGE, **given) as node,
        AppClient(http_app(node), as_=ADMINISTRATOR) as client,
        delivering(node),
    ):
        yield Bridge(node, client)


@contextmanager
def delivering(node: Node) -> Iterator[None]:
    """A courier for as long as the block lasts."""
    stop = threading.Event()
    running = threading.Thread(target=courier, args=(node, stop))
    running.start()
    try:
        yield
    finally:
        stop.set()
        node.deliveries_filled.set()
        running.join(60)


def told(event: Event, *, sequence: int = 1) -> Envelope:
    """This event on its way from sales to the bridge."""
    envelope = Envelope(
        id=new_id(),
        source="relata/sales",
        type=event.type,
        subject=event.subject,
        sequence=sequence,
        time=datetime.now(UTC),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
        persons=tuple(event.persons()),
    )
    return decode(encode(envelope))


def buyer(**fields: Any) -> Buyer:
    """A company that buys."""
    values = {
        "account_id": new_id(),
        "name": "Công ty TNHH Thương mại Đại Phát",
        "tax_code": "0100109106",
        "email": "ke.toan@daiphat.example",
        "phone": "+842838221234",
        "address": Address(id=new_id(), line="12 Lê Lợi", ward="Phường Sài Gòn", province="Thành phố Hồ Chí Minh"),
        **fields,
    }
    return Buyer.model_validate(values)


def line(net: str, *, rate: str = "10", quantity: str = "1", price: str | None = None, tax: str = "0") -> Line:
    """A line that comes to this much; its share of the tax is settled by ``totals``."""
    return Line(
        id=new_id(),
        code="MI-80",
        name="Máy in hoá đơn K80",
        unit="cái",
        quantity=Decimal(quantity),
        unit_price=Decimal(price or net),
        discount_percent=Decimal(0),
        tax_code=f"VAT{rate}",
        tax_rate=Decimal(rate),
        net=Decimal(net),
        tax=Decimal(tax),
    )


def totals(lines: Sequence[Line]) -> Totals:
    """By tax group, each rounded once, half up."""
    nets: dict[tuple[str, Decimal], Decimal] = {}
    for each in lines:
        key = (each.tax_code, each.tax_rate)
        nets[key] = nets.get(key, Decimal(0)) + each.net
    groups = tuple(
        TaxGroup(tax_code=code, rate=rate, net=net, tax=rounded(net * rate / 100)) for (code, rate), net in nets.items()
    )
    net, tax = sum((each.net for each in groups), Decimal(0)), sum((each.tax for each in groups), Decimal(0))
    return Totals(net=net, tax=tax, total=net + tax, groups=groups)


def invoice(*lines: Line, **fields: Any) -> InvoiceState:
    """An issued invoice, of one line of a million if none is named."""
    lines = lines or (line("1000000"),)
    now, sums = datetime.now(UTC), totals(lines)
    values = {
        "id": new_id(),
        "number": f"HĐ-2026-{new_id()[-6:]}",
        "status": "issued",
        "order_id": new_id(),
        "buyer": fields.pop("buyer", None) or buyer(),
        "issued_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 20),
        "lines": lines,
        "totals": sums,
        "paid": Decimal(0),
        "balance": sums.total,
        "created_at": now,
        "updated_at": now,
        "version": 2,
        **fields,
    }
    return InvoiceState.model_validate(values)


def order(*lines: Line, **fields: Any) -> OrderState:
    """A confirmed order, of one line of a million if none is named."""
    lines = lines or (line("1000000"),)
    now = datetime.now(UTC)
    values = {
        "id": new_id(),
        "number": f"ĐH-2026-{new_id()[-6:]}",
        "status": "confirmed",
        "buyer": fields.pop("buyer", None) or buyer(),
        "ordered_on": date(2026, 11, 19),
        "lines": lines,
        "totals": totals(lines),
        "created_at": now,
        "updated_at": now,
        "version": 2,
        **fields,
    }
    return OrderState.model_validate(values)


def issued(state: InvoiceState) -> Envelope:
    """That it was issued."""
    return told(InvoiceIssued(invoice=state))


def confirmed(state: OrderState) -> Envelope:
    """That it was confirmed."""
    return told(OrderConfirmed(order=state))

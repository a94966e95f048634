"""The other main job: a partner's lead becomes a customer, an order, an invoice in the ERP, and money."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.installation import Installation, eventually
from tests.stories.stage import Caller, lead, new_partner, new_seller, verdict
from tests.tryton import Tryton

pytestmark = pytest.mark.timeout(900)  # a cold cache fetches Tryton and makes a company

# What happened, as the feed, the timeline and the journey have it. Each is there once, some for two documents.
WAY = [
    *("channels.submission.received", "sales.lead.created", "sales.lead.contacted", "sales.lead.qualified"),
    *("sales.opportunity.created", "sales.opportunity.advanced", "sales.account.created", "sales.opportunity.won"),
    *("sales.quote.created", "sales.quote.sent", "sales.quote.accepted", "sales.order.created"),
    *("sales.order.confirmed", "erp_bridge.document.queued", "erp_bridge.document.accepted", "sales.order.released"),
    *("sales.shipment.planned", "sales.shipment.shipped", "sales.shipment.delivered", "sales.order.delivered"),
    *("sales.invoice.created", "sales.invoice.issued", "erp_bridge.document.queued", "erp_bridge.document.accepted"),
    *("erp_bridge.payment.booked", "sales.payment.received", "sales.payment.allocated", "sales.invoice.paid"),
]
# Further steps that depend on who was assigned first, and on how the ERP calls what it has.
BESIDE = {"sales.lead.assigned", "sales.order.updated", "sales.account.updated", "erp_bridge.document.changed"}
LINES = [
    {"name": "Máy nén khí trục vít 15 kW", "unit": "cái", "quantity": "3", "unit_price": "83333333"}
    | {"tax_code": "VAT8", "discount_percent": "7.5"},
    {"name": "Bộ lọc khí", "unit": "bộ", "quantity": "7", "unit_price": "1250007", "tax_code": "VAT8"},
    {"name": "Lắp đặt và chạy thử", "unit": "giờ", "quantity": "12.5", "unit_price": "333333", "tax_code": "VAT10"},
]


@dataclass
class Cast:
    """Who takes part: the partner who pushes, X who sells, Y who has nothing to do with it, and the administrator."""

    admin: Caller
    partner: Caller
    seller: Caller
    other: httpx.Client


@dataclass
class Way:
    """How far one customer has got; ``records`` are what they have become on the way, by noun."""

    cast: Cast
    source: str = field(default_factory=lambda: f"hội chợ {uuid4().hex[:8]}")
    records: dict[str, str] = field(default_factory=dict)

    def path(self, noun: str) -> str:
        """Where this record is read."""
        plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
        return f"/{plural}/{self.records[noun]}"

    def read(self, noun: str) -> dict[str, Any]:
        """The record as its salesperson sees it."""
        return self.cast.seller.get(self.path(noun))


_numbers = count(uuid4().int % 10**6)


def tax_code() -> str:
    """One with a right check digit."""
    while True:
        nine = f"03{next(_numbers) % 10**7:07d}"
        digit = 10 - sum(w * int(d) for w, d in zip((31, 29, 23, 19, 17, 13, 7, 5, 3), nine, strict=True)) % 11
        if digit in range(10) and nine[2:] != "0000000":
            return f"{nine}{digit}"


def new_cast(relata: Installation, admin: httpx.Client, *, twice: bool = False) -> Cast:
    """People whom nobody else's story knows."""
    partner = new_partner(relata, admin, f"Đối tác {uuid4().hex[:8]}")
    seller_x, seller_y = new_seller(relata, admin, "Trần Văn X"), new_seller(relata, admin, "Lê Thị Y")
    return Cast(Caller(admin, twice), Caller(partner, twice), Caller(seller_x, twice), seller_y)


def comes_in(way: Way) -> None:
    """A partner pushes a lead, and it is given to X."""
    cast, body = way.cast, lead(phone=f"091{uuid4().int % 10**7:07d}", source=way.source, company="Cơ khí Minh Phát")
    pushed = cast.partner.post("/partner/leads", body)
    told = verdict(cast.partner.client, pushed)
    assert told["status"] == "created"
    if cast.partner.twice:  # its own system has forgotten that it did, and pushes again
        again = cast.partner.post("/partner/leads", body)
        assert again.json()["submission_id"] == told["submission_id"]
    way.records |= {"submission": told["submission_id"], "lead": told["lead_id"]}
    cast.admin.do(f"{way.path('lead')}/assign", {"owner_id": cast.seller.client.headers["x-test-user"]})


def becomes_a_customer(way: Way) -> None:
    """X works on the lead until it is won: they are exactly one customer then."""
    x = way.cast.seller
    x.do(f"{way.path('lead')}/contact")
    wanted = {"name": "Máy nén khí cho Minh Phát", "amount": {"amount": "260000000", "currency": "VND"}}
    qualified = x.do(f"{way.path('lead')}/qualify", {"opportunity": wanted, "tax_code": tax_code()})
    way.records["opportunity"] = qualified["opportunity_id"]
    submission = way.records["submission"]
    eventually(lambda: way.cast.partner.get(f"/partner/leads/{submission}")["stage"] == "qualified")
    x.do(f"{way.path('opportunity')}/advance", {"stage": "negotiation"})
    won = x.do(f"{way.path('opportunity')}/win")
    assert (won["status"], won["contact_id"]) == ("won", None)
    way.records["account"] = won["account_id"]
    mine = [each for each in x.all("/accounts") if each["lead_id"] == way.records["lead"]]
    assert [each["id"] for each in mine] == [won["account_id"]]


def orders(way: Way) -> None:
    """They get a quote, accept it, and the order becomes binding and may be delivered."""
    x = way.cast.seller
    body = {"opportunity_id": way.records["opportunity"], "lines": LINES, "discount_percent": "2.5"}
    quote = x.make("/quotes", body)
    way.records["quote"] = quote["id"]
    x.do(f"{way.path('quote')}/send")
    way.records["order"] = x.do(f"{way.path('quote')}/accept", {"as": "order"})["order_id"]
    assert way.read("order")["totals"] == quote["totals"]
    x.do(f"{way.path('order')}/confirm")
    in_erp(way, "order")
    assert x.client.post(f"{way.path('order')}/release").status_code == 403, "that is the director's"
    way.cast.admin.do(f"{way.path('order')}/release")


def is_invoiced(way: Way) -> None:
    """The goods are delivered, and the invoice counts."""
    x = way.cast.seller
    way.records["shipment"] = x.make("/shipments", {"order_id": way.records["order"]})["id"]
    x.do(f"{way.path('shipment')}/ship")
    x.do(f"{way.path('shipment')}/deliver", {"received_by": "Chị Lan"})
    assert way.read("order")["status"] == "delivered"
    way.records["invoice"] = x.make("/invoices", {"order_id": way.records["order"]})["id"]
    x.do(f"{way.path('invoice')}/issue")
    in_erp(way, "invoice")


def in_erp(way: Way, noun: str, *, within: float = 30) -> dict[str, Any]:
    """How the document stands in the ERP, once that has it."""

    erp: dict[str, Any] = {}

    def there() -> bool:
        erp.update(way.read(noun)["erp"])
        assert erp["state"] in ("none", "queued", "delayed", "accepted"), erp
        return bool(erp["state"] == "accepted")

    eventually(there, within=within)
    assert erp["erp_number"]
    return erp


def is_paid(way: Way) -> None:
    """The money is known here, as it is there."""
    invoice = eventually(lambda: (told := way.read("invoice"))["status"] == "paid" and told, within=30)
    assert (invoice["paid"], invoice["balance"]) == (invoice["totals"]["total"], "0")
    (payment,) = way.cast.seller.all("/payments", account_id=way.records["account"])
    assert (payment["amount"]["amount"], payment["origin"]) == (invoice["totals"]["total"], "erp")
    way.records["payment"] = payment["id"]


def told_of(way: Way) -> Counter[str]:
    """What the customer's timeline has, by type, without the version."""
    regarding = f"account:{way.records['account']}"
    entries = way.cast.seller.all("/timeline", regarding=regarding)
    assert len({each["id"] for each in entries}) == len(entries)
    assert all(each["what"] != each["type"] for each in entries), "everything is said in words"
    return Counter(each["type"].removesuffix(".v1") for each in entries)


def check_timeline(way: Way, expected: list[str]) -> None:
    """Every step is there, once."""

    def complete() -> bool:
        told = told_of(way)
        return not (Counter(expected) - told)

    eventually(complete)
    told = told_of(way)
    assert {name: told[name] for name in told if name not in BESIDE} == Counter(expected)


def check_journey(way: Way, expected: list[str]) -> None:
    """Operators see the same way, every reaction done, each delivery arrived, no number of a sequence left out."""
    operator = way.cast.admin

    def settled() -> list[dict[str, Any]] | None:
        steps = operator.all("/flow/journey", regarding=f"lead:{way.records['lead']}")
        return steps if all(each["state"] in ("told", "done", "delivered") for each in steps) else None

    steps = eventually(settled)
    events = [each for each in steps if each["kind"] == "event"]
    told = Counter(each["name"].removesuffix(".v1") for each in events)
    assert {name: told[name] for name in told if name not in BESIDE} == Counter(expected)
    numbers: dict[str, list[int]] = {}
    for each in events:
        numbers.setdefault(each["subject"], []).append(each["sequence"])
    assert all(sorted(seen) == list(range(1, len(seen) + 1)) for seen in numbers.values()), numbers
    assert {each["event_id"] for each in steps if each["kind"] == "reaction"} == {each["event_id"] for each in events}
    for noun, record in way.records.items():
        assert f"{noun}:{record}" in numbers, noun
    for noun in ("submission", "opportunity", "order", "invoice", "payment"):
        same = operator.all("/flow/journey", regarding=f"{noun}:{way.records[noun]}")
        assert {each["event_id"] for each in same} == {each["event_id"] for each in steps}, noun


def check_funnel(way: Way) -> None:
    """One of each is counted, with its amount."""
    total = {"amount": way.read("invoice")["totals"]["total"], "currency": "VND"}
    expected = {
        **dict.fromkeys(("captured", "qualified", "won", "orders", "invoices", "invoices_paid"), 1),
        "revenue": [{"amount": "260000000", "currency": "VND"}],
        **{name: [total] for name in ("ordered", "invoiced", "paid")},
    }

    def counted() -> bool:
        rows = way.cast.admin.get("/reports/funnel_by_source/run")["rows"]
        (row,) = [each for each in rows if each["key"] == way.source]
        return bool({name: row[name] for name in expected} == expected)

    eventually(counted)


def check_strangers(way: Way) -> None:
    """Y sees nothing of it, by whatever route."""
    y = way.cast.other
    for noun, record in way.records.items():
        if noun != "submission":
            assert y.get(way.path(noun)).status_code == 404, noun
            listed = y.get(way.path(noun).rpartition("/")[0], params={"limit": 200}).json()["items"]
            assert record not in [each["id"] for each in listed], noun
        assert y.get("/timeline", params={"regarding": f"{noun}:{record}"}).status_code == 404, noun
    for step in ("lead", "contact"), ("order", "confirm"), ("invoice", "issue"):
        assert y.post(f"{way.path(step[0])}/{step[1]}").status_code == 404, step
    assert way.source not in [row["key"] for row in y.get("/reports/funnel_by_source/run").json()["rows"]]


@pytest.fixture
def connected(admin: httpx.Client, tryton: Tryton) -> Iterator[str]:
    """Documents go to Tryton; afterwards the ledger books again. Answers the connection's id."""
    body = {"kind": "tryton", "name": "Tryton", "settings": tryton.settings, "poll_every_s": 1}
    made = Caller(admin).post("/erp/connections", body).json()
    yield made["id"]
    assert admin.delete(f"/erp/connections/{made['id']}").status_code == 204


def sums(there: dict[str, Any]) -> list[Decimal]:
    """Net, tax and total of a document in Tryton."""
    return [there[name] for name in ("untaxed_amount", "tax_amount", "total_amount")]


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_a_partner_s_lead_becomes_a_paid_invoice(
    relata: Installation, admin: httpx.Client, tryton: Tryton, connected: str, twice: bool
) -> None:
    way = Way(new_cast(relata, admin, twice=twice))
    comes_in(way)
    becomes_a_customer(way)
    orders(way)
    is_invoiced(way)

    order, invoice = way.read("order"), way.read("invoice")
    (sale,) = tryton.client.sales(order["id"])
    (booked,) = tryton.client.invoices(invoice["id"])
    accepted = {"state": "accepted", "connection": "Tryton", "reason": None}
    assert order["erp"] == {**accepted, "erp_number": sale["number"]}
    assert invoice["erp"] == {**accepted, "erp_number": booked["number"]}
    assert invoice["totals"] == order["totals"]
    assert len(invoice["totals"]["groups"]) == 2
    assert sums(booked) == [Decimal(invoice["totals"][name]) for name in ("net", "tax", "total")]
    assert sale["untaxed_amount"] == Decimal(order["totals"]["net"])
    buyers = tryton.client.find("party.party", [["identifiers.code", "=", f"account:{way.records['account']}"]], "name")
    assert [each["id"] for each in buyers] == [booked["party"]]

    tryton.client.pay(booked["id"], Decimal(invoice["totals"]["total"]))
    is_paid(way)
    if twice:  # asked again and again, Tryton says the same
        for _ in range(2):
            sync = way.cast.admin.post("/erp/syncs", {"connection_id": connected}).json()
            eventually(lambda: way.cast.admin.get(f"/erp/syncs/{sync['id']}")["state"] == "done")  # noqa: B023
        assert [len(tryton.client.sales(order["id"])), len(tryton.client.invoices(invoice["id"]))] == [1, 1]
        is_paid(way)
    check_timeline(way, WAY)
    check_journey(way, WAY)
    check_funnel(way)
    check_strangers(way)


def test_without_an_erp_the_ledger_books_and_the_invoice_is_paid(relata: Installation, admin: httpx.Client) -> None:
    way = Way(new_cast(relata, admin))
    x, accountant = way.cast.seller, Caller(new_seller(relata, admin, "Phạm Thị Thu", role="finance"))
    customer = x.make("/accounts", {"name": "Công ty TNHH Ánh Dương", "kind": "company"})
    body = {"account_id": customer["id"], "lines": LINES, "invoice_on": "confirmation"}
    order = x.make("/orders", body)
    way.records |= {"account": customer["id"], "order": order["id"]}
    x.do(f"{way.path('order')}/confirm")
    (invoice,) = x.all("/invoices", order_id=order["id"])
    way.records["invoice"] = invoice["id"]
    assert in_erp(way, "invoice")["connection"] == "Sổ cái"
    total = invoice["totals"]["total"]
    accountant.make("/ledger/payments", {"invoice_id": invoice["id"], "amount": total, "paid_on": invoice["issued_on"]})
    is_paid(way)
    (booked,) = [each for each in accountant.all("/ledger/documents") if each["reference"] == invoice["id"]]
    assert [booked[name] for name in ("net", "tax", "total", "paid")] == [
        *(invoice["totals"][name] for name in ("net", "tax", "total")),
        total,
    ]


@pytest.mark.parametrize("relata", ["embedded"], indirect=True)
def test_while_tryton_is_away_the_invoice_says_so_and_goes_there_by_itself_afterwards(
    relata: Installation, admin: httpx.Client, tryton: Tryton, connected: str
) -> None:
    way = Way(new_cast(relata, admin))
    x = way.cast.seller
    customer = x.make("/contacts", {"full_name": "Đặng Thị Ánh", "phones": [{"value": "0912345678"}]})
    way.records["order"] = x.make("/orders", {"contact_id": customer["id"], "lines": LINES})["id"]
    x.do(f"{way.path('order')}/confirm")
    in_erp(way, "order")
    way.cast.admin.do(f"{way.path('order')}/release")
    way.records["shipment"] = x.make("/shipments", {"order_id": way.records["order"]})["id"]
    x.do(f"{way.path('shipment')}/ship")
    x.do(f"{way.path('shipment')}/deliver", {"received_by": "Chị Lan"})
    way.records["invoice"] = x.make("/invoices", {"order_id": way.records["order"]})["id"]

    tryton.server.stop()
    try:
        x.do(f"{way.path('invoice')}/issue")
        told = eventually(lambda: (erp := way.read("invoice")["erp"])["state"] == "delayed" and erp, within=5)
        assert told["reason"].startswith("ERP hiện chưa nhận; hệ thống sẽ tự gửi lại."), "the seller reads Vietnamese"
        (document,) = way.cast.admin.all("/erp/documents", document_id=way.records["invoice"])
        assert (document["state"], document["connection_id"]) == ("delayed", connected)
        eventually(lambda: way.cast.admin.get(f"/erp/connections/{connected}")["error"], within=10)
        comes_in(Way(way.cast))  # leads come in as ever
    finally:
        tryton.server.start()
    erp = in_erp(way, "invoice", within=60)
    (booked,) = tryton.client.invoices(way.records["invoice"])
    assert erp["erp_number"] == booked["number"]
    eventually(lambda: not way.cast.admin.get(f"/erp/connections/{connected}")["error"], within=30)

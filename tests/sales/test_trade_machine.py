"""Whatever is done in whatever order: only allowed moves, exact sums, never more than there is, and true events.

Hypothesis walks quotes, orders, shipments, invoices and payments over the routes; every call is taken or refused by a
rule (409), nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chassis.money import rounded
from tests.sales.documents_stage import Sale, in_days, open_sale
from tests.sales.stage import announced, open_sales, so_far

ALLOWED = {
    "quotes": {
        ("draft", "sent"),
        *(("sent", after) for after in ("accepted", "rejected", "superseded")),
        ("rejected", "superseded"),
    },
    "orders": {
        ("draft", "confirmed"),
        ("draft", "cancelled"),
        ("confirmed", "cancelled"),
        ("confirmed", "released"),
        *((before, after) for before in ("released", "in_delivery") for after in ("in_delivery", "delivered")),
    },
    "shipments": {("planned", "shipped"), ("shipped", "delivered")},
    "invoices": {
        ("draft", "issued"),
        ("draft", "discarded"),
        *((a, b) for a in ("issued", "part_paid", "paid") for b in ("issued", "part_paid", "paid")),
    },
    "payments": {("received", "allocated"), ("received", "reversed"), ("allocated", "reversed")},
}
STEPS = {
    "quotes": ("send", "accept", "reject", "revise"),
    "orders": ("confirm", "release", "cancel"),
    "shipments": ("ship", "deliver"),
    "invoices": ("issue", "discard"),
    "payments": ("reverse",),
}
BODIES = {"accept": {"as": "order"}, "reject": {"reason": "Giá cao"}, "cancel": {"reason": "Hoãn"}}
BODIES["deliver"] = {"received_by": "Chị Lan"}
STEP = st.sampled_from([(plural, step) for plural, steps in STEPS.items() for step in steps])
PRICE = st.sampled_from(["0", "0.5", "333333", "1250000.75"])
QUANTITY = st.sampled_from(["1", "3", "0.3333"])
PERCENT = st.sampled_from(["0", "2.5", "33.33", "100"])
TAX = st.sampled_from(["VAT8", "VAT10", "KCT"])
LINES = st.lists(st.tuples(PRICE, QUANTITY, PERCENT, TAX), min_size=1, max_size=3)
PICK = st.integers(0, 10**6)
MOST_QUOTES = 2


class Trade(RuleBasedStateMachine):
    """What people try; ``status`` is how each record stood when it was last looked at."""

    def __init__(self, sale: Sale) -> None:
        super().__init__()
        self.sale, self.since = sale, so_far(sale.node)
        self.status: dict[str, dict[str, str]] = {plural: {} for plural in ALLOWED}

    @initialize(lines=LINES)
    def orders_that_are_on_their_way(self, lines: list[tuple[str, ...]]) -> None:
        for invoice_on in ("confirmation", "delivery"):
            body = {"account_id": self.sale.account_id, "invoice_on": invoice_on}
            order = self.made("orders", lines=self.lines(lines), **body)
            for step in ("confirm", "release"):
                self.sale.do("POST", f"/orders/{order['id']}/{step}")
            for invoice in self.sale.do("GET", f"/invoices?order_id={order['id']}")["items"]:
                self.status["invoices"][invoice["id"]] = invoice["status"]

    def lines(self, lines: list[tuple[str, ...]]) -> list[dict[str, Any]]:
        return [
            self.sale.line(price, quantity, discount_percent=percent, tax_code=tax)
            for price, quantity, percent, tax in lines
        ]

    def made(self, plural: str, **body: Any) -> dict[str, Any]:
        answer = self.sale.try_("POST", f"/{plural}", **body)
        assert answer.status_code in (201, 409), answer.text
        record: dict[str, Any] = answer.json()
        if answer.is_success:
            self.status[plural][record["id"]] = record["status"]
        return record

    def one(self, plural: str, pick: int) -> str:
        ids = list(self.status[plural])
        return ids[pick % len(ids)]

    @precondition(lambda self: len(self.status["quotes"]) < MOST_QUOTES)
    @rule(lines=LINES, percent=PERCENT)
    def quote(self, lines: list[tuple[str, ...]], percent: str) -> None:
        body = {"account_id": self.sale.account_id, "discount_percent": percent, "lines": self.lines(lines)}
        quote = self.made("quotes", **body, valid_until=in_days(3))
        self.sale.do("POST", f"/quotes/{quote['id']}/send")

    @rule(pick=PICK, which=STEP)
    def step(self, pick: int, which: tuple[str, str]) -> None:
        plural, step = which
        if not self.status[plural]:
            return
        answer = self.sale.try_("POST", f"/{plural}/{self.one(plural, pick)}/{step}", **BODIES.get(step, {}))
        assert answer.status_code in (200, 409), answer.text
        if answer.is_success and step == "accept":
            self.status["orders"].setdefault(answer.json()["order_id"], "draft")
        if answer.is_success and step == "revise":
            self.status["quotes"].setdefault(answer.json()["id"], "draft")

    @rule(pick=PICK, share=st.sampled_from([None, "0.3333", "1"]), arrives=st.booleans())
    def send_goods(self, pick: int, share: str | None, arrives: bool) -> None:
        shipment = self.part("shipments", pick, share)
        for step in ("ship", "deliver") if "id" in shipment and arrives else ():
            self.sale.do("POST", f"/shipments/{shipment['id']}/{step}", **BODIES.get(step, {}))

    @rule(pick=PICK, share=st.sampled_from([None, "0.3333", "1"]), counts=st.booleans())
    def invoice(self, pick: int, share: str | None, counts: bool) -> None:
        invoice = self.part("invoices", pick, share)
        if "id" in invoice and counts:
            self.sale.do("POST", f"/invoices/{invoice['id']}/issue")

    def part(self, plural: str, pick: int, share: str | None) -> dict[str, Any]:
        order = self.sale.do("GET", f"/orders/{self.one('orders', pick)}")
        lines = [{"order_line_id": order["lines"][0]["id"], "quantity": share}] if share else None
        return self.made(plural, order_id=order["id"], lines=lines)

    @precondition(lambda self: self.status["invoices"])
    @rule(pick=PICK, amount=st.sampled_from(["1", "333333", "9000000"]), given=st.sampled_from([None, "1", "250000"]))
    def pay(self, pick: int, amount: str, given: str | None) -> None:
        allocation = {"invoice_id": self.one("invoices", pick)} | ({"amount": given} if given else {})
        body = {"account_id": self.sale.account_id, "amount": {"amount": amount}, "paid_on": in_days(0)}
        self.made("payments", **body, allocations=[allocation])

    @invariant()
    def everything_is_as_it_may_be(self) -> None:
        if not any(self.status.values()):
            return
        states = self.replayed()
        for plural, allowed in ALLOWED.items():
            for record_id, state in states[plural].items():
                shown = self.sale.do("GET", f"/{plural}/{record_id}")
                assert {name: shown[name] for name in state if name != "buyer"} == {
                    name: value for name, value in state.items() if name != "buyer"
                }
                self.status[plural].setdefault(record_id, shown["status"])
                assert set(self.moves[record_id]) <= allowed, (plural, self.moves[record_id])
                if "totals" in state:
                    check_sums(state)
        check_orders(states)
        check_payments(states)

    def replayed(self) -> dict[str, dict[str, Any]]:
        """Every record as the events tell it: the first state, and each ``changed`` on top of that."""
        states: dict[str, dict[str, Any]] = defaultdict(dict)
        self.moves: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for envelope in announced(self.sale.node, self.since):
            noun, _, record_id = envelope.subject.partition(":")
            told = envelope.data.get(noun)
            if f"{noun}s" not in ALLOWED or told is None:
                continue
            known = states[f"{noun}s"].get(record_id)
            if known is not None:
                changed = envelope.data["changed"]
                if "status" in changed:
                    self.moves[record_id].append(tuple(changed["status"]))
                assert all(known[name] == old for name, (old, _) in changed.items())
                rebuilt = known | {name: new for name, (_, new) in changed.items()}
                volatile = {"version": told["version"], "updated_at": told["updated_at"]}
                assert rebuilt | volatile == told
            states[f"{noun}s"][record_id] = told
        return states


def total(values: Any) -> Decimal:
    """The sum of decimals that are spelled out."""
    return sum((Decimal(each) for each in values), Decimal(0))


def check_sums(state: dict[str, Any]) -> None:
    """Lines, groups and totals are the same sums."""
    totals = state["totals"]
    for what in ("net", "tax"):
        assert total(line[what] for line in state["lines"]) == total(group[what] for group in totals["groups"])
        assert total(line[what] for line in state["lines"]) == Decimal(totals[what])
    assert Decimal(totals["total"]) == Decimal(totals["net"]) + Decimal(totals["tax"])
    assert all(Decimal(line["net"]) == rounded(Decimal(line["net"])) for line in state["lines"])


def check_orders(states: dict[str, dict[str, Any]]) -> None:
    """No order has more delivered than ordered, or more on invoices than it comes to."""
    for order in states["orders"].values():
        counting = [
            invoice
            for invoice in states["invoices"].values()
            if invoice["order_id"] == order["id"] and invoice["status"] != "discarded"
        ]
        quantities = {line["id"]: Decimal(line["quantity"]) for line in order["lines"]}
        for each in order["fulfilment"]:
            line_id, most = each["order_line_id"], quantities[each["order_line_id"]]
            on_invoices = total(
                line["quantity"]
                for invoice in counting
                for line in invoice["lines"]
                if line["order_line_id"] == line_id
            )
            shipped = total(
                line["quantity"]
                for shipment in states["shipments"].values()
                if shipment["status"] == "delivered"
                for line in shipment["lines"]
                if line["order_line_id"] == line_id
            )
            assert Decimal(each["delivered"]) == shipped <= most
            assert (
                Decimal(each["invoiced"]) == on_invoices <= (most if order["invoice_on"] == "confirmation" else shipped)
            )
        done = all(Decimal(each["delivered"]) == quantities[each["order_line_id"]] for each in order["fulfilment"])
        assert done == (order["status"] == "delivered")
        for what in ("net", "tax", "total"):
            assert total(invoice["totals"][what] for invoice in counting) <= Decimal(order["totals"][what])


def check_payments(states: dict[str, dict[str, Any]]) -> None:
    """What is paid on an invoice is what payments say they pay, and no payment pays more than it is."""
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for payment in states["payments"].values():
        for each in payment["allocations"]:
            paid[each["invoice_id"]] += Decimal(each["amount"])
        assert total(each["amount"] for each in payment["allocations"]) <= Decimal(payment["amount"]["amount"])
    for invoice in states["invoices"].values():
        assert Decimal(invoice["paid"]) == paid[invoice["id"]] <= Decimal(invoice["totals"]["total"])
        assert Decimal(invoice["balance"]) == Decimal(invoice["totals"]["total"]) - Decimal(invoice["paid"])


@pytest.fixture
def sale(tmp_path: Path) -> Iterator[Sale]:
    with open_sales("sqlite", tmp_path) as node, open_sale(node) as sale:
        yield sale


def walk(sale: Sale, examples: int, steps: int) -> None:
    """Let hypothesis walk so many times so many steps."""
    bounded = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    run_state_machine_as_test(lambda: Trade(sale), settings=bounded)  # type: ignore[arg-type]


def test_trade_keeps_its_rules_whatever_is_done(sale: Sale) -> None:
    walk(sale, examples=6, steps=12)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_trade_keeps_its_rules_for_long(sale: Sale) -> None:
    walk(sale, examples=200, steps=40)

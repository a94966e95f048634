"""Orders, shipments and invoices: only allowed moves, and never more than there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chassis.access import find
from chassis.ids import new_id
from chassis.service import Node
from services.sales.invoices.actions import draft_invoice, issue_invoice
from services.sales.orders.model import Order
from tests.sales.documents_stage import Sale, in_days, open_sale, person
from tests.sales.stage import announced, so_far, somebody_works


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def part(order: dict[str, Any], quantity: str, line: int = 0) -> list[dict[str, str]]:
    """So much of one line of an order."""
    return [{"order_line_id": order["lines"][line]["id"], "quantity": quantity}]


def types(told: list[Any]) -> list[str]:
    """What was announced, without the service and the version."""
    return [each.type.removeprefix("sales.").removesuffix(".v1") for each in told]


def test_an_order_moves_only_as_it_may(sale: Sale) -> None:
    order = sale.order()
    path = f"/orders/{order['id']}"
    assert sale.refused("POST", f"{path}/release") == "order_not_confirmed"
    assert sale.do("POST", f"{path}/confirm")["status"] == "confirmed"
    confirmed = sale.do("POST", f"{path}/confirm")
    assert confirmed["version"] == 2
    assert sale.refused("PATCH", path, discount_percent="1") == "order_not_draft"
    assert sale.refused("POST", "/shipments", order_id=order["id"]) == "order_not_released"
    assert sale.refused("POST", "/invoices", order_id=order["id"]) == "nothing_to_invoice"
    assert sale.do("POST", f"{path}/release")["status"] == "released"
    assert sale.refused("POST", f"{path}/cancel", reason="Đổi ý") == "order_already_released"
    assert sale.delivered(order)["status"] == "delivered"
    assert sale.do("POST", f"{path}/release")["status"] == "delivered"


def test_a_cancelled_order_stays_cancelled(sale: Sale) -> None:
    order = sale.order()
    path = f"/orders/{order['id']}"
    sale.do("POST", f"{path}/confirm")
    assert sale.do("POST", f"{path}/cancel", reason="Khách đổi ý")["cancelled_reason"] == "Khách đổi ý"
    assert sale.do("POST", f"{path}/cancel", reason="Khác")["cancelled_reason"] == "Khách đổi ý"
    for step in ("confirm", "release"):
        assert sale.refused("POST", f"{path}/{step}") == "order_was_cancelled"
    assert sale.refused("POST", "/invoices", order_id=order["id"]) == "order_was_cancelled"


def test_whoever_may_not_approve_does_not_release(sale: Sale) -> None:
    order = sale.order()
    sale.do("POST", f"/orders/{order['id']}/confirm")
    seller = person("all")
    rights = {name: depth for name, depth in seller.depths.items() if name != "order.approve"}
    as_seller = sale.client.as_(replace(seller, depths=rights))
    assert as_seller.post(f"/orders/{order['id']}/release").status_code == 403


def test_an_order_is_delivered_in_parts_and_says_how_far_it_is(sale: Sale) -> None:
    order, since = sale.released(sale.line(quantity="3"), sale.line(quantity="1.5")), so_far(sale.node)
    order = sale.delivered(order, part(order, "2"))
    assert order["status"] == "in_delivery"
    assert [(each["delivered"], each["invoiced"]) for each in order["fulfilment"]] == [("2", "0"), ("0", "0")]
    assert sale.refused("POST", "/shipments", order_id=order["id"], lines=part(order, "1.0001")) == "more_than_ordered"
    twice = part(order, "1") + part(order, "1")
    assert sale.refused("POST", "/shipments", order_id=order["id"], lines=twice) == "more_than_ordered"
    order = sale.delivered(order)
    assert order["status"] == "delivered"
    assert [each["delivered"] for each in order["fulfilment"]] == ["3", "1.5"]
    assert sale.refused("POST", "/shipments", order_id=order["id"]) == "nothing_to_ship"
    assert types(announced(sale.node, since)) == [
        *("shipment.planned", "shipment.shipped", "shipment.delivered", "order.delivered"),
        *("shipment.planned", "shipment.shipped", "shipment.delivered", "order.delivered"),
    ]


def test_a_shipment_is_delivered_once_it_has_left(sale: Sale) -> None:
    order = sale.released()
    shipment = sale.do("POST", "/shipments", order_id=order["id"])
    path = f"/shipments/{shipment['id']}"
    assert sale.refused("POST", f"{path}/deliver", received_by="Lan") == "shipment_not_shipped"
    shipped = sale.do("POST", f"{path}/ship")
    assert sale.do("POST", f"{path}/ship")["shipped_at"] == shipped["shipped_at"]
    sale.do("POST", f"{path}/deliver", received_by="Lan")
    again = sale.do("POST", f"{path}/deliver", received_by="Tú")
    assert (again["received_by"], again["status"]) == ("Lan", "delivered")
    order = sale.do("GET", f"/orders/{order['id']}")
    assert [each["delivered"] for each in order["fulfilment"]] == ["1"]
    unknown = [{"order_line_id": new_id(), "quantity": "1"}]
    other = sale.released()
    answer = sale.try_("POST", "/shipments", order_id=other["id"], lines=unknown)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/lines/0/order_line_id")


def test_confirming_an_order_that_is_invoiced_on_confirmation_issues_its_invoice(sale: Sale) -> None:
    order, since = sale.order(sale.line("1000000"), invoice_on="confirmation"), so_far(sale.node)
    order = sale.do("POST", f"/orders/{order['id']}/confirm")
    told = types(announced(sale.node, since))
    assert [each for each in told if not each.startswith("account")] == [
        *("order.confirmed", "invoice.created", "order.updated", "invoice.issued"),
    ]
    (invoice,) = sale.client.get("/invoices", params={"order_id": order["id"]}).json()["items"]
    assert (invoice["status"], invoice["totals"]) == ("issued", order["totals"])
    assert invoice["number"].startswith("INV-20")
    assert sale.refused("POST", "/invoices", order_id=order["id"]) == "nothing_to_invoice"
    assert sale.refused("POST", f"/orders/{order['id']}/cancel", reason="Muộn") == "order_already_invoiced"
    sale.do("POST", f"/orders/{order['id']}/confirm")
    assert len(sale.client.get("/invoices", params={"order_id": order["id"]}).json()["items"]) == 1


def test_no_more_is_invoiced_than_was_delivered(sale: Sale) -> None:
    order = sale.delivered(order := sale.released(sale.line(quantity="3")), part(order, "2"))
    assert sale.refused("POST", "/invoices", order_id=order["id"], lines=part(order, "2.5")) == "more_than_delivered"
    draft = sale.do("POST", "/invoices", order_id=order["id"], lines=part(order, "1.5"))
    assert draft["number"] is None
    assert sale.refused("POST", "/invoices", order_id=order["id"], lines=part(order, "1")) == "more_than_delivered"
    sale.do("POST", f"/invoices/{draft['id']}/discard")
    assert sale.do("POST", f"/invoices/{draft['id']}/discard")["status"] == "discarded"
    assert sale.refused("POST", f"/invoices/{draft['id']}/issue") == "invoice_was_discarded"
    invoice = sale.invoice(order)
    assert invoice["lines"][0]["quantity"] == "2"
    assert sale.refused("POST", f"/invoices/{invoice['id']}/discard") == "invoice_already_issued"
    assert sale.do("POST", f"/invoices/{invoice['id']}/issue")["number"] == invoice["number"]
    assert sale.refused("POST", "/invoices", order_id=order["id"]) == "nothing_to_invoice"


def test_invoices_in_parts_together_are_the_order_to_the_dong(sale: Sale) -> None:
    lines = [sale.line("333333", tax_code="VAT8") for _ in range(3)]
    order = sale.delivered(sale.released(*lines))
    invoices = [sale.invoice(order, lines=part(order, "1", line)) for line in range(3)]
    assert [each["totals"]["tax"] for each in invoices] == ["26667", "26667", "26666"]
    assert sum(int(each["totals"]["total"]) for each in invoices) == int(order["totals"]["total"]) == 1_079_999


def test_a_line_in_parts_is_the_line(sale: Sale) -> None:
    order = sale.delivered(sale.released(sale.line("0.5", "3")))
    nets = [sale.invoice(order, lines=part(order, "1"))["totals"]["net"] for _ in range(3)]
    assert nets == ["1", "0", "1"]
    assert order["totals"]["net"] == "2"


def test_an_invoice_is_taxed_as_on_the_day_of_its_issue(sale: Sale) -> None:
    order = sale.delivered(sale.released(sale.line("1000000", tax_code="VAT8")))
    with somebody_works(sale.node) as tx:
        stored = find(tx, Order, order["id"], lock=True)
        invoice = draft_invoice(tx, stored, wanted=None, due_on=None, day=date(2026, 12, 20))
        assert (invoice.totals["tax"], invoice.total) == ("80000", Decimal(1_080_000))
        issue_invoice(tx, invoice, day=date(2027, 1, 5))
    issued = sale.do("GET", f"/invoices/{invoice.id}")
    assert (issued["totals"]["tax"], issued["totals"]["total"], issued["issued_on"]) == (
        *("100000", "1100000"),
        "2027-01-05",
    )
    assert issued["lines"][0]["tax_code"] == "VAT10"
    assert issued["number"].startswith("INV-2027-")


def test_an_invoice_is_overdue_the_day_after_it_was_due(sale: Sale) -> None:
    late, today = sale.owed(due_on=in_days(-1)), sale.owed(due_on=in_days(0))
    assert (late["overdue"], today["overdue"]) == (True, False)
    query = {"account_id": sale.account_id}
    for value, expected in (("true", {late["id"]}), ("false", {today["id"]})):
        listed = sale.client.get("/invoices", params=query | {"overdue": value}).json()["items"]
        assert {each["id"] for each in listed} == expected
    sale.paid("1100000", allocations=[{"invoice_id": late["id"]}])
    assert sale.do("GET", f"/invoices/{late['id']}")["overdue"] is False


def test_what_is_of_an_order_belongs_to_whoever_owns_it(sales: Node) -> None:
    with open_sale(sales, person("own")) as sale, open_sale(sales, person("own")) as other:
        order = sale.delivered(sale.released())
        invoice = sale.invoice(order)
        assert invoice["owner_id"] == order["owner_id"]
        assert other.try_("GET", f"/invoices/{invoice['id']}").status_code == 404
        assert other.try_("POST", "/invoices", order_id=order["id"]).status_code == 404
        assert other.try_("POST", "/shipments", order_id=order["id"]).status_code == 404
        assert other.do("GET", "/orders")["items"] == other.do("GET", "/invoices")["items"] == []


def test_a_stale_order_is_shown_as_it_is(sale: Sale) -> None:
    order = sale.order()
    sale.do("PATCH", f"/orders/{order['id']}", discount_percent="5")
    answer = sale.client.post(f"/orders/{order['id']}/confirm", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["current"]["discount_percent"]) == (412, "5")

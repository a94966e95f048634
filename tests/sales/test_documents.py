"""From a quote to its payment, by the routes."""

from collections.abc import Iterator

import pytest

from chassis.service import Node
from tests.sales.documents_stage import Sale, open_sale


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def test_a_quote_becomes_an_order_that_is_delivered_invoiced_and_paid(sale: Sale) -> None:
    product = sale.product("333333")
    lines = [{"product_id": product["id"], "quantity": "1"} for _ in range(3)]
    quote = sale.sent(*lines)
    assert quote["totals"] == {
        "net": "999999",
        "tax": "80000",
        "total": "1079999",
        "groups": [{"tax_code": "VAT8", "rate": "8", "net": "999999", "tax": "80000"}],
    }
    assert sorted(line["tax"] for line in quote["lines"]) == ["26666", "26667", "26667"]
    order_id = sale.do("POST", f"/quotes/{quote['id']}/accept", **{"as": "order"})["order_id"]
    order = sale.do("POST", f"/orders/{order_id}/confirm")
    assert (order["status"], order["totals"]) == ("confirmed", quote["totals"])
    sale.do("POST", f"/orders/{order_id}/release")
    order = sale.delivered(order)
    assert order["status"] == "delivered"
    invoice = sale.invoice(order)
    assert (invoice["totals"], invoice["balance"], invoice["overdue"]) == (quote["totals"], "1079999", False)
    payment = sale.paid("1079999", allocations=[{"invoice_id": invoice["id"]}])
    assert (payment["status"], payment["unallocated"]) == ("allocated", "0")
    invoice = sale.do("GET", f"/invoices/{invoice['id']}")
    assert (invoice["status"], invoice["balance"]) == ("paid", "0")

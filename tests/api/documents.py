"""For every operation on products, quotes, orders, shipments, invoices and payments: records that stand as it wants."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.api.call import Call

Make = Callable[[httpx.Client], dict[str, Any]]


def _done(client: httpx.Client, path: str, body: Any = None) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    record: dict[str, Any] = answer.json()
    return record


def new_product() -> dict[str, Any]:
    """A product as somebody enters it."""
    price = {"amount": "1250000"}
    return {"code": uuid4().hex, "name": "Máy nén khí", "unit": "cái", "tax_rate": "10", "price": price}


def _sold(client: httpx.Client) -> dict[str, Any]:
    """A line, for a customer who is new."""
    account = _done(client, "/accounts", {"name": "Công ty TNHH Thép Việt Đức"})
    line = {"name": "Lắp đặt", "unit": "lần", "quantity": "2", "unit_price": "333333", "tax_code": "VAT8"}
    return {"account_id": account["id"], "lines": [line]}


def draft_quote(client: httpx.Client) -> dict[str, Any]:
    """A quote that was not sent."""
    return _done(client, "/quotes", _sold(client))


def sent_quote(client: httpx.Client) -> dict[str, Any]:
    """A quote that the customer has."""
    return _done(client, f"/quotes/{draft_quote(client)['id']}/send")


def draft_order(client: httpx.Client) -> dict[str, Any]:
    """An order that is not binding."""
    return _done(client, "/orders", _sold(client))


def confirmed_order(client: httpx.Client) -> dict[str, Any]:
    """An order that is binding."""
    return _done(client, f"/orders/{draft_order(client)['id']}/confirm")


def released_order(client: httpx.Client) -> dict[str, Any]:
    """An order whose goods may leave."""
    return _done(client, f"/orders/{confirmed_order(client)['id']}/release")


def planned_shipment(client: httpx.Client) -> dict[str, Any]:
    """Goods that are still in the warehouse."""
    return _done(client, "/shipments", {"order_id": released_order(client)["id"]})


def shipped(client: httpx.Client) -> dict[str, Any]:
    """Goods that are on their way."""
    return _done(client, f"/shipments/{planned_shipment(client)['id']}/ship")


def delivered_order(client: httpx.Client) -> dict[str, Any]:
    """An order whose customer has everything."""
    shipment = shipped(client)
    _done(client, f"/shipments/{shipment['id']}/deliver", {"received_by": "Chị Lan"})
    return {"id": shipment["order_id"]}


def draft_invoice(client: httpx.Client) -> dict[str, Any]:
    """An invoice that does not count yet."""
    return _done(client, "/invoices", {"order_id": delivered_order(client)["id"]})


def new_payment(client: httpx.Client) -> dict[str, Any]:
    """Money of a customer."""
    return _done(client, "/payments", _money(client))


def _money(client: httpx.Client) -> dict[str, Any]:
    account = _done(client, "/accounts", {"name": "Công ty TNHH Thép Việt Đức"})
    day = datetime.now(UTC).date().isoformat()
    return {"account_id": account["id"], "amount": {"amount": "1000000"}, "paid_on": day}


def _allocations(client: httpx.Client, ids: dict[str, str]) -> dict[str, Any]:
    """That a payment pays an invoice of the same customer; of a payment that is not there, any invoice."""
    payment = client.get(f"/payments/{ids['payment_id']}")
    invoice_id = str(uuid4())
    if payment.is_success:
        order = _done(client, "/orders", _sold(client) | {"account_id": payment.json()["account_id"]})
        confirmed = client.patch(f"/orders/{order['id']}", json={"invoice_on": "confirmation"})
        assert confirmed.is_success, confirmed.text
        _done(client, f"/orders/{order['id']}/confirm")
        (invoice,) = client.get("/invoices", params={"order_id": order["id"]}).json()["items"]
        invoice_id = invoice["id"]
    return {"allocations": [{"invoice_id": invoice_id, "amount": "1"}]}


# The record that an operation is tried on, where the usual one does not stand as it wants.
STANDING: dict[str, Make] = {
    "POST /quotes/{quote_id}/accept": sent_quote,
    "POST /quotes/{quote_id}/reject": sent_quote,
    "POST /quotes/{quote_id}/revise": sent_quote,
    "POST /orders/{order_id}/release": confirmed_order,
    "POST /shipments/{shipment_id}/deliver": shipped,
}
USUAL: dict[str, Make] = {
    "product_id": lambda client: _done(client, "/products", new_product()),
    "quote_id": draft_quote,
    "order_id": draft_order,
    "shipment_id": planned_shipment,
    "invoice_id": draft_invoice,
    "payment_id": new_payment,
}
# Bodies that name other records, which this client makes; the ids are those of the path.
BODIES: dict[str, Callable[[httpx.Client, dict[str, str]], dict[str, Any]]] = {
    "POST /quotes": lambda client, _: _sold(client),
    "POST /orders": lambda client, _: _sold(client),
    "POST /shipments": lambda client, _: {"order_id": released_order(client)["id"]},
    "POST /invoices": lambda client, _: {"order_id": delivered_order(client)["id"]},
    "POST /payments": lambda client, _: _money(client),
    "POST /payments/{payment_id}/allocate": _allocations,
}
CALLS: dict[str, Call] = {
    "GET /tax_codes": Call("signed_in", query={"sort": "code", "count": "true"}),
    "GET /products": Call("signed_in", query={"q": "may nen", "count": "true"}),
    "POST /products": Call("administrator", new_product),
    "GET /products/{product_id}": Call("signed_in"),
    "PATCH /products/{product_id}": Call("administrator", lambda: {"price": {"amount": "1350000"}}),
    "DELETE /products/{product_id}": Call("administrator"),
    "POST /products/{product_id}/restore": Call("administrator", before="DELETE"),
    "GET /products/{product_id}/history": Call("signed_in"),
    "GET /quotes": Call("document", query={"q": "thep", "count": "true"}),
    "POST /quotes": Call("document"),
    "GET /quotes/{quote_id}": Call("document"),
    "PATCH /quotes/{quote_id}": Call("document", lambda: {"discount_percent": "2.5"}),
    "POST /quotes/{quote_id}/send": Call("document"),
    "POST /quotes/{quote_id}/accept": Call("document", lambda: {"as": "order"}),
    "POST /quotes/{quote_id}/reject": Call("document", lambda: {"reason": "Giá cao"}),
    "POST /quotes/{quote_id}/revise": Call("document"),
    "GET /quotes/{quote_id}/history": Call("document"),
    "GET /orders": Call("document", query={"status": "draft", "count": "true"}),
    "POST /orders": Call("document"),
    "GET /orders/{order_id}": Call("document"),
    "PATCH /orders/{order_id}": Call("document", lambda: {"invoice_on": "confirmation"}),
    "POST /orders/{order_id}/confirm": Call("document"),
    "POST /orders/{order_id}/release": Call("approver"),
    "POST /orders/{order_id}/cancel": Call("document", lambda: {"reason": "Khách đổi ý"}),
    "GET /orders/{order_id}/history": Call("document"),
    "GET /shipments": Call("document", query={"sort": "number", "count": "true"}),
    "POST /shipments": Call("document"),
    "GET /shipments/{shipment_id}": Call("document"),
    "POST /shipments/{shipment_id}/ship": Call("document"),
    "POST /shipments/{shipment_id}/deliver": Call("document", lambda: {"received_by": "Chị Lan"}),
    "GET /shipments/{shipment_id}/history": Call("document"),
    "GET /invoices": Call("document", query={"overdue": "true", "count": "true"}),
    "POST /invoices": Call("document"),
    "GET /invoices/{invoice_id}": Call("document"),
    "POST /invoices/{invoice_id}/issue": Call("document"),
    "POST /invoices/{invoice_id}/discard": Call("document"),
    "GET /invoices/{invoice_id}/history": Call("document"),
    "GET /payments": Call("document", query={"origin": "erp", "count": "true"}),
    "POST /payments": Call("accountant"),
    "GET /payments/{payment_id}": Call("document"),
    "POST /payments/{payment_id}/allocate": Call("accountant"),
    "POST /payments/{payment_id}/reverse": Call("accountant"),
    "GET /payments/{payment_id}/history": Call("document"),
}

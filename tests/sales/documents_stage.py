"""A stage for documents: a customer, products, and one call for each step from a quote to its payment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from chassis.caller import Caller
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.accounts.model import Account
from services.sales.days import today
from tests.sales.stage import app_of, somebody_works

NOUNS = ("account", "contact", "opportunity", "product", "tax_code", "quote", "order", "shipment", "invoice", "payment")
ACTS = ("read", "create", "write", "assign", "delete", "approve")


def person(depth: str, *nouns: str, user_id: str | None = None) -> Caller:
    """Somebody whose rights to these kinds of records reach so far, to none of the others."""
    return Caller(
        kind="user",
        id=user_id or new_id(),
        roles=frozenset({"somebody"}),
        depths={f"{noun}.{act}": depth for noun in nouns or NOUNS for act in ACTS},
    )


def in_days(days: int) -> str:
    """The day so many days from today."""
    return (today() + timedelta(days=days)).isoformat()


@dataclass
class Sale:
    """Calls the routes as somebody; every call must succeed unless it is asked for by ``try_``."""

    node: Node
    client: AppClient
    account_id: str

    def do(self, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """The answer to a call that succeeds."""
        answer = self.try_(method, path, **body)
        assert answer.is_success, answer.text
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def try_(self, method: str, path: str, /, **body: Any) -> httpx.Response:
        """The answer to a call."""
        return self.client.request(method, path, json=body if body or method != "GET" else None)

    def refused(self, method: str, path: str, /, **body: Any) -> str:
        """The code with which a call is refused by a rule."""
        answer = self.try_(method, path, **body)
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    def product(self, price: str = "333333", currency: str = "VND", **fields: Any) -> dict[str, Any]:
        """Something to sell."""
        body = {"code": f"MNK-{new_id()[-8:]}", "name": "Máy nén khí trục vít", "unit": "cái", "tax_rate": "8"}
        return self.do("POST", "/products", **(body | {"price": {"amount": price, "currency": currency}} | fields))

    def line(self, price: str = "333333", quantity: str = "1", **fields: Any) -> dict[str, Any]:
        """A line without a product."""
        body = {"name": "Lắp đặt", "unit": "lần", "unit_price": price, "quantity": quantity, "tax_code": "VAT10"}
        return body | fields

    def quote(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A draft for the customer."""
        body = {"account_id": self.account_id, "lines": list(lines or [self.line()]), **fields}
        return self.do("POST", "/quotes", **body)

    def sent(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A quote that the customer has."""
        return self.do("POST", f"/quotes/{self.quote(*lines, **fields)['id']}/send")

    def order(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A direct order, drafted."""
        body = {"account_id": self.account_id, "lines": list(lines or [self.line()]), **fields}
        return self.do("POST", "/orders", **body)

    def released(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """An order whose goods may leave."""
        order = self.order(*lines, **fields)
        self.do("POST", f"/orders/{order['id']}/confirm")
        return self.do("POST", f"/orders/{order['id']}/release")

    def delivered(self, order: dict[str, Any], lines: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """The order, after these lines (or all that is left) have reached the customer."""
        more = {"lines": lines} if lines else {}
        shipment = self.do("POST", "/shipments", order_id=order["id"], **more)
        self.do("POST", f"/shipments/{shipment['id']}/ship")
        self.do("POST", f"/shipments/{shipment['id']}/deliver", received_by="Chị Lan")
        return self.do("GET", f"/orders/{order['id']}")

    def invoice(self, order: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """An invoice that was issued."""
        invoice = self.do("POST", "/invoices", order_id=order["id"], **fields)
        return self.do("POST", f"/invoices/{invoice['id']}/issue")

    def owed(self, price: str = "1000000", **fields: Any) -> dict[str, Any]:
        """An invoice of one delivered line at this price, before ten percent tax."""
        return self.invoice(self.delivered(self.released(self.line(price))), **fields)

    def paid(self, amount: str, /, **fields: Any) -> dict[str, Any]:
        """A payment of the customer."""
        body = {"account_id": self.account_id, "amount": {"amount": amount}, "paid_on": in_days(0)}
        return self.do("POST", "/payments", **(body | fields))


def make_account(node: Node, owner_id: str | None = None, **fields: Any) -> str:
    """A company that buys."""
    values = {"id": new_id(), "name": "Công ty TNHH Thép Việt Đức", "tax_code": "0101234567", "owner_id": owner_id}
    with somebody_works(node) as tx:
        account = Account(**(values | fields))
        account.phones, account.emails, account.addresses = [], [], []
        tx.add(account)
    return str(values["id"])


@contextmanager
def open_sale(node: Node, caller: Caller | None = None) -> Iterator[Sale]:
    """Somebody who may do everything, and a customer of theirs."""
    caller = caller or person("all")
    with AppClient(app_of(node), as_=caller) as client:
        yield Sale(node, client, make_account(node, caller.id))


def day(text: str) -> date:
    """This day."""
    return date.fromisoformat(text)

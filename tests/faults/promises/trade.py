"""Promise 2: an offer becomes one order, one invoice, one payment, one document in the ERP, whoever dies meanwhile."""

import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.arena import Arena, Finding, pages
from tests.installation import eventually

CLIENTS = 8
PATIENCE_S = 60.0
# Killed first in every run, because they hold what a client waits for; then any face.
AT_LEAST = ("http:sales", "http:gateway", "relay")


@dataclass
class Sale:
    """What one client sold, and was told of it. ``total`` is the client's own sum; ``trouble`` why it gave up."""

    quantity: int
    price: int
    quote_id: str = ""
    order_id: str = ""
    payment_id: str = ""
    attempts: int = 0
    trouble: str = ""

    @property
    def total(self) -> Decimal:
        net = Decimal(self.quantity * self.price)
        return net + (net / 10).quantize(Decimal(1), ROUND_HALF_UP)


@dataclass
class Seller:
    """A client that sells one thing after the other, each request with a key of its own until it is answered."""

    client: httpx.Client
    random: Random
    stop: threading.Event
    sales: list[Sale] = field(default_factory=list)

    def sell(self) -> None:
        """Until told to stop; what was begun is finished."""
        account = ""
        while not self.stop.is_set():
            sale = Sale(self.random.randint(1, 9), self.random.randint(1, 9_999_999))
            self.sales.append(sale)
            try:
                account = account or self._ask(sale, "/accounts", {"name": "Công ty TNHH Bền Vững"})["id"]
                self._sell(sale, account)
            except (AssertionError, KeyError, ValueError) as error:
                sale.trouble = str(error) or "it stopped half-way"

    def _sell(self, sale: Sale, account: str) -> None:
        line = {"name": "Máy bơm", "unit": "cái", "quantity": str(sale.quantity), "unit_price": str(sale.price)}
        asked = {"account_id": account, "lines": [line | {"tax_code": "VAT10"}]}
        sale.quote_id = self._ask(sale, "/quotes", asked)["id"]
        self._ask(sale, f"/quotes/{sale.quote_id}/send")
        sale.order_id = self._ask(sale, f"/quotes/{sale.quote_id}/accept", {"as": "order"})["order_id"]
        self._ask(sale, f"/orders/{sale.order_id}", {"invoice_on": "confirmation"}, "PATCH")
        self._ask(sale, f"/orders/{sale.order_id}/confirm")
        (invoice,) = self._ask(sale, f"/invoices?order_id={sale.order_id}", None, "GET")["items"]
        pays = {"amount": {"amount": str(sale.total)}, "paid_on": "2026-11-21", "account_id": account}
        sale.payment_id = self._ask(sale, "/payments", pays | {"allocations": [{"invoice_id": invoice["id"]}]})["id"]

    def _ask(self, sale: Sale, path: str, body: Any = None, method: str = "POST") -> dict[str, Any]:
        """The answer, however often it takes; raises AssertionError for a refusal or when patience ends."""
        headers = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
        until, last = time.monotonic() + PATIENCE_S, "no answer"
        while time.monotonic() < until:
            sale.attempts += 1
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except httpx.HTTPError as error:
                last = repr(error)
                time.sleep(0.3)
                continue
            if answer.is_success:
                said: dict[str, Any] = answer.json()
                return said
            last = f"{method} {path}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code >= 500 or answer.status_code in {409, 429}, last
            time.sleep(min(2.0, float(answer.headers.get("retry-after", "0.3"))))
        raise AssertionError(last)


def trade(arena: Arena, seed: int, scale: float) -> Finding:
    """Eight clients sell while faces are killed with -9; then count everything by its list and by its number."""
    before, stop = dict(arena.happened), threading.Event()
    token = arena.admin.headers["authorization"]
    with ExitStack() as stack:
        clients = [stack.enter_context(arena.relata.client(authorization=token)) for _ in range(CLIENTS)]
        sellers = [Seller(client, Random(seed * 100 + n), stop) for n, client in enumerate(clients)]
        threads = [threading.Thread(target=seller.sell, daemon=True) for seller in sellers]
        for thread in threads:
            thread.start()
        _kill_faces(arena, max(6.0, 60.0 * scale))
        stop.set()
        for thread in threads:
            thread.join(2 * PATIENCE_S)
    sales = [sale for seller in sellers for sale in seller.sales]
    happened = {name: count - before.get(name, 0) for name, count in arena.happened.items()}
    wrong = [f"this face was not killed: {label}" for label in AT_LEAST if not happened.get(f"kill {label}")]
    wrong += [sale.trouble for sale in sales if sale.trouble][:5]
    wrong += _miscounted(arena.admin, sales)
    numbers = {"sales": len(sales), "requests": sum(sale.attempts for sale in sales), "wrong": len(wrong)}
    return Finding(2, seed, numbers, {name: count for name, count in happened.items() if count}, wrong[:10])


def _kill_faces(arena: Arena, for_s: float) -> None:
    """One after the other, from the first moment in which somebody could be hurt."""
    until, labels = time.monotonic() + for_s, list(AT_LEAST)
    time.sleep(1.0)
    while labels or time.monotonic() < until:
        arena.kill_face(labels.pop(0) if labels else arena.random.choice(sorted(arena.relata.pids)))
        time.sleep(arena.random.uniform(0.8, 2.0))


def _miscounted(admin: httpx.Client, sales: list[Sale]) -> list[str]:
    """What is doubled, missing, misnumbered or comes to another sum."""
    totals = {sale.order_id: sale.total for sale in sales}
    invoices, wrong = list(pages(admin, "/invoices")), []
    orders, payments = list(pages(admin, "/orders")), list(pages(admin, "/payments"))
    made = {
        "quotes": (Counter(each["id"] for each in pages(admin, "/quotes")), [sale.quote_id for sale in sales]),
        "orders": (Counter(each["id"] for each in orders), list(totals)),
        "orders of quotes": (Counter(each["quote_id"] for each in orders), [sale.quote_id for sale in sales]),
        "invoices": (Counter(each["order_id"] for each in invoices), list(totals)),
        "payments": (Counter(each["id"] for each in payments), [sale.payment_id for sale in sales]),
    }
    wrong += [f"{noun}: {_difference(there, told)}" for noun, (there, told) in made.items() if there != Counter(told)]
    for noun in ("quotes", "orders", "invoices", "payments"):
        counted = sorted(int(each["number"].rsplit("-", 1)[1]) for each in pages(admin, f"/{noun}"))
        if counted != list(range(1, len(counted) + 1)):
            wrong.append(f"{noun}: the numbers have gaps or twins")
    said = {each["order_id"]: (each["status"], Decimal(each["totals"]["total"])) for each in invoices}
    wrong += [] if said == {key: ("paid", total) for key, total in totals.items()} else ["invoices: other sums"]
    paid = sum((Decimal(each["amount"]["amount"]) for each in payments), Decimal(0))
    wrong += [] if paid == sum(totals.values()) else [f"payments: {paid} for {sum(totals.values())}"]
    return wrong + _not_in_the_ledger(admin, {each["id"]: Decimal(each["totals"]["total"]) for each in invoices})


def _not_in_the_ledger(admin: httpx.Client, invoices: dict[str, Decimal]) -> list[str]:
    """The built-in ledger is the ERP here: each invoice is in its books once, soon."""

    def books() -> list[dict[str, Any]]:
        return list(pages(admin, "/ledger/documents", kind="invoice"))

    with suppress(AssertionError):  # said below, with how many
        eventually(lambda: len(books()) >= len(invoices), within=90, every=1.0)
    there = books()
    if Counter(each["reference"] for each in there) != Counter(list(invoices)):
        return [f"ledger: {len(there)} documents for {len(invoices)} invoices"]
    same = {each["reference"]: Decimal(each["total"]) for each in there} == invoices
    return [] if same else ["ledger: other sums"]


def _difference(there: Counter[str], told: list[str]) -> str:
    missing, more = Counter(told) - there, there - Counter(told)
    return f"{missing.total()} missing, {more.total()} doubled or never told of"

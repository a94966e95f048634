"""Sellers at work over the public API: leads are qualified and won, some go on to quote, order and invoice."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from chassis.money import plain
from tests.installation import Installation
from tests.real.deals import CURRENCY, DISCOUNT_PERCENT, Deal

PASSWORD = "mat-khau-cua-nguoi-ban"
AT_ONCE = 4


@dataclass
class Sold:
    """What a deal became here: ``customer`` is ``account:<id>`` or ``contact:<id>``."""

    deal: Deal
    lead_id: str
    opportunity_id: str = ""
    customer: str = ""
    order_id: str = ""


@dataclass
class Sellers:
    """A user for each seller that the file names, signed in."""

    admin: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def close_all(self, deals: Sequence[Deal], leads: Mapping[str, str]) -> tuple[list[Sold], float]:
        """Qualify and win these; ``leads`` has our id of each. Answers what came of them, and seconds."""
        sold = [Sold(deal, leads[deal.lead]) for deal in deals]
        for each in sold:
            done(self.admin, f"/leads/{each.lead_id}/assign", {"owner_id": self.ids[each.deal.seller]})
        return sold, _all(sold, self._close)

    def trade_all(self, sold: Sequence[Sold]) -> float:
        """Quote, order and invoice for each of these; answers seconds."""
        return _all(sold, self._trade)

    def _close(self, sold: Sold) -> None:
        deal, client = sold.deal, self.clients[sold.deal.seller]
        amount = {"amount": plain(deal.revenue), "currency": CURRENCY}
        opportunity = {"name": deal.business or "?", "amount": amount, "close_date": deal.won_on}
        sold.opportunity_id = done(client, f"/leads/{sold.lead_id}/qualify", {"opportunity": opportunity})[
            "opportunity_id"
        ]
        won = done(client, f"/opportunities/{sold.opportunity_id}/win")
        assert won["status"] == "won"
        assert (won["amount"]["currency"], Decimal(won["amount"]["amount"])) == (CURRENCY, deal.revenue)
        kind = "account" if won["account_id"] else "contact"
        sold.customer = f"{kind}:{won[f'{kind}_id']}"

    def _trade(self, sold: Sold) -> None:
        client, deal = self.clients[sold.deal.seller], sold.deal
        line = {"name": deal.business or "?", "unit": "month", "quantity": "1", "unit_price": plain(deal.revenue)}
        asked = {
            "opportunity_id": sold.opportunity_id,
            "currency": CURRENCY,
            "discount_percent": plain(DISCOUNT_PERCENT),
            "lines": [line | {"tax_code": "VAT10"}],
        }
        quote = done(client, "/quotes", asked)
        done(client, f"/quotes/{quote['id']}/send")
        sold.order_id = done(client, f"/quotes/{quote['id']}/accept", {"as": "order"})["order_id"]
        patched = client.patch(f"/orders/{sold.order_id}", json={"invoice_on": "confirmation"})
        assert patched.status_code == 200, patched.text
        done(client, f"/orders/{sold.order_id}/confirm")


@contextmanager
def sellers_of(relata: Installation, deals: Sequence[Deal]) -> Iterator[Sellers]:
    """Everybody who sold one of these, and the administrator."""
    with ExitStack() as stack:
        sellers = Sellers(stack.enter_context(relata.sign_in()))
        for number, name in enumerate(sorted({deal.seller for deal in deals}), 1):
            email = f"seller-{number}@example.com"
            user = {"email": email, "name": name, "password": PASSWORD, "role_ids": ["salesperson"]}
            sellers.ids[name] = done(sellers.admin, "/users", user)["id"]
            sellers.clients[name] = stack.enter_context(relata.sign_in(email, PASSWORD))
        yield sellers


def done(client: httpx.Client, path: str, body: Any = None) -> dict[str, Any]:
    """The answer to this POST, which must succeed."""
    answer = client.post(path, json=body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
    record: dict[str, Any] = answer.json()
    return record


def _all(sold: Sequence[Sold], work: Callable[[Sold], None]) -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, sold))
    return time.monotonic() - began

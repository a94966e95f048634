"""What stands in the books: of Relata as its API tells, of Tryton as its own client does."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from tests.faults.arena import pages
from tests.installation import eventually
from tests.real.deals import CURRENCY
from tests.real.selling import Sold, done
from tests.tryton import Tryton

DONG_PER_REAL = Decimal(4_000)


@dataclass(frozen=True)
class Entry:
    """An invoice with what was paid for it."""

    net: Decimal
    tax: Decimal
    total: Decimal
    paid: Decimal
    currency: str = CURRENCY


def connect(admin: httpx.Client, tryton: Tryton) -> None:
    """Have a Tryton whose company keeps its books in đồng know the currency of the deals, and connect it."""
    tryton.client.add_currency(CURRENCY, DONG_PER_REAL)
    body = {"kind": "tryton", "name": "Tryton", "rate": "100", "settings": tryton.settings}
    assert done(admin, f"/erp/connections/{done(admin, '/erp/connections', body)['id']}/test")["reached"]


def wanted(sold: Sequence[Sold]) -> dict[str, Entry]:
    """By order, as the file has it."""
    return {each.order_id: Entry(each.deal.net, each.deal.tax, each.deal.total, each.deal.total) for each in sold}


def booked(admin: httpx.Client, documents: int, *, within: float) -> None:
    """Wait until so many orders and invoices are in the ERP; refused ones are a failure at once."""

    def arrived() -> bool:
        states = [each["state"] for each in pages(admin, "/erp/documents")]
        refused = [each["reason"] for each in pages(admin, "/erp/documents", state="refused")]
        assert not refused, refused[:3]
        return states.count("accepted") == documents

    eventually(arrived, within=within, every=0.5)


def pay_everything(admin: httpx.Client, tryton: Tryton) -> float:
    """As accountants do in Tryton, whatever is owed there; answers seconds until Relata knows."""
    posted = tryton.client.find("account.invoice", [["state", "=", "posted"]], "amount_to_pay")
    owed = [each for each in posted if each["amount_to_pay"] > 0]
    for invoice in owed:
        tryton.client.pay(invoice["id"], invoice["amount_to_pay"])
    began = time.monotonic()
    eventually(lambda: len(list(pages(admin, "/payments"))) == len(owed), within=120, every=0.5)
    return time.monotonic() - began


def of_relata(admin: httpx.Client) -> dict[str, Entry]:
    """By order: invoices, and the payments allocated to them."""
    invoices = list(pages(admin, "/invoices"))
    assert len({each["order_id"] for each in invoices}) == len(invoices), "an order was invoiced twice"
    paid = dict.fromkeys((each["id"] for each in invoices), Decimal(0))
    for payment in pages(admin, "/payments"):
        assert (payment["origin"], payment["amount"]["currency"]) == ("erp", CURRENCY)
        assert Decimal(payment["amount"]["amount"]) == sum(Decimal(each["amount"]) for each in payment["allocations"])
        for each in payment["allocations"]:
            paid[each["invoice_id"]] += Decimal(each["amount"])
    assert all(Decimal(each["paid"]) == paid[each["id"]] for each in invoices)
    # Those of nothing as well, for which nobody ever pays.
    assert {each["status"] for each in invoices} == {"paid"}
    return {each["order_id"]: _entry(each["totals"], paid[each["id"]], each["currency"]) for each in invoices}


def of_tryton(tryton: Tryton, admin: httpx.Client) -> dict[str, Entry]:
    """By order of ours: posted invoices, and the lines that paid them."""
    orders = {each["id"]: each["order_id"] for each in pages(admin, "/invoices")}
    fields = ("state", "amount_to_pay", "untaxed_amount", "tax_amount", "total_amount")
    found = tryton.client.find("account.invoice", [], "reference", "currency.code", "payment_lines", *fields)
    assert len(found) == len(orders)
    assert [each for each in found if each["amount_to_pay"]] == []
    # One of nothing in a foreign currency stays posted in a Tryton on SQLite, which does not see that 0.00 is 0.
    assert {each["state"] for each in found if each["total_amount"]} == {"paid"}
    lines = tryton.client.find("account.move.line", [], "amount_second_currency")
    amounts = {each["id"]: each["amount_second_currency"] for each in lines}
    return {
        orders[each["reference"]]: Entry(
            each["untaxed_amount"],
            each["tax_amount"],
            each["total_amount"],
            paid=-sum((amounts[line] for line in each["payment_lines"]), Decimal(0)),
            currency=each["currency."]["code"],
        )
        for each in found
    }


def _entry(totals: dict[str, Any], paid: Decimal, currency: str) -> Entry:
    net, tax, total = (Decimal(totals[name]) for name in ("net", "tax", "total"))
    return Entry(net, tax, total, paid, currency)

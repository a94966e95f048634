"""Many at once: a quote becomes one order, numbers have no gaps, nothing is paid or invoiced twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.service import Node
from chassis.testing import AppClient
from services.sales.days import today
from services.sales.numbers.actions import next_number
from tests.sales.documents_stage import Sale, open_sale
from tests.sales.stage import announced, so_far, somebody_works


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """The answers to so many calls that are made side by side."""
    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(call, range(count)))


def patiently(client: AppClient, path: str, body: dict[str, Any]) -> Any:
    """The answer, tried again as long as the server says that others were in the way."""
    for _ in range(20):
        answer = client.post(path, json=body)
        if answer.status_code != 503:
            return answer
    return answer


def test_fifty_acceptances_make_one_order(sale: Sale) -> None:
    quote, since = sale.sent(), so_far(sale.node)
    answers = at_once(50, lambda _: patiently(sale.client, f"/quotes/{quote['id']}/accept", {"as": "order"}))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert [each.type for each in announced(sale.node, since)] == ["sales.order.created.v1", "sales.quote.accepted.v1"]
    again = sale.do("POST", f"/quotes/{quote['id']}/accept", **{"as": "order"})
    assert again == answers[0].json()
    orders = sale.client.get("/orders", params={"quote_id": quote["id"], "count": "true"}).json()
    assert orders["total"] == 1


def test_numbers_have_no_gaps_although_some_transactions_fail(sales: Node) -> None:
    def numbered(number: int) -> str | None:
        with somebody_works(sales) as tx:
            given = next_number(tx, "INV", today().replace(year=2031))
            if number % 3 == 0:
                raise InterruptedError
            return given

    def tried(number: int) -> str | None:
        try:
            return numbered(number)
        except InterruptedError:
            return None

    given = [each for each in at_once(24, tried) if each]
    assert sorted(given) == [f"INV-2031-{number:06d}" for number in range(1, 17)]


def test_quotes_made_at_once_are_numbered_without_gaps(sale: Sale) -> None:
    first = int(sale.quote()["number"].rsplit("-", 1)[1])
    good = {"account_id": sale.account_id, "lines": [sale.line()]}
    bad = {"account_id": sale.account_id, "lines": [sale.line(tax_code="VAT99")]}
    answers = at_once(20, lambda number: patiently(sale.client, "/quotes", bad if number % 4 == 0 else good))
    made = sorted(int(each.json()["number"].rsplit("-", 1)[1]) for each in answers if each.status_code == 201)
    assert made == list(range(first + 1, first + 16))


def test_an_invoice_is_not_paid_twice_by_payments_at_once(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    payments = [sale.paid("1100000") for _ in range(5)]
    body = {"allocations": [{"invoice_id": invoice["id"], "amount": "1100000"}]}
    answers = at_once(5, lambda number: patiently(sale.client, f"/payments/{payments[number]['id']}/allocate", body))
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409]
    assert sale.do("GET", f"/invoices/{invoice['id']}")["balance"] == "0"


def test_invoices_and_shipments_made_at_once_are_never_more_than_the_order(sale: Sale) -> None:
    order = sale.released(sale.line(quantity="5"))
    part = {"order_id": order["id"], "lines": [{"order_line_id": order["lines"][0]["id"], "quantity": "2"}]}
    answers = at_once(6, lambda _: patiently(sale.client, "/shipments", part))
    assert sorted(each.status_code for each in answers) == [201, 201, 409, 409, 409, 409]
    for shipment in (each.json() for each in answers if each.status_code == 201):
        sale.do("POST", f"/shipments/{shipment['id']}/ship")
        sale.do("POST", f"/shipments/{shipment['id']}/deliver", received_by="Anh Tú")
    answers = at_once(6, lambda _: patiently(sale.client, "/invoices", part))
    assert sorted(each.status_code for each in answers) == [201, 201, 409, 409, 409, 409]
    assert {each.json()["code"] for each in answers if each.status_code == 409} <= {
        "more_than_delivered",
        "nothing_to_invoice",
    }

"""Quotes: drafted, changed, sent, accepted, rejected, revised, expired."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.service import Node
from services.sales.jobs import expire_old_quotes
from services.sales.quotes.model import Quote
from services.sales.quotes.queries import warnings_of
from services.sales.taxes.queries import taxes_of
from tests.sales.documents_stage import Sale, in_days, open_sale, person
from tests.sales.stage import announced, so_far, somebody_works


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def test_a_quote_is_drafted_for_an_account_and_announced(sale: Sale) -> None:
    product, since = sale.product("1500000", tax_rate="10", supplier="Hòa Phát"), so_far(sale.node)
    quote = sale.quote(
        {"product_id": product["id"], "quantity": "2", "discount_percent": "10"},
        sale.line("100000"),
        discount_percent="5",
        valid_until=in_days(10),
    )
    first, second = quote["lines"]
    assert (first["code"], first["supplier"], first["unit_price"]) == (product["code"], "Hòa Phát", "1500000")
    assert (first["net"], second["net"]) == ("2565000", "95000")
    assert (quote["totals"]["net"], quote["totals"]["tax"], quote["totals"]["total"]) == (
        "2660000",
        "266000",
        "2926000",
    )
    assert (quote["status"], quote["revision"], quote["buyer"]["name"]) == ("draft", 1, "Công ty TNHH Thép Việt Đức")
    assert quote["number"].startswith("Q-20")
    (told,) = announced(sale.node, since)
    assert (told.type, told.subject, told.sequence) == ("sales.quote.created.v1", f"quote:{quote['id']}", 1)
    assert told.data["quote"]["totals"] == quote["totals"]
    assert told.persons == (f"account:{sale.account_id}",)
    read = sale.client.get(f"/quotes/{quote['id']}")
    assert (read.json(), read.headers["etag"]) == (quote, '"1"')


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"quantity": "1"}]}, "/lines/0/name"),
        ({"lines": [{"quantity": "0", "product_id": new_id()}]}, "/lines/0/quantity"),
        ({"lines": [{"quantity": 1, "product_id": new_id()}]}, "/lines/0/quantity"),
        ({"lines": [{"quantity": "1", "product_id": new_id()}]}, "/lines/0/product_id"),
        ({"discount_percent": "101"}, "/discount_percent"),
        ({"discount_percent": 2.5}, "/discount_percent"),
        ({"valid_until": 1}, "/valid_until"),
        ({"account_id": None}, ""),
    ],
)
def test_bad_fields_are_named(sale: Sale, body: dict[str, Any], pointer: str) -> None:
    good = {"account_id": sale.account_id, "lines": [sale.line()]}
    answer = sale.try_("POST", "/quotes", **(good | body))
    assert answer.status_code == 422, answer.text
    assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"])


def test_lines_that_cannot_be_priced_are_named(sale: Sale) -> None:
    gone, dollars = sale.product(active=False), sale.product("10.5", currency="USD")
    lines = [{"product_id": each["id"], "quantity": "1"} for each in (gone, dollars)]
    answer = sale.try_("POST", "/quotes", account_id=sale.account_id, lines=[*lines, sale.line(tax_code="VAT8")])
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/lines/0/product_id", "/lines/1/unit_price"]
    answer = sale.try_("POST", "/quotes", account_id=sale.account_id, lines=[sale.line(tax_code="VAT99")])
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_tax_code")
    huge = sale.line("99999999999999", "999999999")
    answer = sale.try_("POST", "/quotes", account_id=sale.account_id, lines=[huge])
    assert (answer.status_code, answer.json()["code"]) == (422, "amount_too_large")


def test_an_unknown_customer_is_not_there(sale: Sale) -> None:
    assert sale.try_("POST", "/quotes", account_id=new_id(), lines=[sale.line()]).status_code == 404


def test_a_draft_is_changed_and_says_what_changed(sale: Sale) -> None:
    quote = sale.quote(sale.line("1000000"), sale.line("500000"))
    since = so_far(sale.node)
    kept = quote["lines"][0]
    changed = sale.do("PATCH", f"/quotes/{quote['id']}", discount_percent="10")
    assert changed["totals"]["net"] == "1350000"
    assert [line["id"] for line in changed["lines"]] == [line["id"] for line in quote["lines"]]
    line = sale.line("2000000") | {"id": kept["id"]}
    changed = sale.do("PATCH", f"/quotes/{quote['id']}", lines=[line], valid_until=in_days(5), custom={"kênh": "Zalo"})
    assert [(each["id"], each["net"]) for each in changed["lines"]] == [(kept["id"], "1800000")]
    assert sale.do("PATCH", f"/quotes/{quote['id']}", discount_percent="10")["version"] == changed["version"] == 3
    told = announced(sale.node, since)
    assert [each.type for each in told] == ["sales.quote.updated.v1"] * 2
    assert set(told[0].data["changed"]) == {"discount_percent", "lines", "totals"}
    assert told[0].data["changed"]["discount_percent"] == ["0", "10"]
    assert told[1].data["quote"]["version"] == 3


def test_a_quote_that_was_sent_is_not_changed_but_revised(sale: Sale) -> None:
    quote = sale.sent(sale.line("1000000"), discount_percent="3", valid_until=in_days(3))
    assert sale.do("POST", f"/quotes/{quote['id']}/send")["version"] == quote["version"]
    assert sale.refused("PATCH", f"/quotes/{quote['id']}", discount_percent="1") == "quote_not_draft"
    since = so_far(sale.node)
    revision = sale.do("POST", f"/quotes/{quote['id']}/revise")
    assert (revision["number"], revision["revision"], revision["status"]) == (quote["number"], 2, "draft")
    assert (revision["supersedes_id"], revision["totals"]) == (quote["id"], quote["totals"])
    assert sale.do("POST", f"/quotes/{quote['id']}/revise")["id"] == revision["id"]
    assert [each.type for each in announced(sale.node, since)] == [
        "sales.quote.superseded.v1",
        "sales.quote.created.v1",
    ]
    assert sale.refused("POST", f"/quotes/{quote['id']}/accept", **{"as": "order"}) == "quote_superseded"
    assert sale.refused("POST", f"/quotes/{revision['id']}/revise") == "quote_not_sent"


def test_only_a_quote_that_was_sent_and_is_valid_is_accepted(sale: Sale) -> None:
    accept = {"as": "order"}
    draft = sale.quote()
    assert sale.refused("POST", f"/quotes/{draft['id']}/accept", **accept) == "quote_not_sent"
    rejected = sale.sent()
    assert sale.do("POST", f"/quotes/{rejected['id']}/reject", reason="Giá cao")["rejected_reason"] == "Giá cao"
    assert sale.do("POST", f"/quotes/{rejected['id']}/reject", reason="Khác")["rejected_reason"] == "Giá cao"
    assert sale.refused("POST", f"/quotes/{rejected['id']}/accept", **accept) == "quote_rejected"
    accepted = sale.sent()
    sale.do("POST", f"/quotes/{accepted['id']}/accept", **accept)
    assert sale.refused("POST", f"/quotes/{accepted['id']}/reject", reason="Muộn") == "quote_already_accepted"
    assert sale.refused("POST", f"/quotes/{accepted['id']}/revise") == "quote_already_accepted"
    assert sale.refused("POST", f"/quotes/{accepted['id']}/send") == "quote_already_accepted"
    assert sale.try_("POST", f"/quotes/{accepted['id']}/accept", **{"as": "contract"}).status_code == 422
    assert sale.refused("POST", f"/quotes/{sale.quote(valid_until=in_days(-1))['id']}/send") == "quote_expired"


def test_an_order_says_what_its_quote_said(sale: Sale) -> None:
    quote = sale.sent(sale.line("333333"), sale.line("777777", "3"), discount_percent="2.5")
    order_id = sale.do("POST", f"/quotes/{quote['id']}/accept", **{"as": "order"})["order_id"]
    order = sale.do("GET", f"/orders/{order_id}")
    assert (order["status"], order["quote_id"], order["totals"]) == ("draft", quote["id"], quote["totals"])
    assert (order["owner_id"], order["buyer"]) == (quote["owner_id"], quote["buyer"])
    assert [line["net"] for line in order["lines"]] == [line["net"] for line in quote["lines"]]
    accepted = sale.do("GET", f"/quotes/{quote['id']}")
    assert (accepted["status"], accepted["order_id"]) == ("accepted", order_id)


def test_a_quote_expires_the_day_after_its_last(sale: Sale) -> None:
    late, today, open_end = sale.sent(), sale.sent(valid_until=in_days(0)), sale.sent()
    with somebody_works(sale.node) as tx:
        tx.get(Quote, late["id"]).valid_until = date.fromisoformat(in_days(-1))  # type: ignore[union-attr]
    assert sale.refused("POST", f"/quotes/{late['id']}/accept", **{"as": "order"}) == "quote_expired"
    since = so_far(sale.node)
    expire_old_quotes(sale.node)
    expire_old_quotes(sale.node)
    told = announced(sale.node, since)
    assert [(each.type, each.subject) for each in told] == [("sales.quote.expired.v1", f"quote:{late['id']}")]
    assert told[0].data["changed"] == {"status": ["sent", "expired"]}
    for quote, status in ((late, "expired"), (today, "sent"), (open_end, "sent")):
        assert sale.do("GET", f"/quotes/{quote['id']}")["status"] == status
    revision = sale.do("POST", f"/quotes/{late['id']}/revise")
    assert revision["valid_until"] is None


@pytest.mark.parametrize(
    ("delivery_on", "valid_until", "warned"),
    [
        ("2027-01-05", None, True),
        ("2026-12-31", "2027-02-01", False),
        (None, "2027-01-05", True),
        (None, "2026-12-20", False),
        (None, None, False),
    ],
)
def test_a_reduced_tax_that_ends_before_delivery_is_warned_of(
    sale: Sale, delivery_on: str | None, valid_until: str | None, warned: bool
) -> None:
    line = sale.line(tax_code="VAT8", delivery_on=delivery_on)
    quote = sale.quote(line, sale.line(delivery_on="2027-01-05"), valid_until=valid_until)
    with somebody_works(sale.node) as tx:
        stored = tx.get(Quote, quote["id"])
        assert stored is not None
        found = warnings_of(stored, taxes_of(tx), date(2026, 12, 20))
    assert [each.line_id for each in found] == ([quote["lines"][0]["id"]] if warned else [])


def test_the_warning_is_in_the_reader_s_language(sale: Sale) -> None:
    quote = sale.quote(sale.line(tax_code="VAT8", delivery_on="2027-01-05"))
    (warning,) = quote["warnings"]
    assert "VAT8 ends on 2026-12-31" in warning["text"]
    read = sale.client.get(f"/quotes/{quote['id']}", headers={"Accept-Language": "vi"}).json()
    assert "VAT8 hết hiệu lực sau ngày 2026-12-31" in read["warnings"][0]["text"]


def test_a_salesperson_sees_only_their_own_quotes(sale: Sale) -> None:
    quote = sale.quote()
    with open_sale(sale.node, person("own")) as other:
        mine = other.quote()
        assert [each["id"] for each in other.do("GET", "/quotes")["items"]] == [mine["id"]]
        assert other.try_("GET", f"/quotes/{quote['id']}").status_code == 404
        assert other.try_("POST", f"/quotes/{quote['id']}/send").status_code == 404
        assert other.try_("POST", "/quotes", account_id=sale.account_id, lines=[sale.line()]).status_code == 404
    with open_sale(sale.node, person("all", "account", "product")) as nobody:
        assert nobody.try_("GET", "/quotes").status_code == 403


def test_quotes_are_found_by_number_customer_and_state(sale: Sale) -> None:
    quote, sent = sale.quote(valid_until=in_days(7)), sale.sent()
    for query, expected in (
        ({"q": quote["number"]}, [quote]),
        ({"status": "sent", "account_id": sale.account_id}, [sent]),
        ({"valid_until": in_days(7), "owner": "me", "account_id": sale.account_id}, [quote]),
        ({"sort": "number", "account_id": sale.account_id}, [quote, sent]),
    ):
        listed = sale.client.get("/quotes", params=query)
        assert listed.status_code == 200, listed.text
        found = [each["id"] for each in listed.json()["items"]]
        assert [each for each in found if each in (quote["id"], sent["id"])] == [each["id"] for each in expected]


def test_history_says_what_became_of_a_quote(sale: Sale) -> None:
    quote = sale.sent()
    changes = sale.do("GET", f"/quotes/{quote['id']}/history")["items"]
    assert [(each["field"], each["old"], each["new"]) for each in changes] == [("status", "draft", "sent")]

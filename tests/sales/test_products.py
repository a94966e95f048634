"""The routes of products and taxes, and what lists of documents need."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.paging import Listing
from chassis.service import Node
from services.sales.invoices.queries import INVOICES
from services.sales.orders.queries import ORDERS
from services.sales.payments.queries import PAYMENTS
from services.sales.products.queries import PRODUCTS
from services.sales.quotes.queries import QUOTES
from services.sales.shipments.queries import SHIPMENTS
from services.sales.taxes.queries import TAX_CODES
from tests.sales.documents_stage import Sale, open_sale, person
from tests.sales.stage import announced, so_far


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def test_a_product_is_entered_with_a_rate_that_is_short_for_its_tax(sale: Sale) -> None:
    since = so_far(sale.node)
    product = sale.product(
        "1250000.5", tax_rate="10", family="Máy nén khí", warranty_months=24, custom={"mã HS": "8414"}
    )
    assert (product["tax_code"], product["tax_rate"]) == ("VAT10", "10")
    assert product["price"] == {"amount": "1250000.5", "currency": "VND"}
    assert sale.do("GET", f"/products/{product['id']}") == product
    (told,) = announced(sale.node, since)
    assert (told.type, told.data["product"]["price"]) == ("sales.product.created.v1", product["price"])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"tax_rate": None}, ""),
        ({"tax_rate": "8", "tax_code": "VAT10"}, ""),
        ({"tax_rate": None, "tax_code": "VAT7"}, "/tax_code"),
        ({"price": {"amount": 5}}, "/price/amount"),
        ({"price": {"amount": "-5"}}, "/price/amount"),
        ({"price": {"amount": "1e5"}}, "/price/amount"),
        ({"price": {"amount": "0.00001"}}, "/price/amount"),
        ({"code": " "}, "/code"),
    ],
)
def test_bad_fields_are_named(sale: Sale, fields: dict[str, Any], pointer: str) -> None:
    good = {"code": new_id(), "name": "Máy", "unit": "cái", "tax_rate": "8", "price": {"amount": "1"}}
    answer = sale.try_("POST", "/products", **(good | fields))
    assert answer.status_code == 422, answer.text
    assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"]) or pointer == ""


def test_a_code_is_one_product_s_until_that_is_deleted(sale: Sale) -> None:
    first = sale.product()
    body = {"name": "Máy khác", "unit": "cái", "tax_rate": "8", "price": {"amount": "1"}, "code": first["code"]}
    assert sale.refused("POST", "/products", **body) == "already_exists"
    sale.do("DELETE", f"/products/{first['id']}")
    assert sale.try_("GET", f"/products/{first['id']}").status_code == 404
    second = sale.do("POST", "/products", **body)
    assert sale.refused("POST", f"/products/{first['id']}/restore") == "already_exists"
    sale.do("PATCH", f"/products/{second['id']}", code=new_id())
    assert sale.do("POST", f"/products/{first['id']}/restore")["code"] == first["code"]


def test_a_changed_price_is_told_and_documents_keep_theirs(sale: Sale) -> None:
    product = sale.product("1000000")
    quote = sale.quote({"product_id": product["id"], "quantity": "1"})
    since = so_far(sale.node)
    changed = sale.do("PATCH", f"/products/{product['id']}", price={"amount": "2000000"}, supplier="Hòa Phát")
    assert sale.do("PATCH", f"/products/{product['id']}", supplier="Hòa Phát")["version"] == changed["version"]
    (told,) = announced(sale.node, since)
    before, after = ({"amount": each, "currency": "VND"} for each in ("1000000", "2000000"))
    assert told.data["changed"] == {"price": [before, after], "supplier": [None, "Hòa Phát"]}
    assert sale.do("GET", f"/quotes/{quote['id']}")["totals"]["net"] == "1000000"
    fields = {each["field"] for each in sale.do("GET", f"/products/{product['id']}/history")["items"]}
    assert fields == {"price", "supplier"}


def test_products_are_found_without_accents(sale: Sale) -> None:
    product = sale.product(name=f"Máy sấy khí {new_id()[-6:]}", family="Máy sấy")
    for query in ({"q": "may say " + product["name"][-6:]}, {"q": product["code"]}, {"code": product["code"]}):
        found = sale.client.get("/products", params=query).json()["items"]
        assert [each["id"] for each in found] == [product["id"]], query


def test_whoever_only_reads_products_changes_none(sale: Sale) -> None:
    product = sale.product()
    reader = person("none")
    with open_sale(sale.node, type(reader)(kind="user", id=reader.id, depths={"product.read": "all"})) as other:
        assert other.do("GET", f"/products/{product['id']}")["id"] == product["id"]
        assert other.try_("PATCH", f"/products/{product['id']}", name="X").status_code == 403
        assert other.try_("DELETE", f"/products/{product['id']}").status_code == 403
        assert other.try_("GET", "/tax_codes").status_code == 403


def test_taxes_are_listed_with_their_days_in_the_reader_s_language(sale: Sale) -> None:
    listed = sale.client.get("/tax_codes", headers={"Accept-Language": "vi"}).json()["items"]
    taxes = {each["code"]: each for each in listed}
    assert set(taxes) == {"VAT0", "VAT5", "VAT8", "VAT10", "KCT", "KKKNT"}
    assert (taxes["VAT8"]["rate"], taxes["VAT8"]["valid_to"], taxes["VAT8"]["then_code"]) == (
        "8",
        "2026-12-31",
        "VAT10",
    )
    assert taxes["KCT"]["label"] == "Không chịu thuế"


def test_a_quote_for_an_opportunity_needs_a_customer_who_is_known(sale: Sale) -> None:
    prospect = {"full_name": "Lê Văn Khách"}
    unknown = sale.do("POST", "/opportunities", name="Trạm khí nén", prospect=prospect)
    lines = [sale.line()]
    assert sale.refused("POST", "/quotes", opportunity_id=unknown["id"], lines=lines) == "customer_unknown"
    named = sale.do("POST", "/quotes", opportunity_id=unknown["id"], account_id=sale.account_id, lines=lines)
    assert (named["opportunity_id"], named["account_id"]) == (unknown["id"], sale.account_id)
    known = sale.do("POST", "/opportunities", name="Trạm khí nén", account_id=sale.account_id)
    quote = sale.do("POST", "/quotes", opportunity_id=known["id"], lines=lines)
    assert quote["buyer"]["name"] == "Công ty TNHH Thép Việt Đức"
    assert sale.try_("POST", "/quotes", opportunity_id=new_id(), lines=lines).status_code == 404


@pytest.mark.parametrize("listing", [TAX_CODES, PRODUCTS, QUOTES, ORDERS, SHIPMENTS, INVOICES, PAYMENTS])
def test_every_filter_and_sort_has_an_index(listing: Listing) -> None:
    assert listing.missing_indexes() == []

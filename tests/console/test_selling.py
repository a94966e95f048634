"""From an opportunity to a payment by clicking, and what stands on a customer's page."""

import re

import pytest

from tests.console.company import post
from tests.console.stage import Browser, Office, form_of, said


@pytest.fixture(scope="module")
def product(office: Office) -> str:
    body = {"code": "PL-5T", "name": "Pa lăng 5 tấn", "unit": "bộ", "price": {"amount": "68000000"}, "tax_rate": "8"}
    return str(post(office.admin, "/products", body)["id"])


def click(browser: Browser, page: str, action: str, **fields: str) -> str:
    """Send the form on this page that goes there."""
    return browser.send(action, form_of(page, action) | fields)


def place_of(page: str, pattern: str) -> str:
    """The first address on this page that looks like this."""
    found = re.search(rf'/app({pattern})"', page)
    assert found, f"no {pattern} on: {said(page)[:600]}"
    return found[1]


def test_an_opportunity_becomes_a_paid_invoice_by_clicking(admin: Browser, product: str, office: Office):
    admin.open("/deals/new")
    page = admin.send("/deals/new", key="opens-once", name="Xưởng mới", amount="136,000,000", close_date="2026-12-24")
    deal = place_of(page, r"/deals/[0-9a-f-]{36}/edit").removesuffix("/edit")
    page = click(admin, admin.open(deal), deal + "/move", stage="proposal")
    assert '<li aria-current="step">Proposal' in page
    contact = post(office.admin, "/contacts", {"full_name": "Đỗ Thị Mua"})
    post(office.admin, "/quotes", {"contact_id": contact["id"], "lines": [{"product_id": product, "quantity": "1"}]})

    page = admin.open(f"/quotes/new?contact_id={contact['id']}")
    assert "Choose at least one product." in said(
        admin.send("/quotes/new", form_of(page, "/quotes/new"), status=422, line_product_id="")
    )
    page = admin.send(
        "/quotes/new",
        form_of(page, "/quotes/new"),
        line_product_id=[product, ""],
        line_quantity=["2", ""],
        line_unit_price=["", ""],
        line_discount_percent=["10", ""],
    )
    assert "132,192,000" in page, "2 × 68,000,000 less 10 %, and 8 % tax"
    quote = place_of(page, r"/quotes/[0-9a-f-]{36}/send").removesuffix("/send")
    page = click(admin, page, quote + "/send")
    page = click(admin, page, quote + "/accept")
    order = place_of(page, r"/orders/[0-9a-f-]{36}/confirm").removesuffix("/confirm")
    page = click(admin, page, order + "/confirm")
    page = click(admin, page, order + "/release")
    page = click(admin, page, order + "/shipments")
    ship = place_of(page, r"/orders/[0-9a-f-]{36}/shipments/[0-9a-f-]{36}/ship")
    page = click(admin, page, ship)
    page = click(admin, page, ship.removesuffix("/ship") + "/deliver", received_by="Bà Năm")
    assert "Bà Năm" in page
    page = click(admin, page, order + "/invoices")
    invoice = place_of(page, r"/invoices/[0-9a-f-]{36}/issue").removesuffix("/issue")
    page = click(admin, page, invoice + "/issue")
    customer = admin.open(f"/contacts/{contact['id']}")
    assert "Owes 132,192,000" in said(customer).replace("\xa0", " ")
    page = click(admin, page, invoice + "/payments", amount="100,000,000", paid_on="2026-11-20", method="Tiền mặt")
    assert "Part paid" in said(page) and "32,192,000" in page
    page = click(admin, page, invoice + "/payments", amount="32192000", paid_on="2026-11-21")
    assert "Left to pay 0" in said(page)
    assert "Owes 0" in said(admin.open(f"/contacts/{contact['id']}"))


def test_a_move_that_is_dragged_answers_with_the_board(admin: Browser, office: Office):
    deal = post(office.admin, "/opportunities", {"name": "Cần trục cảng"})["id"]
    fields = form_of(admin.open("/pipeline"), f"/deals/{deal}/move")
    answer = admin.ask(
        "POST",
        f"/deals/{deal}/move",
        data={**fields, "stage": "closing"},
        headers={"hx-request": "true", "x-csrf-token": admin.csrf},
    )
    assert answer.status_code == 200 and "<html" not in answer.text
    closing = answer.text.split('data-stage="closing"')[1]
    assert "Cần trục cảng" in closing
    answer = admin.ask(
        "POST", f"/deals/{deal}/move", data={**fields, "key": "k2", "stage": "closing"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 412 and "changed it meanwhile" in answer.text and "<" not in answer.text


def test_a_deal_that_is_won_or_lost_can_be_taken_back(admin: Browser, office: Office):
    deal = f"/deals/{post(office.admin, '/opportunities', {'name': 'Máy phát'})['id']}"
    page = click(admin, admin.open(deal), deal + "/lose", reason="Giá cao")
    assert "Lost" in said(page) and f'action="/app{deal}/reopen"' in page
    page = admin.send(deal + "/reopen", key="again-1")
    page = admin.send(deal + "/lose", form_of(page, deal + "/lose"), status=422, reason="")
    assert 'details class="act" open' in page.replace("  ", " ")


@pytest.mark.parametrize("path", ["/accounts/new", "/contacts/new"])
def test_a_customer_is_typed_in_and_changed(admin: Browser, path: str):
    page = admin.open(path)
    name = {"/accounts/new": "name", "/contacts/new": "full_name"}[path]
    hidden = form_of(page, path)
    page = admin.send(path, hidden | {name: "Hợp tác xã Mây", "phones": "0903 111 222", "kind": "household"})
    assert "0903 111 222" in page
    edit = place_of(page, path.removesuffix("/new") + r"/[0-9a-f-]{36}/edit")
    page = admin.send(edit, form_of(admin.open(edit), edit) | {name: "Hợp tác xã Tre"})
    assert "Hợp tác xã Tre" in page


def test_the_report_leads_to_the_records(admin: Browser):
    page = admin.open("/reports/funnel_by_source?from=2020-01-01&to=nonsense")
    assert 'value="2020-01-01"' in page
    assert "nothing here" in said(admin.open("/reports/nonsense", status=404))
    assert "nothing here" in said(admin.open("/reports/funnel_by_source/rows?step=nonsense", status=404))

"""What only a real browser shows: typing, dragging, the keyboard, a phone, and what screen readers stumble over."""

import re
from typing import Any

import httpx
import pytest

from tests.browser.conftest import Screen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ids(api: httpx.Client) -> dict[str, str]:
    """A lead, a deal, a customer, a quote."""

    def post(path: str, body: dict[str, Any]) -> str:
        made = api.post(path, json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    product = {"code": "MNK", "name": "Máy nén khí", "unit": "cái", "price": {"amount": "185000000"}, "tax_rate": "8"}
    product_id = post("/products", product)
    lead = {"full_name": "Trương Thị Đường", "company": "Công ty Đại Lộc", "phones": ["0912345678"], "source": "Zalo"}
    account = post("/accounts", {"name": "Công ty Cổ phần Nhựa Quang Anh", "tax_code": "0100109106"})
    lines = [{"product_id": product_id, "quantity": "2"}]
    return {
        "leads": post("/leads", lead),
        "accounts": account,
        "deals": post("/opportunities", {"name": "Trạm khí nén trung tâm", "account_id": account}),
        "quotes": post("/quotes", {"account_id": account, "lines": lines}),
    }


def paths(ids: dict[str, str]) -> list[str]:
    """Every kind of page."""
    lists = ["/my-day", "/leads", "/leads/new", "/pipeline", "/deals", "/customers", "/quotes", "/orders", "/invoices"]
    lists += ["/handovers", "/handovers/new"]
    return [
        *lists,
        "/reports/funnel_by_source",
        "/quotes/new",
        "/me",
        *(f"/{noun}/{each}" for noun, each in ids.items()),
    ]


def test_a_lead_is_found_while_one_types_without_accents(desk: Screen, ids: dict[str, str]):
    desk.open("/leads")
    desk.page.get_by_role("searchbox").press_sequentially("truong thi duong", delay=5)
    desk.page.wait_for_url(re.compile("q=truong.+duong"))
    rows = desk.page.locator("#rows tbody tr")
    assert rows.count() == 1
    rows.get_by_role("link", name="Trương Thị Đường").click()
    desk.page.get_by_role("heading", level=1, name="Trương Thị Đường").wait_for()


def test_a_deal_is_dragged_and_moved_by_the_keyboard(desk: Screen, ids: dict[str, str], api: httpx.Client):
    def stage() -> str:
        return str(api.get(f"/opportunities/{ids['deals']}").json()["stage"])

    desk.open("/pipeline")
    card, lane = f"#deal-{ids['deals']}", '.lane[data-stage="negotiation"]'
    desk.page.drag_and_drop(card, lane)
    desk.page.wait_for_selector(f"{lane} {card}:not(.moving)")
    desk.page.wait_for_load_state("networkidle")
    assert stage() == "negotiation"
    desk.open("/pipeline")
    desk.page.locator(f"{card} summary").focus()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(f'.lane[data-stage="closing"] {card}')
    assert stage() == "closing"


def test_a_phone_shows_every_page_without_scrolling_sideways(phone: Screen, ids: dict[str, str]):
    for path in paths(ids):
        phone.open(path)
        over = phone.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{path} is {over} px too wide"
    phone.page.get_by_role("button", name="Trình đơn").click()
    phone.page.get_by_role("link", name="Khách hàng tiềm năng").click()
    phone.page.get_by_role("heading", level=1, name="Khách hàng tiềm năng").wait_for()


def test_nobody_stumbles_who_hears_the_pages(desk: Screen, axe: str, ids: dict[str, str]):
    for path in paths(ids):
        desk.open(path)
        desk.page.evaluate(axe)
        found = desk.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = {
            each["id"]: [node["html"][:200] for node in each["nodes"][:3]]
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        }
        assert not serious, path


def test_a_chart_is_drawn_within_what_the_policy_allows(desk: Screen, ids: dict[str, str]):
    desk.open("/reports/funnel_by_source")
    desk.page.locator("[data-chart] canvas").wait_for()


def test_what_was_just_done_appears_in_the_timeline_by_itself(desk: Screen, api: httpx.Client):
    lead = api.post("/leads", json={"full_name": "Cao Thị Nhắc", "phones": ["0987654321"]}).json()
    desk.open(f"/leads/{lead['id']}")
    desk.page.get_by_role("button", name="I reached them").click()
    desk.page.get_by_text("The lead is being worked on.").wait_for()
    desk.page.wait_for_selector(".past:not([hx-get]) .timeline li")

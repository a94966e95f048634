"""A seller leaves, the relationships stay: counted, confirmed, followed, read in brief, and undone, by clicking."""

import re
from dataclasses import dataclass

import pytest

from tests.console.company import post
from tests.console.stage import Browser, Office, form_of, said
from tests.gateway.stage import PASSWORD
from tests.installation import eventually

CUSTOMER, DEAL, NOTE = "Công ty Giấy Bãi Bằng", "Dây chuyền xeo giấy", "Gọi lại trước Tết"


@dataclass(frozen=True)
class Sales:
    """Ids of those who work in sales; addresses are ``<name>.leaves@example.com``."""

    x: str
    y: str
    team: str


def browser_of(office: Office, name: str) -> Browser:
    browser = office.browser("en").sign_in(f"{name}.leaves@example.com", PASSWORD)
    browser.send("/language", language="en", next="/app/me")
    return browser


@pytest.fixture(scope="module")
def sales(office: Office) -> Sales:
    """X with a customer who owes nothing and has a deal, Y in the same team, their manager, and somebody elsewhere."""
    team, other = (post(office.admin, "/teams", {"name": name})["id"] for name in ("Miền Bắc giấy", "Nơi khác giấy"))
    ids = {
        name: office.hire(title, f"{name}.leaves@example.com", [role], team_ids=[place])
        for name, title, role, place in (
            ("x", "Nguyễn Minh Xuân", "salesperson", team),
            ("y", "Lê Hoàng Yến", "salesperson", team),
            ("boss", "Trần Quốc Dũng", "sales_manager", team),
            ("far", "Người Ở Xa", "salesperson", other),
        )
    }
    x = office.api("x.leaves@example.com")
    account = post(x, "/accounts", {"name": CUSTOMER, "phones": ["0243 111 3333"]})
    post(x, "/opportunities", {"name": DEAL, "account_id": account["id"], "amount": {"amount": "250000000"}})
    return Sales(ids["x"], ids["y"], team)


def test_a_manager_chooses_among_those_whom_their_right_reaches(office: Office, sales: Sales):
    page = said(browser_of(office, "boss").open("/handovers/new"))
    assert "Nguyễn Minh Xuân" in page and "Miền Bắc giấy" in page
    assert "Người Ở Xa" not in page and "Nơi khác giấy" not in page
    assert "Nothing has been handed over to you." in said(browser_of(office, "far").open("/handovers"))
    browser_of(office, "y").open("/handovers/new", status=403)


def test_what_is_wrong_is_said_beside_what_was_typed(office: Office, sales: Sales):
    boss = browser_of(office, "boss")
    boss.open("/handovers/new")
    page = boss.send("/handovers/new", status=422, from_user_id=sales.x, to=f"user:{sales.x}", note=NOTE)
    assert "This is the person whose work is handed over." in said(page)
    assert NOTE in page and f'value="{sales.x}" selected' in page and f'value="user:{sales.x}" selected' in page
    counted = boss.send("/handovers/new", from_user_id=sales.x, to=f"team:{sales.team}")
    assert "Lê Hoàng Yến" in said(counted), "the team's members"


def test_handing_over_and_taking_it_back(office: Office, sales: Sales):
    boss, y = browser_of(office, "boss"), browser_of(office, "y")
    boss.open("/handovers/new")
    counted = boss.send("/handovers/new", from_user_id=sales.x, to=f"user:{sales.y}", note=NOTE)
    assert "Companies 1" in said(counted) and "Open opportunities 1" in said(counted)
    assert "Công ty" not in y.open("/customers"), "counting changes nothing"

    page = boss.send("/handovers", form_of(counted, "/handovers"))
    found = re.search(r"/app/handovers/([0-9a-f-]{36})", page)
    assert found
    handover = found[1]
    assert status_of(boss, handover, "Done")
    page = boss.open(f"/handovers/{handover}")
    assert "every 1s" not in page and "1 / 1" in said(page) and "Possible until" in said(page)

    assert CUSTOMER in said(y.open("/customers"))
    day = y.open("/my-day")
    assert "Customers of Nguyễn Minh Xuân have come to you." in said(day)
    brief = y.open(f"/handovers/{handover}/briefs")
    for told in (CUSTOMER, DEAL, "250,000,000", NOTE, "0243 111 3333", "Owes 0"):
        assert told in said(brief).replace("\xa0", " "), told
    assert "/undo" not in y.open(f"/handovers/{handover}")
    browser_of(office, "far").open(f"/handovers/{handover}", status=404)

    boss.send(f"/handovers/{handover}/undo", form_of(page, f"/handovers/{handover}/undo"))
    assert status_of(boss, handover, "Undone")
    assert CUSTOMER not in said(y.open("/customers")) and "have come to you" not in said(y.open("/my-day"))
    assert CUSTOMER in said(browser_of(office, "x").open("/customers"))


def status_of(browser: Browser, handover: str, word: str) -> bool:
    """Whether the part of the page that is asked for again says this, in a while; it stops asking then."""

    def part() -> str:
        return browser.ask("GET", f"/handovers/{handover}", headers={"hx-request": "true"}).text

    eventually(lambda: word in said(part()), within=30)
    return "<html" not in part() and "every 1s" not in part()

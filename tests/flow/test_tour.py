"""A hundred leads while the sales worker stands still, and what operators see of it on their pages."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import func, select

from chassis.inbox import DUE, State, inbox
from deploy.loops import Loops
from deploy.tour import LEADS
from tests.console.stage import Browser, phrases, said
from tests.flow.demo import Demo, open_demo
from tests.gateway.stage import PASSWORD
from tests.installation import eventually


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with open_demo(tmp_path_factory.mktemp("demo")) as opened:
        opened.office.hire("Vũ Hải Vận", "operator@example.com", ["operator"])
        opened.office.hire("Nguyễn Minh Xuân", "xuan@example.com")
        yield opened


@pytest.fixture(scope="module")
def operator(demo: Demo) -> Browser:
    browser = demo.office.browser("en").sign_in("operator@example.com", PASSWORD)
    browser.send("/language", language="en", next="/app/me")
    return browser


def waiting(demo: Demo) -> int:
    with demo.nodes["sales"].read() as tx:
        return tx.scalar(select(func.count()).where(inbox.c.state.in_(DUE))) or 0


def test_a_hundred_leads_pushed_while_sales_stands_still_all_get_their_verdict(demo: Demo, operator: Browser) -> None:
    api = demo.office.api("operator@example.com")
    assert api.get("/flow/tour").json()["state"] == "idle"
    page = operator.open("/flow")
    assert "Push 100 leads and stop a service" in page
    operator.send("/flow/tour")
    api.post("/flow/tour")  # one at a time: this begins no second one
    seen = eventually(lambda: waiting(demo), within=20, every=0.02)
    assert seen > 0

    def done() -> dict[str, object] | None:
        answer = api.get("/flow/tour")
        told: dict[str, object] = answer.json()
        return told if told.get("state") in ("done", "failed") else None

    told = eventually(done, within=150)
    assert (told["state"], told["accepted"], told["verdicts"]) == ("done", LEADS, LEADS)
    partner = demo.office.admin.get("/submissions", params={"limit": 1, "count": "true"}).json()
    assert partner["total"] == LEADS
    with demo.nodes["sales"].read() as tx:
        mine = inbox.c.reaction == "sales.take_in_leads"
        assert tx.scalar(select(func.count()).where(mine, inbox.c.state == State.DONE)) == LEADS
    assert "nothing lost, nothing twice" in said(operator.open("/flow"))
    journey = operator.open(f"/flow/journeys/{told['journey']}")
    for step in ("channels.submission.received.v1", "sales.take_in_leads", "sales.lead.created.v1"):
        assert step in journey


def test_a_pause_is_a_real_stop_and_ends_by_itself(demo: Demo) -> None:
    before = demo.office.admin.get("/leads", params={"limit": 1, "count": "true"}).json()["total"]
    assert demo.loops.pause_inbox("activities", 1.0)
    names = {thread.name for thread in threading.enumerate()}
    assert "inbox-activities" in names
    demo.office.admin.post("/leads", json={"full_name": "Lê An", "phones": ["0912000111"]})

    def open_rows() -> int:
        with demo.nodes["activities"].read() as tx:
            return tx.scalar(select(func.count()).where(inbox.c.state.in_(DUE))) or 0

    assert eventually(open_rows, within=5, every=0.02)
    eventually(lambda: open_rows() == 0, within=20)
    assert demo.office.admin.get("/leads", params={"limit": 1, "count": "true"}).json()["total"] == before + 1


def test_loops_that_stand_still_end_when_told_to(demo: Demo) -> None:
    loops = Loops()
    loops.start_inbox(demo.nodes["insight"])
    assert loops.pause_inbox("insight", 60)
    began = time.monotonic()
    loops.stop()
    assert time.monotonic() - began < 5


PAGES = ("/flow", "/flow/parked", "/flow/feed", "/flow/journeys")


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_for_operators(demo: Demo, operator: Browser, path: str) -> None:
    operator.open(path)
    seller = demo.office.browser("en").sign_in("xuan@example.com", PASSWORD)
    seller.open(path, status=403)
    assert "/app/flow" not in seller.open("/me")


def test_the_pages_speak_vietnamese(demo: Demo) -> None:
    browser = demo.office.browser("vi").sign_in("operator@example.com", PASSWORD)
    browser.send("/language", language="vi", next="/app/me")
    # Names of services, events and people are the same in every language.
    english = {"Overview", "Parked", "Live events", "Journeys", "Why", "State", "Took", "Service", "Well", "Replay"}
    for path in PAGES:
        assert not english & set(phrases(browser.open(path))), path


def test_the_feed_is_followed_live_and_names_nobody(demo: Demo, operator: Browser) -> None:
    page = operator.open("/flow/feed")
    stream = page.split('data-stream="')[1].split('"')[0].removeprefix("/app")
    demo.office.admin.post("/leads", json={"full_name": "Lê Thị Bí Mật", "phones": ["0912000222"]})
    port = demo.nodes["gateway"].settings.port
    cookies = dict(operator.cookies.items())
    address = f"http://127.0.0.1:{port}/app{stream}"
    with httpx.Client(cookies=cookies, timeout=20) as client, client.stream("GET", address) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = ""
        for line in answer.iter_lines():
            told += line + "\n"
            if "sales.lead.created.v1" in told:
                break
    assert "id: " in told and "Bí Mật" not in told

"""The service desk at the console: the queue, one case from hello to the end, and whose it is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import gateway.console
from chassis.i18n import Catalogue
from gateway.console.cases.clocks import first_response_of, resolution_of, standing_of
from gateway.console.cases.knowledge import pairs_of
from gateway.console.wording import Wording
from tests.console.company import post
from tests.console.stage import Browser, Office, form_of, said
from tests.gateway.stage import PASSWORD
from tests.installation import eventually

NOW = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
MESSAGES = Path(gateway.console.__file__).parent / "cases" / "messages"


@pytest.fixture(scope="module")
def mai(office: Office) -> Browser:
    office.hire("Hoàng Thị Mai", "mai.cases@example.com", ["service_agent"], locale="en")
    return office.browser().sign_in("mai.cases@example.com", PASSWORD)


@pytest.fixture(scope="module")
def seller(office: Office) -> Browser:
    office.hire("Lê Văn Bán", "ban.cases@example.com", locale="en")
    return office.browser().sign_in("ban.cases@example.com", PASSWORD)


@pytest.fixture(scope="module")
def customer(office: Office) -> str:
    """A company that the desk has heard of."""
    made = post(office.admin, "/accounts", {"name": "Công ty Thủy sản Tiến Vượng", "phones": ["0243 222 3333"]})
    asked = f"/customer_cases?regarding=account:{made['id']}"
    eventually(lambda: office.admin.get(asked).status_code == 200)
    return str(made["id"])


def new_case(browser: Browser, subject: str, **more: str) -> str:
    """A case typed into the form; its path after /app."""
    seal = form_of(browser.open("/cases/new"), "/cases/new")
    answer = browser.ask("POST", "/cases/new", data={**seal, "type": "problem", "subject": subject, **more})
    assert answer.status_code == 303, said(answer.text)
    return answer.headers["location"].removeprefix("/app")


def do(browser: Browser, path: str, verb: str, *, status: int = 200, **fields: str) -> str:
    """What one form on the page of a case does."""
    return browser.send(f"{path}/{verb}", form_of(browser.open(path), f"{path}/{verb}"), status=status, **fields)


def test_a_case_is_found_without_accents_and_while_typing(mai: Browser):
    path = new_case(mai, "Máy sấy khí rò gas", priority="urgent")
    page = mai.open("/cases?q=may+say+khi&priority=urgent&owner=me")
    assert f'href="/app{path}"' in page and "Urgent" in said(page) and "<html" in page
    part = mai.ask("GET", "/cases?q=ro+gas", headers={"hx-request": "true"}).text
    assert "Máy sấy khí rò gas" in part and "<html" not in part
    assert "No case matches." in said(mai.open("/cases?q=nobody-said-that"))
    assert "rò gas" not in mai.open("/cases?q=ro+gas&status=closed")


@pytest.mark.parametrize("query", ["status=nonsense", "type=nonsense", "overdue=nonsense", "sort=nonsense", "cursor=x"])
def test_a_filter_that_makes_no_sense_is_a_page_that_says_so(mai: Browser, query: str):
    assert "That did not work" in said(mai.open(f"/cases?{query}", status=422))


def test_the_queue_shows_what_is_under_way_unless_asked(mai: Browser):
    path = new_case(mai, "Xin bảng giá dầu")
    do(mai, path, "resolve", resolution="Sent the list.")
    assert path not in mai.open("/cases?q=bang+gia+dau")
    for status in ("every", "resolved"):
        assert path in mai.open(f"/cases?q=bang+gia+dau&status={status}")


def test_a_case_goes_from_new_to_closed_and_back_by_clicking(mai: Browser, office: Office):
    article = post(office.admin, "/articles", {"title": "Máy phát không khởi động", "body": "Kiểm tra ắc quy."})
    for verb in ("submit", "publish"):
        post(office.admin, f"/articles/{article['id']}/{verb}")
    path = new_case(mai, "Máy phát không tự khởi động")
    do(mai, path, "open")
    do(mai, path, "messages", saying="reply", text="We come tomorrow.")
    do(mai, path, "messages", saying="note", text="They are angry.")
    page = do(mai, path, "wait")
    assert "Waits for customer" in said(page)
    page = do(mai, path, "messages", saying="heard", text="It still does not start.")
    assert "Working" in said(page), "a word of the customer ends the wait"
    assert [page.index(f'<li class="{kind}">') for kind in ("reply", "note", "heard")]
    assert article["title"] in mai.open(f"{path}/knowledge"), "what shares words with the subject is suggested"
    page = do(mai, path, "resolve", resolution="A new battery.", article_id=article["id"])
    assert "A new battery." in page and f'href="/app/articles/{article["id"]}"' in page
    assert "Closed" in said(do(mai, path, "close"))
    assert "Working" in said(do(mai, path, "reopen"))
    page = do(mai, path, f"articles/{article['id']}/unlink")
    assert f'href="/app/articles/{article["id"]}"' not in page


def test_resolving_needs_a_resolution_and_what_was_ticked_stays(mai: Browser):
    path = new_case(mai, "Giao thừa một bộ lọc")
    ticked = "01990000-0000-7000-8000-0000000000ff"
    page = do(mai, path, "resolve", status=422, resolution="", find="bộ lọc", article_id=ticked)
    assert "is-invalid" in page and 'value="bộ lọc"' in page and f"?chosen={ticked}" in page


def test_a_reply_that_is_refused_stays_in_its_box(mai: Browser):
    path = new_case(mai, "Hỏi giá")
    seal = form_of(mai.open(path), f"{path}/messages")
    do(mai, path, "resolve", resolution="Told.")
    do(mai, path, "close")
    page = mai.send(f"{path}/messages", seal, status=409, saying="reply", text="One more thing.")
    assert "One more thing.</textarea>" in page and 'id="s-reply" value="reply" checked' in page


def test_a_customer_is_searched_for_and_chosen_in_the_form(mai: Browser, customer: str):
    assert customer in mai.open("/cases/customers?find=tien+vuong")
    seal = form_of(mai.open("/cases/new"), "/cases/new")
    page = mai.send("/cases/new", seal, status=422, subject="Máy kêu", type="problem", find="tien vuong")
    assert "Choose the customer" in said(page) and 'value="Máy kêu"' in page and customer in page
    path = new_case(mai, "Máy kêu to", customer=f"account:{customer}", find="tien vuong")
    assert f'href="/app/accounts/{customer}"' in mai.open(path)
    page = mai.open(f"/cases/new?account_id={customer}")
    assert f'value="account:{customer}" checked' in page


def test_a_customers_page_shows_their_cases_and_opens_those_that_are_mine(
    mai: Browser, seller: Browser, office: Office
):
    made = post(office.api("ban.cases@example.com"), "/accounts", {"name": "Công ty Của Bán"})
    asked = f"/customer_cases?regarding=account:{made['id']}"
    eventually(lambda: office.api("ban.cases@example.com").get(asked).status_code == 200)
    path = new_case(mai, "Chiết khấu từ ba máy", customer=f"account:{made['id']}")
    page = seller.open(f"/accounts/{made['id']}")
    assert "Chiết khấu từ ba máy" in page and path not in page
    assert "nothing here" in said(seller.open(path, status=404))
    assert path in mai.open(f"/accounts/{made['id']}")


def test_a_case_is_given_taken_and_escalated(mai: Browser, admin: Browser, office: Office):
    boss = office.hire("Bùi Đức Thịnh", "thinh.cases@example.com", ["service_manager"])
    eventually(lambda: office.admin.get(f"/colleagues?id__in={boss}").json()["items"])
    path = new_case(admin, "Khiếu nại thái độ phục vụ")
    page = do(admin, path, "escalate", escalate_to=boss, reason="A big customer")
    assert "Escalated" in said(page) and "Bùi Đức Thịnh" in said(page)
    assert "The case is yours." in said(do(admin, path, "take"))
    assert "The case was assigned." in said(do(admin, path, "assign", owner_id=boss))


def test_a_case_goes_into_another_one(mai: Browser):
    path, other = new_case(mai, "Đổi máy"), new_case(mai, "Đổi máy lần hai")
    assert "no case of this number" in said(do(mai, other, "merge", status=422, into="CS-none"))
    number = said(mai.open(path)).split("Đổi máy ")[1].split()[0]
    assert "went into this one" in said(do(mai, other, "merge", into=number))
    assert path in mai.open(other)


def test_a_case_is_changed_and_one_that_was_changed_meanwhile_is_shown(mai: Browser, office: Office):
    path = new_case(mai, "Bảo trì quý này")
    seen = form_of(mai.open(path + "/edit"), path + "/edit")
    page = mai.send(path + "/edit", seen, subject="Bảo trì quý sau", type="request", priority="high")
    assert "Bảo trì quý sau" in page and "High" in said(page)
    assert "changed it meanwhile" in said(mai.send(path + "/edit", seen, status=412, subject="Khác", type="request"))


def test_the_menu_has_service_for_those_who_read_cases(mai: Browser, office: Office):
    assert 'href="/app/cases"' in mai.open("/me") and 'href="/app/articles"' in mai.page
    office.hire("Trần Văn Kho", "kho.cases@example.com", ["warehouse"], locale="en")
    assert 'href="/app/cases"' not in office.browser().sign_in("kho.cases@example.com", PASSWORD).open("/me")


def a_case(status: str = "open", due_in: timedelta | None = None, **more: object) -> dict[str, object]:
    due = (NOW + due_in).isoformat() if due_in is not None else None
    dues = dict.fromkeys(("due_at", "first_response_due_at", "resolution_due_at"), due)
    none = dict.fromkeys(("first_response_breached_at", "first_responded_at", "resolution_breached_at"))
    return {"status": status, **none, **dues, **more}


@pytest.mark.parametrize(
    ("case", "word"),
    [
        (a_case(due_in=timedelta(seconds=-1)), "late"),
        (a_case(due_in=timedelta(hours=2)), "soon"),
        (a_case(due_in=timedelta(hours=3)), "on_time"),
        (a_case("waiting"), "waiting"),
        (a_case("resolved"), "done"),
        (a_case("closed"), "done"),
        (a_case("new"), "no_promise"),
    ],
)
def test_how_a_case_stands_is_a_word(case: dict[str, object], word: str):
    assert standing_of(case, NOW).word == word


def test_each_clock_stands_for_itself():
    case = a_case(due_in=timedelta(hours=5), first_responded_at=NOW.isoformat())
    assert (first_response_of(case, NOW).word, resolution_of(case, NOW).word) == ("done", "on_time")
    late = a_case("resolved", resolution_breached_at=NOW.isoformat(), first_response_breached_at=NOW.isoformat())
    assert (first_response_of(late, NOW).word, resolution_of(late, NOW).word) == ("late", "late")


@pytest.mark.parametrize(
    ("away", "english", "vietnamese"),
    [
        (timedelta(minutes=20, seconds=30), "in 20 min", "còn 20 phút"),
        (timedelta(minutes=-20), "20 min ago", "20 phút trước"),
        (timedelta(days=-3), "3 days ago", "3 ngày trước"),
    ],
)
def test_a_moment_is_written_as_people_say_it(away: timedelta, english: str, vietnamese: str):
    for language, words in (("en", english), ("vi", vietnamese)):
        assert Wording(Catalogue(MESSAGES), language).about((datetime.now(UTC) + away).isoformat()) == words


def test_two_syllables_are_a_word():
    assert pairs_of("Máy nén khí kêu to!") == ["Máy nén", "nén khí", "khí kêu", "kêu to"]
    assert pairs_of("Hỏng") == ["Hỏng"] and pairs_of(" ") == []

"""Leads at the console: finding, opening, moving them on; whose they are."""

import pytest

from tests.console.stage import Browser, Office, form_of, said
from tests.gateway.stage import PASSWORD
from tests.installation import eventually


@pytest.fixture(scope="module")
def xuan(office: Office) -> Browser:
    office.hire("Nguyễn Minh Xuân", "xuan.leads@example.com", locale="en")
    return office.browser().sign_in("xuan.leads@example.com", PASSWORD)


@pytest.fixture(scope="module")
def yen(office: Office) -> Browser:
    office.hire("Lê Hoàng Yến", "yen.leads@example.com", locale="en")
    return office.browser().sign_in("yen.leads@example.com", PASSWORD)


def new_lead(browser: Browser, name: str, **more: str) -> str:
    """A lead typed into the form; its path after /app."""
    page = browser.open("/leads/new")
    key = page.split('action="/app/leads/new"')[1].split('name="key" value="')[1].split('"')[0]
    answer = browser.ask("POST", "/leads/new", data={"csrf": browser.csrf, "key": key, "full_name": name, **more})
    assert answer.status_code == 303, said(answer.text)
    return answer.headers["location"].removeprefix("/app")


def test_a_lead_is_found_without_accents_and_while_typing(xuan: Browser):
    new_lead(xuan, "Trương Thị Đường", phones="0912 345 678", company="Công ty Đại Lộc")
    page = xuan.open("/leads?q=duong")
    assert "Trương Thị Đường" in page and "0912 345 678" in page and "<html" in page
    part = xuan.ask("GET", "/leads?q=dai+loc", headers={"hx-request": "true"}).text
    assert "Trương Thị Đường" in part and "<html" not in part
    assert "No lead matches" in said(xuan.open("/leads?q=nobody-is-called-that"))


@pytest.mark.parametrize("query", ["status=nonsense", "cursor=nonsense", "sort=nonsense", "owner=nonsense"])
def test_a_filter_that_makes_no_sense_is_a_page_that_says_so(xuan: Browser, query: str):
    assert "That did not work" in said(xuan.open(f"/leads?{query}", status=422))


def test_a_lead_of_somebody_else_is_not_there(xuan: Browser, yen: Browser):
    path = new_lead(xuan, "Phạm Văn Riêng")
    assert "nothing here" in said(yen.open(path, status=404))
    assert yen.ask("POST", path + "/contact", data={"csrf": yen.csrf}).status_code == 404
    assert "Riêng" not in yen.open("/leads?q=rieng")


def test_a_lead_goes_from_new_to_an_opportunity_by_clicking(xuan: Browser):
    path = new_lead(xuan, "Vũ Đức Thắng", phones="0987 111 222")
    page = xuan.open(path)
    xuan.send(path + "/contact", form_of(page, path + "/contact"))
    page = xuan.open(path)
    assert "Working" in said(page)
    fields = form_of(page, path + "/qualify") | {"name": "Máy nén khí", "amount": "1,250,000"}
    answer = xuan.ask("POST", path + "/qualify", data=fields)
    assert answer.headers["location"].startswith("/app/deals/")
    assert "To the opportunity" in said(xuan.open(path))
    again = xuan.ask("POST", path + "/qualify", data=fields)
    assert again.headers["location"] == answer.headers["location"], "a form counts once"


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(xuan: Browser):
    xuan.open("/leads/new")
    page = xuan.send("/leads/new", status=422, full_name="Hồ Thị Lỗi", phones="not a phone")
    assert 'value="Hồ Thị Lỗi"' in page and "not a phone" in page and "is-invalid" in page
    assert "This is not a phone number." in said(page)


def test_a_lead_that_was_changed_meanwhile_is_shown_as_it_is_now(xuan: Browser, office: Office):
    path = new_lead(xuan, "Đỗ Văn Cũ")
    seen = form_of(xuan.open(path + "/edit"), path + "/edit")
    api = office.api("xuan.leads@example.com")
    assert api.patch(path, json={"company": "Công ty Mới"}).status_code == 200
    page = xuan.send(path + "/edit", seen, status=412, full_name="Đỗ Văn Khác")
    assert "changed it meanwhile" in said(page) and 'value="Công ty Mới"' in page


def test_a_deleted_lead_can_be_taken_back(xuan: Browser, office: Office):
    office.hire("Phạm Thị Hà", "ha.leads@example.com", ["sales_manager"], locale="en")
    boss = office.browser().sign_in("ha.leads@example.com", PASSWORD)
    path = new_lead(boss, "Lý Thị Xóa")
    page = boss.send(path + "/delete", form_of(boss.open(path), path + "/delete"))
    assert "The lead was deleted." in said(page) and f'action="/app{path}/restore"' in page
    assert "Lý Thị Xóa" in boss.send(path + "/restore", key="a-key-of-its-own")


def test_leads_are_given_away_many_at_once_and_counted(office: Office, admin: Browser):
    other = office.hire("Võ Thu Trang", "trang.leads@example.com")
    paths = [new_lead(admin, f"Khách Số {number}") for number in range(3)]
    ids = [path.rpartition("/")[2] for path in paths]
    page = admin.open("/leads?q=khach+so")
    chosen = [*ids, "01990000-0000-7000-8000-0000000000ff"]
    page = admin.send("/leads/assign", form_of(page, "/leads/assign"), owner_id=other, lead=chosen)
    assert "3 leads were assigned. 1 were not:" in said(page)
    assert all(office.admin.get(path).json()["owner_id"] == other for path in paths)
    assert "Choose leads" in said(admin.send("/leads/assign", status=422, owner_id=other))


def test_hostile_values_are_shown_and_not_run(admin: Browser):
    name = "<script>alert(1)</script>'\"{{7*7}}"
    path = new_lead(admin, name, company='"><img src=x onerror=alert(1)>', needs="</textarea><b>x</b>")
    for page in (admin.open(path), admin.open("/leads"), admin.open(path + "/edit")):
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "{{7*7}}" in said(admin.open(path)), "it is text and no template"
    assert "alert" not in said(admin.open("/leads?q=%3Cscript%3Ealert(1)%3C/script%3E"))[:200]


def test_what_is_to_be_done_stands_on_my_day_until_it_is_done(xuan: Browser, office: Office):
    lead_id = new_lead(xuan, "Cao Thị Nhắc").rpartition("/")[2]
    regarding = f"lead:{lead_id}"
    page = xuan.open(f"/activities/new?regarding={regarding}&kind=phone_call")
    fields = form_of(page, "/activities/new") | {"kind": "phone_call", "subject": "Gọi lại báo giá"}
    page = xuan.send("/activities/new", fields, status=422, due_at="not a time")
    assert 'value="Gọi lại báo giá"' in page
    api = office.api("xuan.leads@example.com")
    eventually(lambda: api.get(f"/timeline?regarding={regarding}").status_code == 200)
    xuan.send("/activities/new", fields, due_at="2026-01-02T09:30")
    day = xuan.open("/my-day")
    assert "Late" in said(day) and "Gọi lại báo giá" in day and "2 Jan 2026 09:30" in said(day)
    action = "/activities/" + day.split("/app/activities/")[1].split("/")[0] + "/complete"
    xuan.send(action, form_of(day, action))
    assert "Gọi lại báo giá" not in xuan.open("/my-day")

"""The knowledge base at the console: writing, four eyes, finding."""

import pytest

from tests.console.stage import Browser, Office, form_of, said
from tests.gateway.stage import PASSWORD


@pytest.fixture(scope="module")
def writer(office: Office) -> Browser:
    office.hire("Phan Văn Lực", "luc.articles@example.com", ["service_agent"], locale="en")
    return office.browser().sign_in("luc.articles@example.com", PASSWORD)


@pytest.fixture(scope="module")
def manager(office: Office) -> Browser:
    office.hire("Đỗ Thị Duyệt", "duyet.articles@example.com", ["service_manager"], locale="en")
    return office.browser().sign_in("duyet.articles@example.com", PASSWORD)


@pytest.fixture(scope="module")
def reader(office: Office) -> Browser:
    office.hire("Vũ Văn Đọc", "doc.articles@example.com", locale="en")
    return office.browser().sign_in("doc.articles@example.com", PASSWORD)


def new_article(browser: Browser, title: str) -> str:
    seal = form_of(browser.open("/articles/new"), "/articles/new")
    fields = {"title": title, "body": "Thay dầu.\nGọi thợ.", "language": "vi", "tags": "dầu, bảo trì"}
    answer = browser.ask("POST", "/articles/new", data=seal | fields)
    assert answer.status_code == 303, said(answer.text)
    return answer.headers["location"].removeprefix("/app")


def do(browser: Browser, path: str, verb: str, *, status: int = 200, **fields: str) -> str:
    return browser.send(f"{path}/{verb}", form_of(browser.open(path), f"{path}/{verb}"), status=status, **fields)


def test_an_article_is_written_reviewed_and_found(writer: Browser, manager: Browser, reader: Browser):
    path = new_article(writer, "Bao lâu thay dầu một lần?")
    assert "nothing here" in said(reader.open(path, status=404)), "a draft is for those who write"
    page = do(writer, path, "submit")
    assert "In review" in said(page) and f'action="/app{path}/publish"' not in page
    assert "To be changed: Which oil?" in said(do(manager, path, "decline", note="Which oil?"))
    seen = form_of(writer.open(path + "/edit"), path + "/edit")
    assert 'value="dầu, bảo trì"' in writer.page
    writer.send(path + "/edit", seen, title="Bao lâu thay dầu 46 một lần?", body="Mỗi 4.000 giờ.", tags="")
    do(writer, path, "submit")
    assert "Published" in said(do(manager, path, "publish"))
    assert path in reader.open("/articles?q=thay+dau+46")
    assert "Mỗi 4.000 giờ." in reader.open(path) and "/edit" not in reader.page
    part = reader.ask("GET", "/articles?q=thay+dau", headers={"hx-request": "true"}).text
    assert path in part and "<html" not in part


def test_nobody_publishes_what_they_wrote(manager: Browser):
    path = new_article(manager, "Tự viết tự đăng")
    do(manager, path, "submit")
    assert "Somebody else has to publish" in said(do(manager, path, "publish", status=409))


def test_a_published_article_is_revised_and_archived(admin: Browser):
    path = new_article(admin, "Đổi trả hàng")
    for verb in ("submit", "publish"):
        do(admin, path, verb)
    page = do(admin, path, "revise")
    assert "This is the new draft." in said(page) and f'action="/app{path}/edit"' not in page
    assert "Revision 2" in said(admin.open(path))
    assert "Archived" in said(do(admin, path, "archive"))


def test_what_was_typed_stays_when_a_draft_is_refused(writer: Browser):
    writer.open("/articles/new")
    page = writer.send("/articles/new", status=422, title="Chỉ có tiêu đề", body="")
    assert 'value="Chỉ có tiêu đề"' in page and "is-invalid" in page
    assert "That did not work" in said(writer.open("/articles?status=nonsense", status=422))

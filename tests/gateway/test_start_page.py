"""The front page: what this is, and the buttons that sign in as somebody of the demo company, while there is one."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from gateway.console.pages import has_page
from gateway.start_page.tours import TOURS
from tests.gateway.stage import PASSWORD, SECRET, House, Visitor, open_house

KEY = "the-key-of-a-partner"
SAME = {"sec-fetch-site": "same-origin"}


class Cast:
    """A demo company that comes and goes."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}

    def people(self) -> Mapping[str, str]:
        return self.addresses

    def partner_key(self) -> str:
        return KEY if self.addresses else ""


CAST = Cast()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house("sqlite", tmp_path_factory.mktemp("company"), demo=CAST) as opened:
        yield opened


@pytest.fixture
def seller(company: House) -> Iterator[Visitor]:
    """Somebody who can be tried out."""
    person = company.person("salesperson")
    CAST.addresses = {"seller_x": company.admin.get(f"/users/{person.id}").json()["email"]}
    yield person
    CAST.addresses = {}


def press(visitor: Visitor, part: str, headers: Mapping[str, str] = SAME, **more: str) -> httpx.Response:
    """What the browser sends when somebody presses a button."""
    return visitor.post("//demo/sign-in", data={"part": part, **more}, headers=headers)


def test_a_button_signs_in_at_the_console(company: House, seller: Visitor) -> None:
    visitor = company.visitor()
    answer = press(visitor, "seller_x", next="/app/leads?q=x", language="vi")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/leads?q=x")
    cookies = answer.headers.get_list("set-cookie")
    assert all("HttpOnly" in cookie and "Path=/app" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    jar = "; ".join(cookie.partition(";")[0] for cookie in cookies)
    page = visitor.get("//app/me", headers={"cookie": jar})
    assert (page.status_code, page.headers["content-language"], "Trần Thị Lan" in page.text) == (200, "vi", True)


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/app", "/appendix", "/app/../api", ""])
def test_a_button_leads_nowhere_else(company: House, seller: Visitor, elsewhere: str) -> None:
    assert press(company.visitor(), "seller_x", next=elsewhere).headers["location"] == "/app/"


def test_without_the_demo_company_nobody_gets_in(company: House, seller: Visitor) -> None:
    CAST.addresses = {}
    refused = press(company.visitor(), "seller_x")
    assert (refused.status_code, "set-cookie" in refused.headers) == (404, False)
    assert press(company.visitor(), "partner").status_code == 404
    assert "/demo/sign-in" not in company.visitor().get("//").text


def test_the_steps_of_the_first_tour_lead_to_pages_of_ours(company: House) -> None:
    leads = {(step.part, step.path) for step in TOURS[0].steps}
    assert {("manager", "/handovers/new"), ("seller_y", "/my-day")} <= leads
    assert all(has_page(step.path) for step in TOURS[0].steps)


def test_an_installation_that_can_have_none_knows_no_such_page(door: House) -> None:
    assert press(door.visitor(), "seller_x").status_code == 404


def test_nobody_but_the_people_of_the_demo_company_can_be_tried_out(company: House, seller: Visitor) -> None:
    for part in ("administrator", "admin@example.com", CAST.addresses["seller_x"], "", "seller_x\0"):
        assert press(company.visitor(), part).status_code == 404
    company.admin.post(f"/users/{seller.id}/deactivate")
    assert press(company.visitor(), "seller_x").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_other_pages_sign_nobody_in(company: House, seller: Visitor, headers: dict[str, str]) -> None:
    refused = press(company.visitor(), "seller_x", headers)
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)


def test_buttons_count_with_all_other_sign_ins(company: House, seller: Visitor) -> None:
    visitor = company.visitor()
    statuses = [press(visitor, "nobody").status_code for _ in range(121)]
    assert statuses[:119] == [404] * 119
    assert (statuses[-1], visitor.password("nobody@example.com", PASSWORD).status_code) == (429, 429)
    assert press(company.visitor(), "seller_x").status_code == 303, "others are not held up"


@pytest.mark.parametrize("content", [b"\xff\xfe=1", b"&".join([b"a=1"] * 30), b"part=" + b"x" * 5000])
def test_what_is_no_form_of_ours_is_refused(company: House, seller: Visitor, content: bytes) -> None:
    assert company.visitor().post("//demo/sign-in", content=content, headers=SAME).status_code in (400, 404, 413)
    assert company.visitor().get("//demo/sign-in").headers["allow"] == "POST"


def test_the_partner_s_button_shows_a_key_and_how_to_push_with_it(company: House, seller: Visitor) -> None:
    page = press(company.visitor(), "partner", language="vi")
    assert (page.status_code, page.headers["content-language"]) == (200, "vi")
    assert f"KEY={KEY}" in page.text
    assert "set-cookie" not in page.headers


def test_the_page_speaks_both_languages_and_gives_nothing_away(company: House, seller: Visitor) -> None:
    english = company.visitor().get("//", headers={"accept-language": "en"})
    chosen = company.visitor().get("//?language=vi", headers={"accept-language": "en"})
    assert (english.headers["content-language"], chosen.headers["content-language"]) == ("en", "vi")
    for page, words in ((english, "Seller X"), (chosen, "Nhân viên X")):
        assert words in page.text
        assert page.text.count('<section class="tour">') == 3
        assert "form-action 'self'" in page.headers["content-security-policy"]
        assert not any(secret in page.text for secret in (SECRET, PASSWORD, KEY, CAST.addresses["seller_x"]))

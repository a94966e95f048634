"""Sessions at the console: in, out, forms that others made, and tokens that run out."""

import asyncio
import base64
import time
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from chassis.settings import Settings
from gateway.console.sessions import COOKIE, Granted, Renewals, Sessions, new_session
from gateway.console.visits import own_path
from tests.console.stage import Browser, Office, said
from tests.gateway.stage import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD, SECRET

SETTINGS = Settings(secret=SecretStr(SECRET))


def kept(browser: Browser) -> str:
    """What the browser keeps of the session."""
    return {cookie.name: cookie.value or "" for cookie in browser.cookies.jar}[COOKIE]


def keep(browser: Browser, cookie: str) -> None:
    browser.cookies = httpx.Cookies()
    browser.cookies.set(COOKIE, cookie, path="/app")


def test_whoever_is_not_signed_in_is_asked_to_and_then_led_where_they_wanted(office: Office):
    browser = office.browser()
    answer = browser.ask("GET", "/me?a=b")
    assert answer.headers["location"] == "/app/sign-in?next=%2Fapp%2Fme%3Fa%3Db"
    browser.open("/sign-in?next=/app/me")
    answer = browser.ask(
        "POST",
        "/sign-in",
        data={"csrf": browser.csrf, "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "next": "/app/me"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/me")


def test_a_wrong_password_is_said_and_the_address_stays(office: Office):
    browser = office.browser()
    browser.address = "203.0.113.99"
    browser.open("/sign-in")
    page = browser.send("/sign-in", status=401, email="somebody@example.com", password="wrong-password")
    assert 'value="somebody@example.com"' in page
    assert "wrong-password" not in page
    assert "password is wrong" in said(page)


def test_the_cookie_is_for_us_alone_and_tells_nobody_anything(office: Office):
    browser = office.browser()
    browser.open("/sign-in")
    answer = browser.ask(
        "POST", "/sign-in", data={"csrf": browser.csrf, "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/app" in cookie and "Secure" not in cookie
    sealed = cookie.split("=", 1)[1].split(";")[0]
    for told in (sealed.encode(), base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))):
        assert not any(each in told for each in (b"eyJhbGciOi", b"refresh", b"access", ADMIN_EMAIL.encode()))
    secure = browser.ask("GET", "/sign-in", headers={"x-forwarded-proto": "https", "cookie": ""})
    assert "Secure" in secure.headers["set-cookie"]


def test_a_session_that_was_there_before_is_not_gone_on_with(office: Office):
    browser = office.browser()
    browser.open("/sign-in")
    planted = browser.csrf
    browser.send("/sign-in", email=ADMIN_EMAIL, password=ADMIN_PASSWORD)
    browser.open("/me")
    assert browser.csrf != planted


@pytest.mark.parametrize("csrf", ["", "wrong", "ö"])
def test_a_form_that_is_not_ours_does_nothing(office: Office, csrf: str):
    browser = office.browser().sign_in()
    answer = browser.ask("POST", "/sign-out", data={"csrf": csrf})
    assert answer.status_code == 403
    browser.open("/me")


def test_a_form_sent_from_another_site_does_nothing(office: Office):
    browser = office.browser().sign_in()
    for site in ("cross-site", "same-site"):
        answer = browser.ask("POST", "/sign-out", data={"csrf": browser.csrf}, headers={"sec-fetch-site": site})
        assert answer.status_code == 403


def test_signing_out_ends_the_sign_in_itself(office: Office):
    browser = office.browser().sign_in()
    browser.open("/me")
    before = kept(browser)
    assert "signed out" in said(browser.send("/sign-out"))
    keep(browser, before)
    assert browser.ask("GET", "/me").status_code == 303


def test_tokens_that_run_out_are_renewed_without_a_word_for_all_that_come_at_once(office: Office):
    browser = office.browser().sign_in()
    sessions = Sessions(SETTINGS)
    session = sessions.read(kept(browser))
    assert session is not None
    late = sessions.write(replace(session, expires_at=time.time()))
    for _ in range(3):
        keep(browser, late)
        browser.open("/me")
        renewed = sessions.read(kept(browser))
        assert renewed is not None
        assert renewed.refresh != session.refresh and renewed.csrf == session.csrf
    browser.open("/me")


def test_a_renewal_that_was_refused_is_a_sign_in_that_is_over_and_one_that_failed_is_tried_again():
    answers: list[Granted | Exception | None] = [RuntimeError("away"), Granted("a", "r", 900.0)]

    async def exchange(_token: str) -> Granted | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def story() -> None:
        renewals = Renewals(exchange)
        session = replace(new_session(), access="x", refresh="old")
        with pytest.raises(RuntimeError):
            await renewals.renew(session)
        both = await asyncio.gather(renewals.renew(session), renewals.renew(session))
        assert [each and each.access for each in both] == ["a", "a"]
        answers.append(None)
        assert await renewals.renew(replace(session, refresh="other")) is None

    asyncio.run(story())


@pytest.mark.parametrize("cookie", ["", "nonsense", "gAAAAA" + "x" * 200, "x" * 5000])
def test_a_cookie_of_somebody_elses_making_is_nobody(office: Office, cookie: str):
    browser = office.browser()
    answer = browser.ask("GET", "/me", headers={"cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/app//evil.example",
        "/app/\\evil.example",
        "/apple",
        "/app@evil.example",
        "/app/\r\nSet-Cookie: a=b",
        "/app/../api/v1/me",
        "javascript:alert(1)",
        "/app/ö",
        "",
    ],
)
def test_nobody_is_led_elsewhere(path: str):
    assert own_path(path) == ""


def test_the_language_is_the_browsers_then_ones_own_then_what_was_chosen(office: Office):
    office.hire("Lê Hoàng Yến", "yen.language@example.com", locale="vi")
    assert "Đăng nhập" in office.browser("vi").open("/sign-in")
    browser = office.browser("en")
    assert "Sign in" in browser.open("/sign-in")
    browser.sign_in("yen.language@example.com", PASSWORD)
    assert 'lang="vi"' in browser.open("/me")
    assert 'lang="en"' in browser.send("/language", language="en", next="/app/me")
    assert office.api("yen.language@example.com").get("/me").json()["locale"] == "en"


def test_pages_forbid_what_they_do_not_need(office: Office):
    answer = office.browser().ask("GET", "/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>" not in answer.text and " style=" not in answer.text and " onclick=" not in answer.text


def test_files_are_kept_for_a_year_and_come_packed(office: Office):
    browser = office.browser()
    page = browser.open("/sign-in")
    name = page.split('href="/app/static/console.')[1].split('"')[0]
    answer = browser.ask("GET", "/static/console." + name)
    assert "immutable" in answer.headers["cache-control"] and answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/css")
    assert browser.ask("GET", "/static/console.css").status_code == 404
    assert browser.ask("GET", "/static/../app.py").status_code != 200


def test_what_is_not_there_is_a_page_that_says_so(office: Office, admin: Browser):
    assert "nothing here" in said(admin.open("/nowhere", status=404))
    assert admin.ask("GET", "/language").status_code == 405
    assert admin.ask("PUT", "/me").status_code == 405
    assert admin.ask("POST", "/language", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    large = admin.ask("POST", "/language", data={"csrf": admin.csrf, "x": "y" * 300_000})
    assert large.status_code == 413


def test_the_front_door_and_the_console_lead_to_each_other(office: Office):
    browser = office.browser()
    transport = httpx.ASGITransport(office.app)

    async def front() -> str:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/")).text

    assert 'href="/app"' in office.loop.run(front())
    assert 'href="/"' in browser.open("/sign-in")


@pytest.mark.parametrize(
    ("role", "sees", "misses"),
    [
        ("salesperson", ["/leads", "/pipeline", "/quotes", "/reports"], []),
        ("warehouse", ["/orders"], ["/leads", "/pipeline", "/invoices"]),
        ("finance", ["/invoices", "/orders", "/customers"], ["/leads", "/pipeline", "/my-day"]),
        ("customer", [], ["/leads", "/orders", "/reports"]),
    ],
)
def test_the_menu_has_what_somebody_can_use(office: Office, role: str, sees: list[str], misses: list[str]):
    office.hire("Một Người", f"{role}.menu@example.com", [role])
    browser = office.browser().sign_in(f"{role}.menu@example.com", PASSWORD)
    menu = browser.open("/me").split("<nav", 1)[1].split("</nav>", 1)[0]
    assert [path for path in sees if f'href="/app{path}"' not in menu] == []
    assert [path for path in misses if f'href="/app{path}"' in menu] == []
    for path in sees:
        browser.open(path)


def test_too_many_wrong_passwords_are_told_to_wait(office: Office):
    browser = office.browser()
    browser.address = "203.0.113.55"
    browser.open("/sign-in")
    for _ in range(5):
        browser.send("/sign-in", status=401, email="guess@example.com", password="guess-guess-guess")
    page = browser.send("/sign-in", status=429, email="guess@example.com", password="guess-guess-guess")
    assert "Wait a minute" in said(page)
    neighbour = office.browser()
    neighbour.address = "203.0.113.56"
    neighbour.open("/sign-in")
    neighbour.send("/sign-in", status=401, email="guess@example.com", password="guess-guess-guess")

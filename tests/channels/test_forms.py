"""Web forms: administrators make them, anybody fills them in."""

from typing import Any

import pytest
import redis

from chassis.errors import TooMany
from chassis.ids import new_id
from chassis.settings import Settings
from services.channels.forms.rate import PER_VISITOR, count_answer
from tests.channels.stage import ADMINISTRATOR, SALESPERSON, Channels, visitor


def new_form(channels: Channels, **fields: Any) -> dict[str, Any]:
    body = {
        "key": f"form-{new_id()[-12:]}",
        "name": "Tư vấn mùa thu",
        "source": "website",
        "fields": [
            {"name": "name", "required": True},
            {"name": "phone", "kind": "tel", "required": True},
            {"name": "email", "kind": "email"},
            {"name": "note", "kind": "textarea"},
            {"name": "custom.showroom", "label_vi": "Showroom gần bạn"},
        ],
        **fields,
    }
    made = channels.as_(ADMINISTRATOR).post("/forms", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def submissions_of(channels: Channels, form: dict[str, Any]) -> list[dict[str, Any]]:
    return list(channels.as_(ADMINISTRATOR).get(f"/submissions?form_key={form['key']}").json()["items"])


ANSWERS = {"name": "Phạm Thị Hạnh", "phone": "0987 654 321", "note": "gọi sau 17h", "custom.showroom": "Cầu Giấy"}


def test_what_somebody_fills_in_is_announced_with_the_forms_source_and_name(channels: Channels) -> None:
    form = new_form(channels)
    answer = channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=ANSWERS)
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"status": "received", "message": "Thank you. We will be in touch."}
    (submission,) = submissions_of(channels, form)
    (event,) = channels.announced(submission["id"])
    said = event.data["submission"]
    assert (said["channel"], said["form_key"], said["partner_id"]) == ("web", form["key"], None)
    assert (said["source"], said["phone"], said["note"]) == ("website", "0987 654 321", "gọi sau 17h")
    assert said["custom"] == {"form": "Tư vấn mùa thu", "showroom": "Cầu Giấy"}
    assert said["consents"] == []


def test_a_browser_may_send_the_form_by_itself(channels: Channels) -> None:
    form = new_form(channels)
    answer = channels.as_(visitor(), **{"Accept-Language": "vi"}).post(f"/public/forms/{form['key']}", data=ANSWERS)
    assert answer.status_code == 202, answer.text
    assert answer.json()["message"] == "Cảm ơn bạn. Chúng tôi sẽ sớm liên hệ."
    (submission,) = submissions_of(channels, form)
    (event,) = channels.announced(submission["id"])
    assert event.data["submission"]["name"] == "Phạm Thị Hạnh"
    raw = channels.as_(ADMINISTRATOR).get(f"/submissions/{submission['id']}").json()["raw"]
    assert raw["content_type"] == "application/x-www-form-urlencoded"
    assert raw["body"].startswith("name=Ph%E1%BA%A1m")


def test_a_ticked_box_is_a_consent_with_its_proof(channels: Channels) -> None:
    agreed = {
        "purpose": "marketing",
        "channels": ["phone", "email"],
        "text_vi": "Tôi đồng ý nhận tư vấn",
        "text_en": "I agree to be called",
        "text_version": "2026-11",
    }
    form = new_form(channels, consent=agreed)
    for answers in ({**ANSWERS, "consent": "true"}, {**ANSWERS, "consent": ""}):
        channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=answers)
    without, with_consent = (channels.announced(item["id"])[0] for item in submissions_of(channels, form))
    assert without.data["submission"]["consents"] == []
    consents = with_consent.data["submission"]["consents"]
    assert [consent["channel"] for consent in consents] == ["phone", "email"]
    assert all(consent["given_at"] and consent["text_version"] == "2026-11" for consent in consents)
    assert consents[0]["proof"] == f"form {form['key']}"


def test_where_the_visitor_came_from_is_kept(channels: Channels) -> None:
    form = new_form(channels)
    answers = {**ANSWERS, "page": "https://shop.example/a", "utm_source": "zalo", "utm_campaign": "tet"}
    channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=answers)
    said = channels.announced(submissions_of(channels, form)[0]["id"])[0].data["submission"]
    assert said["campaign"] == "tet"
    assert said["custom"]["page"] == "https://shop.example/a"


@pytest.mark.parametrize("answers", [ANSWERS, {"phone": "", "anything": "x" * 5_000}])
def test_a_robot_is_thanked_and_kept_in_quarantine(channels: Channels, answers: dict[str, str]) -> None:
    form = new_form(channels)
    filled = {**answers, form["honeypot"]: "http://spam.example"}
    answer = channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=filled)
    assert answer.status_code == 202
    assert answer.json()["status"] == "received"
    (submission,) = submissions_of(channels, form)
    assert submission["status"] == "quarantined"
    assert channels.announced(submission["id"]) == []


def test_somebody_taken_for_a_robot_can_be_let_in(channels: Channels) -> None:
    form = new_form(channels)
    channels.as_(visitor()).post(f"/public/forms/{form['key']}", json={**ANSWERS, "website": "anh.example"})
    (submission,) = submissions_of(channels, form)
    answer = channels.as_(ADMINISTRATOR).post(f"/submissions/{submission['id']}/reprocess")
    assert answer.json()["status"] == "received"
    (event,) = channels.announced(submission["id"])
    assert event.type == "channels.submission.received.v1"
    assert event.data["submission"]["phone"] == "0987 654 321"


def test_a_robot_that_left_no_address_cannot_be_let_in(channels: Channels) -> None:
    form = new_form(channels)
    channels.as_(visitor()).post(f"/public/forms/{form['key']}", json={"website": "x"})
    (submission,) = submissions_of(channels, form)
    assert channels.as_(ADMINISTRATOR).post(f"/submissions/{submission['id']}/reprocess").status_code == 409


@pytest.mark.parametrize(
    ("content_type", "body", "status", "pointer"),
    [
        ("application/json", b'{"phone": "0912345678"}', 422, "/name"),
        ("application/json", b'{"name": "A", "phone": " "}', 422, "/phone"),
        ("application/json", b'{"name": "A", "phone": "1", "is_admin": "yes"}', 422, "/is_admin"),
        ("application/json", b'{"name": "A", "phone": 912345678}', 422, "/phone"),
        ("application/json", b'{"name": "A", "phone": {"a": 1}}', 422, "/phone"),
        ("application/json", b'{"name": "a\\u0000", "phone": "1"}', 422, "/name"),
        ("application/json", b'{"name": "' + b"a" * 201 + b'", "phone": "1"}', 422, "/name"),
        ("application/json", b"[]", 422, None),
        ("application/json", b"{", 400, None),
        ("application/x-www-form-urlencoded", b"name=%ff&phone=1", 400, None),
        ("application/x-www-form-urlencoded", b"name=%ED%A0%80&phone=1", 400, None),
        ("application/x-www-form-urlencoded", b"name=%00&phone=1", 422, "/name"),
        ("application/x-www-form-urlencoded", b"name=%", 422, None),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 200), 400, None),
        ("application/x-www-form-urlencoded", b"\xff\x00\xff", 400, None),
        ("multipart/form-data; boundary=x", b"--x--", 415, None),
        ("text/plain", b"hello", 415, None),
        ("application/json", b" " * 70_000, 413, None),
    ],
)
def test_a_badly_filled_form_is_refused_and_stores_nothing(
    channels: Channels, content_type: str, body: bytes, status: int, pointer: str | None
) -> None:
    form = new_form(channels)
    client = channels.as_(visitor(), **{"Content-Type": content_type})
    answer = client.post(f"/public/forms/{form['key']}", content=body)
    assert answer.status_code == status, answer.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert submissions_of(channels, form) == []


def test_only_the_named_pages_may_hold_a_form(channels: Channels) -> None:
    form = new_form(channels, allowed_origins=["https://shop.example"])
    path = f"/public/forms/{form['key']}"
    ours, theirs = (
        channels.as_(visitor(), Origin=origin) for origin in ("https://shop.example", "https://evil.example")
    )
    asked = ours.request("OPTIONS", path, headers={"Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    assert asked.headers["access-control-allow-methods"] == "POST"
    assert "Content-Type" in asked.headers["access-control-allow-headers"]
    sent = ours.post(path, json=ANSWERS)
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (202, "https://shop.example")
    assert sent.headers["vary"] == "Origin"
    refused = ours.post(path, json={"name": "A"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (422, "https://shop.example")
    for answer in (theirs.request("OPTIONS", path), theirs.post(path, json=ANSWERS)):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_a_form_without_named_pages_is_open_to_all(channels: Channels) -> None:
    form = new_form(channels)
    answer = channels.as_(visitor(), Origin="https://any.example").post(f"/public/forms/{form['key']}", json=ANSWERS)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_form_that_is_absent_switched_off_or_deleted_is_404(channels: Channels) -> None:
    off, gone = new_form(channels, active=False), new_form(channels)
    assert channels.as_(ADMINISTRATOR).delete(f"/forms/{gone['id']}").status_code == 204
    for key in (off["key"], gone["key"], "no-such-form"):
        assert channels.as_(visitor()).post(f"/public/forms/{key}", json=ANSWERS).status_code == 404
        assert channels.as_(visitor()).request("OPTIONS", f"/public/forms/{key}").status_code == 404
        assert channels.as_(visitor()).get(f"/public/forms/{key}.js").status_code == 404


def test_one_visitor_may_not_fill_in_a_form_all_day(channels: Channels) -> None:
    form, insistent = new_form(channels), channels.as_(visitor())
    statuses = [insistent.post(f"/public/forms/{form['key']}", json=ANSWERS).status_code for _ in range(45)]
    assert set(statuses) == {202, 429}
    assert statuses.count(202) <= 40  # two minutes, should one end meanwhile
    refused = insistent.post(f"/public/forms/{form['key']}", json=ANSWERS)
    assert refused.headers["retry-after"]
    assert channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=ANSWERS).status_code == 202


def test_the_script_that_embeds_a_form_holds_its_texts_as_data_only(channels: Channels) -> None:
    nasty = "</script><script>alert('1')</script>\u2028"
    form = new_form(channels, fields=[{"name": "phone", "label_vi": nasty}, {"name": "email"}])
    answer = channels.as_(visitor()).get(f"/public/forms/{form['key']}.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "</script>" not in answer.text
    assert "\u2028" not in answer.text
    assert "\\u003c/script\\u003e" in answer.text
    assert '"en":"E-mail"' in answer.text


def test_a_form_is_made_changed_deleted_and_brought_back(channels: Channels) -> None:
    client, form = channels.as_(ADMINISTRATOR), new_form(channels)
    path = f"/forms/{form['id']}"
    changed = client.patch(path, json={"thank_you": "Cảm ơn!", "allowed_origins": ["https://a.example"]})
    assert changed.json()["version"] == 2
    assert channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=ANSWERS).json()["message"] == "Cảm ơn!"
    stale = client.patch(path, json={"name": "B"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["current"]["thank_you"] == "Cảm ơn!"
    assert client.patch(path, json={"key": "other"}).status_code == 422
    assert client.patch(path, json={"name": None}).status_code == 422
    assert form["id"] in [item["id"] for item in client.get(f"/forms?key={form['key']}").json()["items"]]
    changes = client.get(f"{path}/history").json()["items"]
    assert {change["field"] for change in changes} == {"thank_you", "allowed_origins"}
    client.delete(path)
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/history").status_code == 404
    other = new_form(channels, key=form["key"])
    assert client.post(f"{path}/restore").status_code == 409
    client.delete(f"/forms/{other['id']}")
    assert client.post(f"{path}/restore").json()["key"] == form["key"]
    assert channels.as_(visitor()).post(f"/public/forms/{form['key']}", json=ANSWERS).status_code == 202


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"key": "Không dấu"}, "/key"),
        ({"fields": [{"name": "name"}]}, "/fields"),
        ({"fields": [{"name": "phone"}, {"name": "phone"}]}, "/fields"),
        ({"fields": [{"name": "password"}, {"name": "phone"}]}, "/fields/0/name"),
        ({"allowed_origins": ["https://a.example/path"]}, "/allowed_origins/0"),
        ({"honeypot": "email"}, ""),
    ],
)
def test_a_form_that_cannot_work_is_refused(channels: Channels, fields: dict[str, Any], pointer: str) -> None:
    body = {"key": "abc", "name": "A", "fields": [{"name": "phone"}], **fields}
    answer = channels.as_(ADMINISTRATOR).post("/forms", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_two_forms_cannot_have_one_key(channels: Channels) -> None:
    form = new_form(channels)
    body = {"key": form["key"], "name": "B", "fields": [{"name": "phone"}]}
    answer = channels.as_(ADMINISTRATOR).post("/forms", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "form_key_taken")


def test_an_id_that_is_taken_is_refused(channels: Channels) -> None:
    form = new_form(channels)
    body = {"id": form["id"], "key": "another-key", "name": "B", "fields": [{"name": "phone"}]}
    assert channels.as_(ADMINISTRATOR).post("/forms", json=body).status_code == 409


@pytest.mark.redis
def test_processes_count_together_and_each_for_itself_while_redis_is_away(redis_url: str) -> None:
    here = Settings(cache_url=redis_url, prefix=f"relata-test-{new_id()[-12:]}")
    away = here.model_copy(update={"cache_url": "redis://127.0.0.1:1/0"})
    form = new_id()
    for settings in (here, away):
        with pytest.raises(TooMany):
            for _ in range(2 * PER_VISITOR.amount + 1):
                count_answer(settings, form, "somebody")
    count_answer(here, form, "somebody else")
    cache = redis.Redis.from_url(redis_url)
    kept = list(cache.scan_iter(f"*{here.prefix}*"))
    assert kept
    cache.delete(*kept)


def test_only_administrators_make_forms(channels: Channels) -> None:
    form = new_form(channels)
    client = channels.as_(SALESPERSON)
    for answer in (client.get("/forms"), client.post("/forms", json={}), client.delete(f"/forms/{form['id']}")):
        assert answer.status_code == 403

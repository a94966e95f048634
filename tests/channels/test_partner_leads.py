"""A partner pushes leads one by one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from chassis.caller import Caller
from chassis.context import Context
from chassis.ids import new_id
from services.channels.intake.model import submissions
from tests.channels.stage import ADMINISTRATOR, OPERATOR, SALESPERSON, Channels, lead, partner, visitor


def test_a_pushed_lead_is_announced_and_can_be_asked_about(channels: Channels) -> None:
    client = channels.as_(partner())
    pushed = client.post(
        "/partner/leads",
        json=lead(
            external_id="A-1",
            email=" anh@khach.example ",
            note="",
            consents=[{"purpose": "marketing", "channel": "phone", "given_at": "2026-11-02T08:00:00+07:00"}],
            custom={"trang": "/khuyen-mai"},
        ),
    )
    assert pushed.status_code == 202, pushed.text
    answer = client.get(pushed.json()["status_url"]).json()
    assert (answer["submission_id"], answer["external_id"], answer["status"]) == (
        pushed.json()["submission_id"],
        "A-1",
        "received",
    )
    assert answer["lead_id"] is answer["stage"] is answer["reason"] is None
    (event,) = channels.announced(answer["submission_id"])
    said = event.data["submission"]
    assert event.type == "channels.submission.received.v1"
    assert event.sequence == 1
    assert said["email"] == "anh@khach.example"
    assert said["note"] is None
    assert said["consents"][0]["given_at"] == "2026-11-02T08:00:00+07:00"
    assert said["custom"] == {"trang": "/khuyen-mai"}
    assert said["received_at"] == answer["received_at"]
    assert event.persons == (event.subject,)


def test_a_lead_pushed_again_is_the_same_submission_and_no_news(channels: Channels) -> None:
    client, body = channels.as_(partner()), lead()
    first, second = client.post("/partner/leads", json=body), client.post("/partner/leads", json=body)
    assert second.json() == first.json()
    assert len(channels.announced(first.json()["submission_id"])) == 1


def test_a_lead_pushed_again_with_other_contents_is_an_update(channels: Channels) -> None:
    client = channels.as_(partner())
    body = lead(name="Anh", campaign="Tết")
    submission = client.post("/partner/leads", json=body).json()["submission_id"]
    client.post("/partner/leads", json={**body, "name": "Ánh", "campaign": None})
    received, updated = channels.announced(submission)
    assert updated.type == "channels.submission.updated.v1"
    assert updated.sequence == 2
    assert updated.data["changed"] == {"campaign": ["Tết", None], "name": ["Anh", "Ánh"]}
    assert updated.data["submission"]["name"] == "Ánh"
    assert updated.data["submission"]["received_at"] == received.data["submission"]["received_at"]
    raw = channels.as_(ADMINISTRATOR).get(f"/submissions/{submission}").json()["raw"]["body"]
    assert "Ánh" in raw


def test_without_an_external_id_each_push_is_a_submission_of_its_own(channels: Channels) -> None:
    client, body = channels.as_(partner()), lead(external_id=None)
    assert client.post("/partner/leads", json=body).json() != client.post("/partner/leads", json=body).json()


def test_the_same_external_id_of_two_partners_is_two_submissions(channels: Channels) -> None:
    body = lead()
    first, second = (channels.as_(partner()).post("/partner/leads", json=body).json() for _ in range(2))
    assert first["submission_id"] != second["submission_id"]


def test_fifty_pushes_of_one_lead_at_once_are_one_submission(channels: Channels) -> None:
    client, external_id = channels.as_(partner()), new_id()

    def push(number: int) -> str:
        answer = client.post("/partner/leads", json=lead(external_id=external_id, name=f"Khách {number % 5}"))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["submission_id"])

    with ThreadPoolExecutor(50) as pool:
        submissions = set(pool.map(push, range(50)))
    assert len(submissions) == 1
    events = channels.announced(submissions.pop())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events].count("channels.submission.received.v1") == 1
    names = [event.data["submission"]["name"] for event in events]
    assert all(event.data["changed"] == {"name": [names[at], names[at + 1]]} for at, event in enumerate(events[1:]))


def test_a_repeated_request_has_one_effect_and_one_answer(channels: Channels) -> None:
    client, body = channels.as_(partner(), **{"Idempotency-Key": new_id()}), lead(external_id=None)
    first, again = client.post("/partner/leads", json=body), client.post("/partner/leads", json=body)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(channels.announced(first.json()["submission_id"])) == 1
    assert client.post("/partner/leads", json=lead()).status_code == 422


def test_a_partner_lists_only_its_own_submissions_newest_first(channels: Channels) -> None:
    ours, theirs = channels.as_(partner()), channels.as_(partner())
    pushed = [ours.post("/partner/leads", json=lead()).json()["submission_id"] for _ in range(5)]
    theirs.post("/partner/leads", json=lead())
    first = ours.get("/partner/leads?limit=3").json()
    second = ours.get(f"/partner/leads?limit=3&cursor={first['next_cursor']}").json()
    assert [item["submission_id"] for item in first["items"] + second["items"]] == pushed[::-1]
    assert second["next_cursor"] is None


def test_a_partner_finds_a_submission_by_its_own_id(channels: Channels) -> None:
    ours, theirs, body = channels.as_(partner()), channels.as_(partner()), lead()
    submission = ours.post("/partner/leads", json=body).json()["submission_id"]
    address = f"/partner/leads?external_id={body['external_id']}"
    assert [item["submission_id"] for item in ours.get(address).json()["items"]] == [submission]
    assert theirs.get(address).json()["items"] == []


def test_a_submission_of_somebody_else_looks_absent(channels: Channels) -> None:
    submission = channels.as_(partner()).post("/partner/leads", json=lead()).json()["submission_id"]
    for path in (f"/partner/leads/{submission}", f"/partner/leads/{new_id()}", "/partner/leads/no-id-at-all"):
        assert channels.as_(partner()).get(path).status_code == 404


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (None, 401),
        (visitor(), 401),
        (ADMINISTRATOR, 403),
        (SALESPERSON, 403),
        (partner("events:read"), 403),
        (Caller(kind="key", id="k", scopes=frozenset({"leads:push"})), 403),
    ],
)
def test_only_a_partners_key_that_may_push_pushes(channels: Channels, caller: Caller | None, status: int) -> None:
    assert channels.as_(caller).post("/partner/leads", json=lead()).status_code == status
    assert channels.as_(caller).get("/partner/leads").status_code == status


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"", 422, ""),
        (b"{", 400, None),
        (b"[]", 422, ""),
        (b"null", 422, ""),
        (b'"lead"', 422, ""),
        (b"{}", 422, ""),
        (b'{"name": "A", "email": "  ", "phone": ""}', 422, ""),
        (b'{"phone": 912345678}', 422, "/phone"),
        (b'{"phone": ["0912345678"]}', 422, "/phone"),
        (b'{"phone": "0912345678", "nmae": "A"}', 422, "/nmae"),
        (b'{"phone": "0912345678", "name": "a\\u0000b"}', 422, "/name"),
        (b'{"phone": "0912345678", "name": "\\ud800"}', 400, None),
        (b'{"phone": "0912345678", "name": "\xff"}', 400, None),
        (b'{"phone": "0912345678", "custom": {"n": 123456789012345678901234567890}}', 422, "/custom/n"),
        (b'{"phone": "0912345678", "custom": {"n": NaN}}', 400, None),
        (b'{"phone": "0912345678", "custom": ' + b'{"a":' * 30 + b"1" + b"}" * 31, 422, None),
        (b'{"phone": "0912345678", "custom": ' + b"[" * 100_000, 400, None),
        (b'{"phone": "0912345678", "custom": [1]}', 422, "/custom"),
        (b'{"phone": "0912345678", "name": "' + b"a" * 201 + b'"}', 422, "/name"),
        (b'{"phone": "0912345678", "consents": [{"purpose": "x"}]}', 422, "/consents/0/channel"),
        (b'{"phone": "0912345678", "consents": [' + b"{}," * 600 + b"{}]}", 422, None),
        (b'{"phone": "0912345678", "custom": {"a": "' + b"x" * 20_000 + b'"}}', 422, "/custom"),
        (b'{"phone": "' + b"0" * 30_000_000 + b'"}', 413, None),
    ],
)
def test_bad_input_is_refused_by_name_and_stores_nothing(
    channels: Channels, body: bytes, status: int, pointer: str | None
) -> None:
    client = channels.as_(partner(), **{"Content-Type": "application/json"})
    answer = client.post("/partner/leads", content=body)
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text
    assert client.get("/partner/leads").json()["items"] == []


def test_what_is_no_json_is_refused(channels: Channels) -> None:
    client = channels.as_(partner(), **{"Content-Type": "text/csv"})
    assert client.post("/partner/leads", content=b"phone\n0912345678").status_code == 415


@pytest.mark.parametrize("query", ["?external=1", "?status=new", "?cursor=abc", "?limit=1000", "?sort=name"])
def test_a_mistyped_parameter_is_refused(channels: Channels, query: str) -> None:
    answer = channels.as_(partner()).get(f"/partner/leads{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == query.partition("=")[0]


def test_complaints_are_in_the_readers_language(channels: Channels) -> None:
    answer = channels.as_(partner(), **{"Accept-Language": "vi"}).post("/partner/leads", json={"name": "A"})
    assert answer.json()["errors"][0]["message"] == "Cần ít nhất email hoặc số điện thoại."


def test_those_who_look_after_the_intake_see_what_came_in_word_for_word(channels: Channels) -> None:
    pushing = partner()
    submission = channels.as_(pushing).post("/partner/leads", json=lead(name="Đỗ Văn Ưng")).json()["submission_id"]
    shown = channels.as_(ADMINISTRATOR).get(f"/submissions/{submission}").json()
    assert shown["facts"]["name"] == "Đỗ Văn Ưng"
    assert "Đỗ Văn Ưng" in shown["raw"]["body"]
    listed = channels.as_(ADMINISTRATOR).get(f"/submissions?partner_id={pushing.partner_id}").json()["items"]
    assert [item["id"] for item in listed] == [submission]
    assert "Ưng" not in str(listed)


def test_an_operator_sees_submissions_but_no_customer(channels: Channels) -> None:
    submission = channels.as_(partner()).post("/partner/leads", json=lead(name="Bí Mật")).json()["submission_id"]
    answer = channels.as_(OPERATOR).get(f"/submissions/{submission}")
    assert answer.json()["facts"] is answer.json()["raw"] is None
    assert "Bí Mật" not in answer.text


def test_nobody_else_sees_submissions(channels: Channels) -> None:
    submission = channels.as_(partner()).post("/partner/leads", json=lead()).json()["submission_id"]
    for caller in (SALESPERSON, partner()):
        assert channels.as_(caller).get("/submissions").status_code == 403
        assert channels.as_(caller).get(f"/submissions/{submission}").status_code == 403
        assert channels.as_(caller).post(f"/submissions/{submission}/reprocess").status_code == 403


def test_a_submission_read_again_is_announced_again(channels: Channels) -> None:
    submission = channels.as_(partner()).post("/partner/leads", json=lead()).json()["submission_id"]
    answer = channels.as_(ADMINISTRATOR).post(f"/submissions/{submission}/reprocess")
    assert answer.status_code == 200, answer.text
    received, updated = channels.announced(submission)
    assert updated.type == "channels.submission.updated.v1"
    assert updated.data["submission"] == received.data["submission"]
    assert updated.data["changed"] == {}


def test_a_submission_that_would_be_refused_today_is_not_announced_again(channels: Channels) -> None:
    submission = channels.as_(partner()).post("/partner/leads", json=lead()).json()["submission_id"]
    with channels.node.begin(Context.fresh("test")) as tx:
        tx.execute(update(submissions).where(submissions.c.id == submission).values(raw='{"phone": 12}'))
    answer = channels.as_(ADMINISTRATOR).post(f"/submissions/{submission}/reprocess")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/phone"
    assert len(channels.announced(submission)) == 1

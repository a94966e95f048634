"""Bodies that nobody should send get a clear answer, and nothing that is sent beside them is lost."""

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.calls import known_as
from tests.api.problems import as_json, failures_of_ours, pointers, refused
from tests.api.raw import talk
from tests.api.stage import World, address, made, mobile, new_lead, push

MIB = 1024 * 1024


@pytest.fixture(params=["a pushed lead", "a typed lead"])
def target(request: pytest.FixtureRequest, world: World) -> tuple[httpx.Client, str]:
    """Two routes that take a body of JSON, of two services."""
    if request.param == "a pushed lead":
        return world.partner, "/partner/leads"
    return world.admin, "/leads"


UNREADABLE = {
    "nothing closed": b"{",
    "a word": b"lead",
    "two documents": b"{}{}",
    "single quotes": b"{'phone': '0912345678'}",
    "a comma too many": b'{"phone": "0912345678",}',
    "a comment": b'{"phone": "0912345678"} // good',
    "a number of 400 digits": b'{"custom": {"x": ' + b"9" * 400 + b"}}",
    "not a number": b'{"custom": {"x": NaN}, "phone": "0912345678"}',
    "infinity": b'{"custom": {"x": Infinity}, "phone": "0912345678"}',
    "minus infinity": b'{"custom": {"x": -Infinity}, "phone": "0912345678"}',
    "a lone surrogate": b'{"phone": "0912345678", "custom": {"x": "\\ud800"}}',
    "surrogates in the wrong order": b'{"phone": "0912345678", "custom": {"x": "\\udc00\\ud800"}}',
    "Latin-1": '{"phone": "0912345678", "company": "Đường"}'.encode("cp1258", "replace"),
    "overlong UTF-8": b'{"phone": "0912345678", "company": "\xc0\xaf"}',
    "UTF-8 of a surrogate": b'{"phone": "0912345678", "company": "\xed\xa0\x80"}',
    "UTF-16": '{"phone": "0912345678"}'.encode("utf-16"),
    "bytes": bytes(range(256)),
    "a control character": b'{"phone": "0912345678", "company": "a\x01b"}',
    "ten thousand brackets": b"[" * 10_000,
    "depth 10,000": b'{"custom": ' + b'{"x":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    "depth 1,500 of arrays": b'{"custom": {"x": ' + b"[" * 1_500 + b"]" * 1_500 + b"}}",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_json_is_unreadable(what: str, target: tuple[httpx.Client, str]) -> None:
    refused(as_json(*target, UNREADABLE[what]), 400)


WRONG: dict[str, tuple[bytes, str]] = {
    "an array": (b"[]", ""),
    "a text": (b'"lead"', ""),
    "a number": (b"7", ""),
    "null": (b"null", ""),
    "nothing that is asked for": (b"{}", ""),
    "a number for a text": (b'{"company": 7}', "/company"),
    "an object for a text": (b'{"company": {}}', "/company"),
    "an array for a text": (b'{"company": ["x"]}', "/company"),
    "a text for an object": (b'{"custom": "x"}', "/custom"),
    "an unknown field": (b'{"colour": "red"}', "/colour"),
    "an unknown field by JSON pointer": (b'{"a/b~c": 1}', "/a~1b~0c"),
    "a NUL": (b'{"company": "a\\u0000b"}', "/company"),
    "a NUL in a name": (b'{"custom": {"a\\u0000b": 1}}', "/custom/a\x00b"),
    "a number of 30 digits": (b'{"custom": {"x": ' + b"9" * 30 + b"}}", "/custom/x"),
    "depth 30": (b'{"custom": ' + b'{"x":' * 30 + b"1" + b"}" * 31, "/custom" + "/x" * 19),
    "501 elements": (b'{"custom": {"x": [' + b"1," * 500 + b"1]}}", "/custom/x"),
    "a text that is too long": (b'{"company": "' + b"x" * 2_000 + b'"}', "/company"),
    "a field of the server's": (b'{"status": "qualified"}', "/status"),
    "another of the server's": (b'{"version": 9}', "/version"),
    "when it was made": (b'{"created_at": "2020-01-01T00:00:00Z"}', "/created_at"),
    "who made it": (b'{"created_by": "user:x"}', "/created_by"),
    "a stage": (b'{"stage": "won"}', "/stage"),
    "a right": (b'{"is_admin": true}', "/is_admin"),
    "a prototype": (b'{"__proto__": {"admin": true}}', "/__proto__"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_understood_and_wrong_names_the_field(what: str, target: tuple[httpx.Client, str]) -> None:
    body, pointer = WRONG[what]
    problem = refused(as_json(*target, body), 422)
    assert pointer in pointers(problem)


def test_every_wrong_field_is_named_at_once(world: World) -> None:
    problem = refused(
        world.partner.post("/partner/leads", json={"phone": 1, "email": [], "x": 1, "consents": [{}]}), 422
    )
    assert {"/phone", "/email", "/x", "/consents/0/purpose", "/consents/0/channel"} <= set(pointers(problem))


def test_a_big_float_and_a_small_integer_come_back_as_they_were(world: World) -> None:
    kept = {
        "big": 2**62,
        "small": -5,
        "tenth": 0.1,
        "tiny": 5e-324,
        "no": False,
        "text": "🙂 Đường \u202e",
        "none": None,
    }
    lead = made(world.admin, "/leads", new_lead() | {"custom": kept})
    del kept["none"]
    assert world.admin.get(f"/leads/{lead['id']}").json()["custom"] == kept


def test_of_a_key_given_twice_the_last_one_counts(world: World) -> None:
    body = f'{{"full_name": "Một", "emails": ["{address()}"], "full_name": "Hai"}}'.encode()
    answer = as_json(world.admin, "/leads", body)
    assert (answer.status_code, answer.json()["full_name"]) == (201, "Hai")


@pytest.mark.parametrize(
    "moment",
    [
        "0000-00-00T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01",
        "99999-01-01T00:00:00Z",
        "-2026-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "tomorrow",
        "",
        1_700_000_000,
        "1700000000",
        1e308,
        True,
    ],
)
def test_absurd_moments_are_refused(moment: Any, world: World) -> None:
    consent = {"purpose": "x", "channel": "email", "given_at": moment}
    answer = world.partner.post("/partner/leads", json=push(consents=[consent]))
    if answer.status_code == 202:  # of this kind Python can hold the moment, though no clock shows it
        assert moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
        assert known_as(world.partner, answer)["status"] == "created"
    else:
        assert pointers(refused(answer, 422)) == ["/consents/0/given_at"]
    if isinstance(moment, str):
        listed = world.admin.get("/leads", params={"created_at__gte": moment})
        assert listed.status_code in (200, 422), listed.text


TYPES = [
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "x",
    "",
]


@pytest.mark.parametrize("kind", TYPES)
def test_a_body_of_another_type_is_not_guessed_at(kind: str, target: tuple[httpx.Client, str]) -> None:
    client, path = target
    refused(client.post(path, content=b'{"phone": "0912345678"}', headers={"content-type": kind}), 415)
    refused(client.post(path, content=b'{"phone": "0912345678"}'), 415)


def test_a_charset_or_a_suffix_does_not_matter(target: tuple[httpx.Client, str]) -> None:
    client, path = target
    for kind in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.partner+json"):
        assert client.post(path, content=b"{}", headers={"content-type": kind}).status_code == 422


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
def test_a_compressed_body_is_not_unpacked(encoding: str, world: World) -> None:
    bomb = gzip.compress(b"[" + b" " * 8 * MIB + b"]")
    for path in ("/partner/leads", "/partner/leads/batch"):
        began = time.monotonic()
        refused(as_json(world.partner, path, bomb, **{"content-encoding": encoding}), 415)
        assert time.monotonic() - began < 3


def pieces(megabytes: int) -> Iterator[bytes]:
    yield b'{"note": "'
    for _ in range(megabytes):
        yield b"x" * MIB
    yield b'"}'


@pytest.mark.parametrize("path", ["/partner/leads", "/partner/leads/batch", "/leads", "/auth/token", "/public/forms/x"])
@pytest.mark.parametrize("way", ["with its length", "in pieces"])
def test_thirty_megabytes_are_refused_quickly(path: str, way: str, world: World) -> None:
    client = world.admin if path == "/leads" else world.partner
    body: Any = b"".join(pieces(30)) if way == "with its length" else pieces(30)
    began = time.monotonic()
    answer = as_json(client, path, body)
    assert time.monotonic() - began < 5
    problem = refused(answer, 413) if path not in ("/auth/token", "/public/forms/x") else answer.json()
    assert problem["status"] in (413, 415)
    assert client.get("/leads", params={"limit": 1}).status_code in (200, 403)


def test_a_length_that_is_announced_is_enough(world: World) -> None:
    """30 MB are announced, ten bytes are sent: the refusal does not wait for the others."""
    head = (
        f"POST /api/v1/partner/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {world.partner.headers['authorization']}\r\n"
    )
    head += f"Content-Type: application/json\r\nContent-Length: {30 * MIB}\r\n\r\n0123456789"
    began = time.monotonic()
    assert talk(world.relata.port, head.encode(), within_s=5).status == 413
    assert time.monotonic() - began < 3


def test_a_body_just_within_the_limit_is_read(world: World) -> None:
    body = json.dumps(push(note="x" * 100)).encode()
    answer = as_json(world.partner, "/partner/leads", body + b" " * (MIB - len(body)))
    assert known_as(world.partner, answer)["status"] == "created"
    refused(as_json(world.partner, "/partner/leads", body + b" " * (MIB + 1 - len(body))), 413)


def test_a_batch_of_10_001_rows_is_refused_whole(world: World) -> None:
    row = json.dumps({"email": address()}).encode()
    for body, kind in (
        (b"[" + row + (b"," + row) * 10_000 + b"]", "application/json"),
        ((row + b"\n") * 10_001, "application/x-ndjson"),
    ):
        answer = world.partner.post("/partner/leads/batch", content=body, headers={"content-type": kind})
        refused(answer, 413)


@pytest.mark.parametrize(
    "broken",
    [
        b'{"phone": ',
        b'{"phone": "0912345678", "colour": 1}',
        b'{"name": "nobody reaches me"}',
        b"\xff\xfe",
        b'{"email": "\\ud800@example.com"}',
        b'{"email": "a\\u0000@example.com"}',
        b'{"custom": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
        b'{"custom": {"x": NaN}, "phone": "0912345678"}',
        b'{"note": "' + b"x" * 200_000 + b'", "phone": "0912345678"}',
        b"[]",
        b"null",
    ],
)
def test_a_broken_row_57_spoils_no_other(broken: bytes, world: World) -> None:
    rows = [json.dumps(push()).encode() for _ in range(80)]
    rows[56] = broken
    headers = {"content-type": "application/x-ndjson"}
    answer = world.partner.post("/partner/leads/batch", content=b"\n".join(rows), headers=headers)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["accepted"], told["rejected"]) == (79, 1)
    assert {error["row"] for error in told["errors"]} == {57}
    assert all(error["message"] for error in told["errors"])


def test_an_array_with_a_row_that_cannot_be_read_is_refused_whole(world: World) -> None:
    for body in (b'[{"phone": "0912345678"}, {]', b"[1, 2", b'[{"phone": "0912345678"} {}]', b"[" * 3_000, b"[\xff]"):
        refused(as_json(world.partner, "/partner/leads/batch", body), 400)
    for body in (b"[]", b"{}", b"null", b'"x"'):
        refused(as_json(world.partner, "/partner/leads/batch", body), 422)


def test_nothing_that_was_accepted_in_between_is_lost(world: World) -> None:
    """Good leads among bad ones, on one connection, and each gets its verdict."""
    pushed = []
    for number, bad in enumerate([*UNREADABLE.values(), *(body for body, _ in WRONG.values())]):
        answer = as_json(world.partner, "/partner/leads", bad)
        assert 400 <= answer.status_code < 500, answer.text
        pushed.append(world.partner.post("/partner/leads", json=push(phone=mobile(), name=f"Khách {number}")))
    told = [known_as(world.partner, answer) for answer in pushed]
    assert {each["status"] for each in told} == {"created"}
    assert len({each["lead_id"] for each in told}) == len(pushed)


def test_none_of_it_was_an_error_inside(world: World) -> None:
    """Runs last, over what the tests before it have sent."""
    assert failures_of_ours(world) == []

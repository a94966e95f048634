"""Addresses, parameters, methods and headers that nobody should send get a clear answer in the reader's language."""

import time
from typing import Any
from uuid import uuid4

import pytest

from tests.api.problems import failures_of_ours, pointers, refused
from tests.api.raw import talk
from tests.api.stage import World, address, made, new_lead, push

MIB = 1024 * 1024


def test_ids_that_are_no_ids_are_absent_in_a_path_and_refused_in_a_body(world: World) -> None:
    for wrong in ("7", "me", "%00", "a" * 3_000, "..%2f..%2fkeys", "' OR 1=1 --", "%ff%fe", "01a200c2-32e1-7c5e-a2f2"):
        for path in (f"/leads/{wrong}", f"/partners/{wrong}/history", f"/webhooks/{wrong}/attempts"):
            assert world.admin.get(path).status_code == 404, path
        assert world.partner.get(f"/partner/leads/{wrong}").status_code == 404
    no_ids: list[Any] = ["7", "", " ", None, 7, [], "01a200c2-32e1-7c5e-a2f2"]
    for no_id in no_ids:
        if no_id is not None:
            assert pointers(refused(world.admin.post("/leads", json=new_lead() | {"id": no_id}), 422)) == ["/id"]
        problem = refused(world.admin.post(f"/leads/{uuid4()}/assign", json={"owner_id": no_id}), 422)
        assert pointers(problem) == ["/owner_id"]


def test_sixty_thousand_unknown_fields_are_answered_with_a_hundred(world: World) -> None:
    body = new_lead() | {f"x{number}": 0 for number in range(60_000)}
    answer = world.admin.post("/leads", json=body)
    assert len(refused(answer, 422)["errors"]) == 100
    assert len(answer.content) < 20_000


UNKNOWN = [
    "/leads?colour=red",
    "/leads?statu=new",
    "/leads?status__gte=new",
    "/leads?status=open&status=new",
    "/leads?status=",
    "/leads?status__in=new,nothing",
    "/leads?limit=0",
    "/leads?limit=201",
    "/leads?limit=-1",
    "/leads?limit=1e2",
    "/leads?limit=" + "9" * 400,
    "/leads?limit=ten",
    "/leads?limit=%D9%A1",
    "/leads?sort=secret",
    "/leads?sort=created_at;drop%20table%20leads",
    "/leads?sort=-created_at,full_name",
    "/leads?count=yes",
    "/leads?contactable=maybe",
    "/leads?contactable=1",
    "/leads?owner=everybody",
    "/leads?owner_id=7",
    "/leads?created_at__gte=yesterday",
    "/leads?created_at__gte=1700000000",
    "/leads?fields=full_name,password",
    "/leads?include=owner",
    "/leads?q=%00",
    "/leads?q=" + "x" * 201,
    "/leads?custom.%00=x",
    "/leads?source__in=" + "x," * 101,
    "/leads/summary",
    "/leads/summary?by=phone",
    "/events?after=x",
    "/events?limit=0",
    "/events?types=sales.*.created",
    "/events?colour=red",
    "/users?password_hash=x",
    "/keys?secret=x",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_parameter_that_is_unknown_or_wrong_never_answers_everything(path: str, world: World) -> None:
    problem = refused(world.admin.get(path), 422)
    assert all(pointer.startswith("?") for pointer in pointers(problem))
    assert problem["errors"]


@pytest.mark.parametrize(
    "text", ["'", '"', "%", "_", "\\", ";select pg_sleep(3)", "' OR '1'='1", "*", "NEAR(", "🙂" * 50, "\u0301"]
)
def test_whatever_is_looked_for_is_only_looked_for(text: str, world: World) -> None:
    began = time.monotonic()
    for query in ({"q": text}, {"source": text}, {"source__in": text}, {"stage__ne": text}):
        answer = world.admin.get("/leads", params={**query, "limit": 1})
        assert answer.status_code in (200, 422), answer.text
    found = world.admin.get("/leads", params={"source": text, "count": "true"})
    assert found.status_code == 422 or found.json()["total"] == 0
    assert time.monotonic() - began < 3


def test_a_cursor_that_is_forged_or_another_list_s_is_refused(world: World) -> None:
    for _ in range(3):
        made(world.admin, "/leads", new_lead())
    good = world.admin.get("/leads", params={"limit": 1}).json()["next_cursor"]
    assert world.admin.get("/leads", params={"limit": 1, "cursor": good}).status_code == 200
    for path, query in (
        ("/leads", {"sort": "full_name"}),
        ("/leads", {"status": "new"}),
        ("/leads", {"q": "khach"}),
        ("/users", {}),
        ("/partners", {}),
    ):
        assert refused(world.admin.get(path, params={**query, "cursor": good}), 422)["code"] == "invalid_cursor"
    for forged in (
        "",
        "x",
        "eyJ9",
        good[:-4],
        good + "AAAA",
        good[::-1],
        "A" * 20_000,
        "é",
        "%00",
        "bnVsbA",
        "W10",
        "WzFd",
    ):
        problem = refused(world.admin.get("/leads", params={"cursor": forged}), 422)
        assert pointers(problem) == ["?cursor"]
    for path in ("/webhooks/{}/attempts", "/users/{}/history"):
        noun = path.split("/")[1]
        found = world.admin.get(f"/{noun}").json()["items"]
        for one in found[:1]:
            for forged in ("x", good, "-1", "9" * 19):
                assert world.admin.get(path.format(one["id"]), params={"cursor": forged}).status_code in (200, 422)


@pytest.mark.parametrize("method", ["PUT", "TRACE", "OPTIONS", "PROPFIND", "LEADS"])
def test_a_method_that_is_not_served_does_nothing(method: str, world: World) -> None:
    lead = made(world.admin, "/leads", new_lead())
    answer = world.admin.request(method, f"/leads/{lead['id']}")
    assert answer.status_code in (400, 405)
    assert world.admin.get(f"/leads/{lead['id']}").json()["version"] == 1


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_a_method_is_not_overridden(name: str, world: World) -> None:
    lead = made(world.admin, "/leads", new_lead())
    world.admin.get(f"/leads/{lead['id']}", headers={name: "DELETE"})
    world.admin.post(f"/leads/{lead['id']}/contact", headers={name: "DELETE"})
    assert world.admin.get(f"/leads/{lead['id']}").status_code == 200
    assert world.admin.get(f"/leads/{lead['id']}", params={"_method": "DELETE"}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/leads/",
        "/api/v1//leads",
        "//api/v1/leads",
        "/api//v1/leads",
        "/API/v1/leads",
        "/api/v1/Leads",
        "/api/v1/leads//",
        "/api/v1/leads/.",
        "/api/v1/./leads",
        "/api/v1/partner/../leads",
        "/api/v1/partner/%2e%2e/leads",
        "/api/v1/leads%2f",
        "/api/v1/leads;x=1",
        "/api/v1/leads%00",
        "/api/v1/leads%20",
        "/api/v1/%6ceads/",
        "/api/v2/leads",
        "/api/v0/leads",
        "/leads",
        "/api/v1",
        "/api/v1/",
        "/api/v1/docs",
        "/api/v1/openapi.json",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/.env",
        "/.git/config",
        "/var/secret",
        "/static/../var/secret",
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_another_spelling_of_an_address_is_another_address(path: str, world: World) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {world.admin.headers['authorization']}\r\n"
    answer = talk(world.relata.port, (head + "Connection: close\r\n\r\n").encode())
    assert answer.status == 404, answer
    assert answer.problem["code"] == "not_found"


HEADS = {
    "10 MB of headers": b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1_000) for number in range(10_000)),
    "one header of 10 MB": b"X-Long: " + b"x" * 10 * MIB + b"\r\n",
    "a million headers": b"A: b\r\n" * 1_000_000,
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_without_an_end_is_refused(what: str, world: World) -> None:
    began = time.monotonic()
    answer = talk(world.relata.port, b"GET /health HTTP/1.1\r\nHost: x\r\n" + HEADS[what] + b"\r\n", within_s=10)
    assert answer.status in (400, 431)
    assert answer.problem["status"] == answer.status
    assert time.monotonic() - began < 8
    assert world.visitor.get(f"{world.relata.url}/health").status_code == 200


def test_an_address_of_10_megabytes_is_refused(world: World) -> None:
    answer = talk(world.relata.port, b"GET /" + b"x" * 10 * MIB + b" HTTP/1.1\r\nHost: x\r\n\r\n", within_s=10)
    assert answer.status in (400, 414, 431)
    assert answer.problem["code"]
    assert refused(world.admin.get("/leads", params={"q": "x" * 30_000}), 422)


NO_HTTP = {
    "nonsense": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
    "two lengths": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    b"Content-Length: 6\r\n\r\nabcdef",
    "a length and pieces": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
    "a negative length": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "a length of words": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    "pieces of no size": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    "a line break in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\rSet-Cookie: b\r\n\r\n",
    "a NUL in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("what", NO_HTTP)
def test_what_is_no_http_is_told_so(what: str, world: World) -> None:
    answer = talk(world.relata.port, NO_HTTP[what])
    assert answer.status == 400, answer
    assert (answer.problem["code"], answer.problem["status"]) == ("bad_request", 400)
    assert answer.count == 1


def test_headers_that_lie_change_nothing(world: World) -> None:
    for name, value in (
        ("Idempotency-Key", "x" * 300),
        ("Idempotency-Key", "é"),
        ("Idempotency-Key", ""),
        ("If-Match", "x"),
        ("If-None-Match", '"' * 5_000),
        ("Accept", "nothing/at-all"),
        ("Accept-Language", "x" * 5_000),
        ("Accept-Language", "vi;q=9, ;;;,=*"),
        ("Traceparent", "00-zz-zz-zz"),
        ("X-Request-Id", "a b\tc"),
        ("X-Forwarded-For", "' OR 1=1"),
        ("Forwarded", "for=x;" * 500),
        ("Host", "attacker.example"),
        ("Range", "bytes=0-1"),
        ("Expect", "nothing"),
        ("Cookie", "a=b;" * 1_000),
        ("Content-Length", "0"),
    ):
        answer = world.partner.post("/partner/leads", json=None, headers=[(name.encode(), value.encode())])
        assert answer.status_code in (415, 422), (name, answer.text)
        answer = world.admin.get("/leads", params={"limit": 1}, headers=[(name.encode(), value.encode())])
        assert answer.status_code == 200, (name, answer.text)
        assert "attacker" not in answer.text


def test_a_wrong_idempotency_key_is_refused(world: World) -> None:
    for key in ("x" * 256, "a\tb", "é"):
        answer = world.partner.post("/partner/leads", json=push(), headers=[(b"idempotency-key", key.encode())])
        assert answer.status_code in (400, 422), (key, answer.text)
    key_header = {"idempotency-key": uuid4().hex}
    assert world.partner.post("/partner/leads", json=push(), headers=key_header).status_code == 202
    assert world.partner.post("/partner/leads", json=push(), headers=key_header).status_code == 422


def test_problems_speak_the_reader_s_language(world: World) -> None:
    def ask(language: str) -> dict[str, Any]:
        body = {"phone": 7, "colour": 1}
        return refused(world.partner.post("/partner/leads", json=body, headers={"accept-language": language}), 422)

    english, vietnamese = ask("en"), ask("vi-VN,vi;q=0.9,en;q=0.5")
    assert english["code"] == vietnamese["code"]
    assert pointers(english) == pointers(vietnamese)
    assert english["title"] != vietnamese["title"]
    for each, other in zip(english["errors"], vietnamese["errors"], strict=True):
        assert each["message"].isascii()
        assert not other["message"].isascii()
    for path, status in (("/nowhere", 404), ("/leads/x", 404), ("/leads?x=1", 422), ("/auth/token", 405)):
        said = [
            refused(world.admin.get(path, headers={"accept-language": language}), status)["title"]
            for language in ("en", "vi")
        ]
        assert said[0].isascii()
        assert not said[1].isascii()


def test_signing_in_with_nonsense_is_refused_and_tells_nothing(world: World) -> None:
    for form, status in (
        ({}, 422),
        ({"grant_type": "magic"}, 422),
        ({"grant_type": "password", "username": "x" * 400, "password": "x"}, 422),
        ({"grant_type": "password", "username": "x", "password": "y" * 20_000}, 413),
        ({"grant_type": "password", "username": "' OR 1=1 --", "password": "x"}, 401),
        ({"grant_type": "password", "username": "a\x00b@example.com", "password": "x"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "rt_nothing"}, 401),
    ):
        answer = world.visitor.post("/auth/token", data=form)
        assert answer.status_code == status, (form, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    known = {"grant_type": "password", "username": "admin@example.com", "password": "wrong"}
    unknown = known | {"username": address()}
    told = [refused(world.visitor.post("/auth/token", data=form), 401) for form in (known, unknown)]
    assert {**told[0], "trace_id": ""} == {**told[1], "trace_id": ""}


def test_none_of_it_was_an_error_inside(world: World) -> None:
    """Runs last, over what the tests before it have sent."""
    assert failures_of_ours(world) == []

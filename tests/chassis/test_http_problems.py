"""Every refusal is problem details, in the reader's language; bad input is never a 500."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from chassis.problems import SCHEMA
from tests.chassis.engines import ENGINES
from tests.chassis.shop_routes import count, empty, open_shop


@pytest.fixture(scope="module", params=ENGINES)
def opened(request, tmp_path_factory):
    with open_shop(request.param, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(opened):
    client, node = opened
    empty(node)
    return client


@pytest.fixture
def node(opened):
    return opened[1]


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(SCHEMA["required"]) <= set(body)
    assert body["status"] == status
    assert body["type"] == f"urn:relata:problem:{code}"
    assert body["title"]
    assert body["detail"]
    assert len(body["trace_id"]) == 32
    return body


def send(shop, content, path="/items", **headers):
    headers = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return shop.post(path, content=content, headers=headers)


def test_no_such_path_and_no_such_method(shop):
    refused(shop.get("/nothing"), 404, "not_found")
    refused(shop.get("/items/"), 404, "not_found")
    body = shop.request("PUT", "/items")
    refused(body, 405, "method_not_allowed")
    assert "POST" in body.headers["allow"] or "GET" in body.headers["allow"]


def test_a_malformed_id_names_nothing(shop):
    for path in ("/items/x", "/items/1", "/items/%00", "/items/01900000-0000-7000-8000-000000000001%00"):
        refused(shop.get(path), 404, "not_found")


def test_each_wrong_field_is_pointed_at(shop):
    body = refused(shop.post("/items", json={"code": "", "stock": "many", "colour": "red"}), 422, "invalid")
    assert {(error["pointer"]) for error in body["errors"]} == {"/code", "/stock", "/colour"}
    body = refused(shop.post("/items", json={"code": "a", "tags": ["x", 1]}), 422, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/tags/1"]
    body = refused(shop.post("/items", json={"code": "a", "a/b~c": 1}), 422, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/a~1b~0c"]


def test_a_missing_body_and_a_wrong_kind_of_body(shop):
    refused(shop.post("/items"), 422, "invalid")
    for wrong in ("[]", '"text"', "1", "null"):
        refused(send(shop, wrong), 422, "invalid")


def test_broken_json_is_400(shop):
    for broken in (
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": 1e999}',
        "\xff",
        '{"code": "\\ud800"}',
        '{"a":1}{"b":2}',
        "[" * 2000,
    ):
        refused(send(shop, broken.encode("latin-1")), 400, "bad_request")


def test_other_content_is_415(shop):
    good = b'{"code": "a"}'
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
    ):
        refused(send(shop, good, Content_Type=kind), 415, "unsupported_media_type")
    refused(send(shop, good, Content_Encoding="gzip"), 415, "unsupported_media_type")
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json", "APPLICATION/JSON"):
        assert send(shop, good.replace(b"a", kind[-1].encode()), Content_Type=kind).status_code == 201


def test_a_body_without_a_content_type_is_415(shop):
    refused(shop.post("/items", content=b'{"code": "a"}'), 415, "unsupported_media_type")


def test_a_body_beyond_one_mebibyte_is_413_whether_announced_or_not(shop):
    big = b'{"code": "' + b"x" * (1024 * 1024) + b'"}'

    def dribble():
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    refused(send(shop, big), 413, "too_large")
    refused(send(shop, big, Content_Length="10"), 413, "too_large")
    answer = shop.request("POST", "/items", content=_async(dribble()), headers={"Content-Type": "application/json"})
    refused(answer, 413, "too_large")


async def _async(chunks):
    for chunk in chunks:
        yield chunk


def test_a_route_may_allow_more(shop):
    assert send(shop, json.dumps([1] * 2_000), "/many").json() == {"sum": 2_000}
    refused(send(shop, json.dumps([1] * 2_001), "/many"), 422, "invalid")
    padded = json.dumps([1]) + " " * (2 * 1024 * 1024)
    assert send(shop, padded, "/many").json() == {"sum": 1}
    refused(send(shop, padded * 2, "/many"), 413, "too_large")


def test_depth_and_length_are_limited(shop):
    def nested(levels):
        return json.dumps({"code": "a", "more": json.loads('{"a":' * levels + "1" + "}" * levels)})

    assert send(shop, nested(19)).status_code == 201
    body = refused(send(shop, nested(20)), 422, "invalid")
    assert body["errors"][0]["pointer"] == "/more" + "/a" * 19
    body = refused(shop.post("/items", json={"code": "b", "tags": ["x"] * 501}), 422, "invalid")
    assert body["errors"] == [{"pointer": "/tags", "message": "At most 500 elements."}]
    assert shop.post("/items", json={"code": "b", "tags": ["x"] * 500}).status_code == 201


def test_nul_is_refused_wherever_it_hides(shop):
    for body in ({"code": "a\0"}, {"code": "a", "tags": ["\0"]}, {"code": "a", "more": {"\0": 1}}, {"code\0": "a"}):
        refused(shop.post("/items", json=body), 422, "invalid")
    refused(shop.get("/items?code=%00"), 422, "invalid")
    refused(shop.get("/items/cheapest?x=%00"), 422, "invalid")
    assert shop.post("/items", json={"code": "\\u0000"}).json()["code"] == "\\u0000"


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "1e30", "18446744073709551616.0"]
)
def test_a_number_no_column_holds_is_refused(shop, number):
    assert send(shop, f'{{"code": "a", "stock": {number}}}').status_code in (400, 422)
    refused(shop.get(f"/items?stock={number}"), 422, "invalid")


def test_what_only_the_database_refuses_is_no_fault_of_ours(shop, node):
    refused(shop.post("/items", json={"code": "a", "stock": -1}), 422, "invalid")
    if node.db.dialect == "postgresql":  # SQLite takes any length, and any size up to 64 bits
        refused(shop.post("/items", json={"code": "x" * 30}), 422, "invalid")
        refused(shop.post("/items", json={"code": "a", "stock": 2**40}), 422, "invalid")
        refused(shop.post("/items", json={"code": "a", "price": str(Decimal(10) ** 20)}), 422, "invalid")
    assert shop.post("/items", json={"code": "a"}).status_code == 201
    refused(shop.post("/items", json={"code": "a"}), 409, "already_exists")
    assert count(node) == 1


def test_moments_at_the_end_of_time(shop):
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"):
        answer = shop.post("/items", json={"code": moment[:20], "due_at": moment})
        assert answer.status_code in (201, 422), answer.text
    assert shop.get("/items").status_code == 200


def test_an_unknown_parameter_is_refused(shop):
    body = refused(shop.get("/items/cheapest?limit=1&colour=red"), 422, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["?limit", "?colour"]


def test_a_bug_says_nothing_but_where_to_ask(shop, caplog):
    body = refused(shop.post("/bug", headers={"Accept-Language": "vi"}), 500, "internal")
    assert "secret" not in json.dumps(body)
    assert "trace_id" in body["detail"]
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert record.trace_id == body["trace_id"]
    assert record.exc_info[0] is KeyError


def test_a_vietnamese_reader_reads_vietnamese(shop):
    answer = shop.post("/items", json={"stock": "x"}, headers={"Accept-Language": "vi-VN,vi;q=0.9,en;q=0.8"})
    body = refused(answer, 422, "invalid")
    assert answer.headers["content-language"] == "vi"
    assert body["title"] == "Dữ liệu không hợp lệ"
    messages = {error["pointer"]: error["message"] for error in body["errors"]}
    assert messages == {"/code": "Bắt buộc phải có", "/stock": "Phải là số nguyên"}
    body = refused(shop.get("/items?limit=0", headers={"Accept-Language": "vi"}), 422, "invalid")
    assert body["errors"][0]["message"] == "Phải là số từ 1 đến 200."
    body = refused(shop.get("/items?stock=x&id=1", headers={"Accept-Language": "vi"}), 422, "invalid")
    assert [error["message"] for error in body["errors"]] == ["Phải là số nguyên", "Phải là mã UUID"]


def test_the_reader_s_own_language_counts_when_the_request_names_none(shop):
    vietnamese = shop.as_(replace(shop.caller, locale="vi_VN"))
    assert vietnamese.get("/items/x").headers["content-language"] == "vi"
    assert vietnamese.get("/items/x", headers={"Accept-Language": "en"}).headers["content-language"] == "en"
    assert vietnamese.get("/items/x", headers={"Accept-Language": "fr, ;q=x, *"}).headers["content-language"] == "vi"
    assert shop.get("/items/x").headers["content-language"] == "en"


def test_a_rule_of_the_body_speaks_for_itself(shop):
    body = refused(shop.post("/items", json={"code": "a", "name": "LOUD {X}"}), 422, "invalid")
    assert body["errors"] == [{"pointer": "/name", "message": "Do not shout."}]


def test_hostile_headers_are_harmless(shop):
    for name in ("Accept-Language", "If-None-Match", "If-Match", "traceparent", "Content-Language", "Accept"):
        for value in (b"\xff\xfe", b"x" * 5000, b'"' * 50, b";;;,,,q=q=", b"0" * 55):
            assert shop.get("/items/x", headers={name: value}).status_code == 404

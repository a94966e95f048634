"""The HTTP face: one transaction a request, answers, conditions, who may, and what an async route may."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
from fastapi import Depends
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session
from starlette.types import Message

from chassis.caller import HEADER, Caller, Seal
from chassis.errors import RelataError
from chassis.http import Face, Router, http_app
from chassis.i18n import Catalogue
from chassis.outbox import outbox
from chassis.paging import ListRequest
from chassis.service import Node, Service
from chassis.settings import SettingsError
from chassis.testing import AppClient
from tests.chassis.engines import ENGINES, open_node
from tests.chassis.shop_routes import ANYBODY, CLERK, PARTNER, SECRET, SHOP, count, empty, flaky, gate, open_shop


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


def make(shop, code="a", **fields):
    answer = shop.post("/items", json={"code": code, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_created_record_says_where_it_is_and_which_version(shop):
    answer = shop.post("/items", json={"code": "a", "price": "12.50"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/items/{answer.json()['id']}"
    assert answer.headers["etag"] == '"1"'
    assert shop.get(answer.headers["location"]).json() == answer.json()


def test_the_actor_and_the_request_id_reach_the_record_and_its_event(shop, node):
    item = shop.post(
        "/items",
        json={"code": "a"},
        headers={"X-Request-Id": "journey-7", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"},
    )
    assert item.json()["created_by"] == CLERK.actor
    assert item.headers["x-request-id"] == "journey-7"
    with node.read() as tx:
        envelope = tx.execute(select(outbox.c.envelope)).scalar_one()
    assert '"correlationid":"journey-7"' in envelope
    assert f'"traceparent":"00-{"ab" * 16}-' in envelope  # the same trace …
    assert "cd" * 8 not in envelope  # … and a span of our own


@pytest.mark.parametrize("bad", ["", "a b", "x" * 200, 'a"b', "ü"])
def test_a_request_id_that_could_forge_a_log_line_is_replaced(shop, bad):
    answer = shop.get("/items", headers={"X-Request-Id": bad.encode("latin-1")})
    assert answer.headers["x-request-id"] != bad
    assert len(answer.headers["x-request-id"]) == 36


def test_a_refusal_takes_back_everything_the_action_wrote(shop):
    item = make(shop)
    assert shop.post(f"/items/{item['id']}/sell").status_code == 409
    assert shop.get(f"/items/{item['id']}").json()["name"] == "thing"


def test_a_refusal_may_keep_what_was_written(shop, node):
    answer = shop.post("/login")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert count(node) == 1


def test_the_relay_is_woken_after_the_commit_and_only_then(shop, node):
    seen = []
    node.after_emit.append(lambda: seen.append(count(node)))
    make(shop)
    shop.post("/items", json={"code": ""})
    assert seen == [1]


def test_a_conflict_with_another_transaction_is_tried_again(shop, node):
    flaky.update(failures=2, runs=0)
    assert shop.post("/flaky", json={"code": "f"}).json() == {"runs": 3}
    assert count(node) == 1


def test_a_conflict_that_stays_is_answered_with_come_back_later(shop, node):
    flaky.update(failures=9, runs=0)
    answer = shop.post("/flaky", json={"code": "f"})
    assert (answer.status_code, flaky["runs"]) == (503, 3)
    assert answer.headers["retry-after"] == "1"
    assert count(node) == 0


def test_a_fixed_path_wins_over_a_parameter(shop):
    assert shop.get("/items/cheapest").json() is None
    assert make(shop) == shop.get("/items/cheapest").json()


def test_a_transition_without_answer_is_204(shop):
    item = make(shop)
    answer = shop.delete(f"/items/{item['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert shop.get(f"/items/{item['id']}").status_code == 404


def test_an_unchanged_record_is_not_sent_again(shop):
    item = make(shop)
    answer = shop.get(f"/items/{item['id']}", headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert shop.get(f"/items/{item['id']}", headers={"If-None-Match": '"0"'}).status_code == 200


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"9", "1"', "*", None])
def test_a_write_on_the_version_seen_goes_through(shop, tag):
    item = make(shop)
    headers = {"If-Match": tag} if tag else {}
    answer = shop.patch(f"/items/{item['id']}", json={"name": "new"}, headers=headers)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("tag", ['"0"', '"11"', "nonsense"])
def test_a_write_on_a_stale_version_shows_the_current_record(shop, tag):
    item = make(shop)
    answer = shop.patch(f"/items/{item['id']}", json={"name": "new"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert answer.json()["current"] == item
    assert answer.headers["etag"] == '"1"'
    assert shop.get(f"/items/{item['id']}").json()["name"] == "thing"


def test_nobody_comes_in_unsigned(shop):
    for caller, headers in (
        (None, {}),
        (None, {HEADER: "x.y.z"}),
        (None, {HEADER: Seal("another secret").sign(CLERK)}),
    ):
        answer = shop.as_(caller).get("/items", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_anybody_comes_in_only_where_it_says_so(shop):
    anybody = shop.as_(ANYBODY)
    assert anybody.post("/token").status_code == 200
    assert anybody.get("/items").status_code == 401


def test_a_key_does_what_its_scopes_say_and_no_more(shop):
    partner = shop.as_(PARTNER)
    answer = partner.post("/push", json={"code": "a"})
    assert (answer.status_code, answer.json()["by"], answer.headers["x-pushed"]) == (202, "partner:p1", "yes")
    assert partner.get("/items").status_code == 403
    reader = shop.as_(Caller("key", "k2", scopes=frozenset({"items:read"})))
    assert reader.get("/items").status_code == 200
    assert reader.post("/items", json={"code": "a"}).status_code == 403
    assert reader.post("/push", json={"code": "a"}).status_code == 403


def test_a_role_opens_a_route(shop):
    assert shop.post("/close").status_code == 403
    assert shop.as_(Caller("user", "u", roles=frozenset({"director"}))).post("/close").status_code == 204
    assert shop.as_(Caller("system", "relay")).post("/close").status_code == 204


def test_bytes_are_handed_over_as_they_came(shop):
    answer = shop.post("/raw", content=b"\xff\x00{", headers={"Content-Type": "application/octet-stream"})
    assert answer.json() == {"bytes": 3, "kind": "application/octet-stream"}


def test_an_answer_of_its_own_kind_leaves_untouched(shop):
    answer = shop.get("/pdf")
    assert (answer.content, answer.headers["content-type"]) == (b"%PDF", "application/pdf")


def test_an_async_route_streams_and_reads_in_a_thread(shop):
    make(shop)
    assert shop.get("/stream").text == f"{CLERK.actor} sees 1\nend\n"
    assert shop.as_(None).get("/stream").status_code == 401


def test_events_are_streamed(shop):
    answer = shop.get("/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert f"event: hello\ndata: {CLERK.actor}\nid: 1\n" in answer.text


def test_an_answer_that_breaks_half_way_breaks_the_connection(shop, caplog):
    sent: list[Message] = []
    with pytest.raises(RuntimeError, match="half way"):
        asyncio.run(call(shop, "GET", "/breaks", [{"type": "http.request"}], sent))
    assert sent[0]["status"] == 200
    assert sent[-1] == {"type": "http.response.body", "body": b"begun", "more_body": True}
    assert "answer broken off" in caplog.messages


def test_a_route_may_ask_for_the_reader_s_language(shop):
    anybody = shop.as_(ANYBODY)
    assert anybody.get("/greeting").json() == {"language": "en", "text": "Sign in first."}
    answer = anybody.get("/greeting", headers={"Accept-Language": "vi"})
    assert answer.json() == {"language": "vi", "text": "Vui lòng đăng nhập trước."}


def test_a_form_with_a_file(shop):
    answer = shop.post("/upload", data={"note": "hi"}, files={"file": ("a.txt", b"12345")})
    assert answer.json() == {"note": "hi", "name": "a.txt", "bytes": 5}
    wrong = shop.post("/upload", data={"note": "hi"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/file")
    assert shop.post("/upload", json={"note": "hi"}).status_code == 415
    big = shop.post("/upload", data={"note": "hi"}, files={"file": ("a.txt", b"x" * 2 * 1024 * 1024)})
    assert big.status_code == 413
    broken = shop.post("/upload", content=b"--x", headers={"Content-Type": "multipart/form-data; boundary=y"})
    assert broken.status_code in (400, 422)


def test_a_body_that_dribbles_in_is_cut_off(shop, monkeypatch):
    monkeypatch.setattr("chassis.http.endpoint.BODY_WITHIN_S", 0.3)

    async def dribble():
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    answer = shop.post("/items", content=dribble(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (408, "request_timeout")


def test_who_hangs_up_before_the_end_changes_nothing(shop, node):
    half: list[Message] = [
        {"type": "http.request", "body": b'{"code": ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []
    asyncio.run(call(shop, "POST", "/items", half, sent))
    assert sent == []
    assert count(node) == 0


async def call(shop, method: str, path: str, waiting: list[Message], sent: list[Message]) -> None:
    """One request at the level of ASGI messages."""

    async def receive() -> Message:
        return waiting.pop(0) if waiting else await asyncio.sleep(60, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    token = shop.app.state.face.seal.sign(CLERK).encode()
    headers = [(b"content-type", b"application/json"), (HEADER.lower().encode(), token)]
    scope = {"type": "http", "method": method, "path": f"/api/v1{path}", "query_string": b"", "headers": headers}
    await shop.app(scope, receive, send)


def test_a_route_that_asks_for_what_it_cannot_have_is_refused_at_the_start(tmp_path):
    async def with_transaction(tx: Session) -> None: ...

    def without_listing(asked: ListRequest) -> None: ...

    def with_dependency(more: Annotated[int, Depends(lambda: 1)]) -> None: ...

    reasons: dict[Callable[..., Any], str] = {
        with_transaction: "no transaction",
        without_listing: "listing",
        with_dependency: "no Depends",
    }
    for function, reason in reasons.items():
        router = Router()
        router.get("/x")(function)
        service = Service(name="x", metadata=MetaData(), routers=(router,))
        with open_node("sqlite", tmp_path, service, secret=SECRET) as node, pytest.raises(TypeError, match=reason):
            http_app(node)


def test_without_a_secret_no_face_opens(tmp_path):
    with open_node("sqlite", tmp_path, SHOP) as node, pytest.raises(SettingsError, match="RELATA_SECRET"):
        http_app(node)


def test_health_readiness_version_and_metrics_need_nobody(shop):
    nobody = shop.as_(None)
    assert nobody.get("//health").json() == {"status": "ok"}
    assert nobody.get("//ready").json() == {"status": "ok", "database": "ok"}
    assert nobody.get("//version").json()["service"] == "shop"
    shop.get("/items")
    metrics = nobody.get("//metrics").text
    assert 'relata_http_requests_total{method="GET",route="/items",service="shop",status_class="2xx"}' in metrics


def test_paths_that_do_not_exist_never_become_metric_labels(shop):
    for number in range(3):
        assert shop.request("BREW", f"/pot/{number}").status_code == 404
    metrics = shop.get("//metrics").text
    assert "BREW" not in metrics
    assert "/pot" not in metrics
    assert 'route="unmatched"' in metrics


def test_while_the_database_is_away_requests_hear_so_quickly(tmp_path):
    with open_node("sqlite", tmp_path, SHOP, secret=SECRET) as node:
        away = "postgresql+psycopg2://postgres@127.0.0.1:1/nothing"
        gone = Node(SHOP, node.settings.model_copy(update={"database_url": away}))
        with AppClient(http_app(gone), as_=CLERK) as client:
            began = time.monotonic()
            answers = [client.get("/items/cheapest") for _ in range(20)]
            assert time.monotonic() - began < 3
            assert {answer.status_code for answer in answers} == {503}
            assert all(answer.headers["retry-after"] == "1" for answer in answers)
            assert answers[0].json()["code"] == "unavailable"
            assert client.get("//ready").status_code == 503
            assert client.get("//health").status_code == 200
        gone.close()


def test_what_finds_too_many_waiting_is_refused_at_once_and_what_waits_too_long_soon(tmp_path):
    gate.clear()
    with open_shop("sqlite", tmp_path, http_pool=1, http_waiting=2) as (client, _node), ThreadPoolExecutor(6) as crowd:
        face: Face = client.app.state.face
        began = time.monotonic()
        first = crowd.submit(client.post, "/wait")
        while face.threads._inside < 1:
            time.sleep(0.01)
        waiting = [crowd.submit(client.post, "/wait") for _ in range(2)]
        while face.threads._inside < 3:
            time.sleep(0.01)
        refused = client.post("/wait")
        assert time.monotonic() - began < 1
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert [each.result().status_code for each in waiting] == [503, 503]
        assert 1.5 < time.monotonic() - began < 3.5
        gate.set()
        assert first.result().json() == {"in_time": True}
        assert client.post("/wait").status_code == 200


def test_every_error_of_the_tree_has_a_title_in_both_languages():
    catalogue = Catalogue()

    def below(cls):
        return [cls, *(each for sub in cls.__subclasses__() for each in below(sub))]

    codes = {cls.code for cls in below(RelataError) if cls.__module__.startswith("chassis.")}
    for language in ("en", "vi"):
        titles = catalogue._parts[language]["titles"]
        assert codes - set(titles) == set()

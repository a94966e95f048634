"""The same POST twice has one effect and one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from chassis.caller import Caller
from chassis.clock import utcnow
from chassis.errors import BadRequest
from chassis.http import http_app
from chassis.idempotency import idempotent_answers, prune, read_key
from chassis.outbox import outbox
from chassis.service import Node
from chassis.testing import AppClient
from tests.chassis.engines import ENGINES
from tests.chassis.shop_routes import ANYBODY, CLERK, SHOP, count, empty, flaky, gate, open_shop

OTHER = Caller("user", "01900000-0000-7000-8000-0000000000c2")


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


def post(shop, key="k1", path="/items", **body):
    return shop.post(path, json=body or {"code": "a"}, headers={"Idempotency-Key": key})


def stored(node):
    with node.read() as tx:
        return tx.execute(select(func.count()).select_from(idempotent_answers)).scalar_one()


def test_the_same_key_and_body_gives_the_same_answer_again(shop, node):
    first, second = post(shop), post(shop)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for header in ("location", "etag", "content-type"):
        assert second.headers[header] == first.headers[header]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert count(node) == 1
    with node.read() as tx:
        assert tx.execute(select(func.count()).select_from(outbox)).scalar_one() == 1


def test_the_same_key_with_another_body_or_query_is_refused(shop, node):
    post(shop)
    other = post(shop, code="b")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert count(node) == 1


def test_a_key_belongs_to_its_caller_and_its_path(shop, node):
    assert post(shop, code="a").status_code == 201
    assert post(shop.as_(OTHER), code="b").status_code == 201
    assert post(shop, path="/many").status_code == 422  # an invalid body, not a reused key
    assert count(node) == 2


def test_without_a_key_nothing_is_stored(shop, node):
    assert shop.post("/items", json={"code": "a"}).status_code == 201
    assert stored(node) == 0


def test_a_refusal_is_not_kept_and_may_be_repaired(shop, node):
    assert post(shop, code="").status_code == 422
    assert post(shop, code="good").status_code == 201
    item = post(shop, code="good").json()
    sell = f"/items/{item['id']}/sell"
    assert shop.post(sell, headers={"Idempotency-Key": "s"}).json()["code"] == "no_stock"
    assert shop.post(sell, headers={"Idempotency-Key": "s"}).json()["code"] == "no_stock"
    assert stored(node) == 1


def test_fifty_at_once_with_one_key_make_one_row(shop, node):
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: post(shop), range(50)))
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"key_running"}
    assert count(node) == 1
    assert post(shop).headers["idempotency-replayed"] == "true"


def test_fifty_repeats_at_once_all_hear_the_first_answer(shop):
    first = post(shop)
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: post(shop), range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, first.content)}


@pytest.mark.postgres
def test_fifty_at_once_over_two_processes_worth_of_apps_make_one_row(tmp_path):
    with open_shop("postgresql", tmp_path, http_pool=3) as (here, node):
        twin = Node(SHOP, node.settings, pool_size=3)
        with AppClient(http_app(twin), as_=CLERK) as there, ThreadPoolExecutor(50) as crowd:
            answers = list(crowd.map(lambda number: post((here, there)[number % 2]), range(50)))
        twin.close()
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert count(node) == 1


def test_while_the_first_runs_the_second_is_told_so_at_once(shop):
    gate.clear()
    with ThreadPoolExecutor(1) as other:
        first = other.submit(post, shop, path="/wait")
        while not shop.app.state.face.running._ids:
            threading.Event().wait(0.01)
        second = post(shop, path="/wait")
        assert (second.status_code, second.json()["code"]) == (409, "key_running")
        assert second.headers["retry-after"] == "1"
        gate.set()
        assert first.result().status_code == 200
    assert post(shop, path="/wait").headers["idempotency-replayed"] == "true"


def test_an_answer_lost_after_the_commit_is_given_again(shop, node):
    def crash():
        node.after_emit.remove(crash)
        raise RuntimeError("the process ended between commit and answer")

    node.after_emit.append(crash)
    assert post(shop).status_code == 500
    again = post(shop)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert count(node) == 1


def test_a_crash_before_the_commit_leaves_the_key_free(shop, node):
    flaky.update(failures=9, runs=0)
    assert post(shop, path="/flaky").status_code == 503
    assert (count(node), stored(node)) == (0, 0)
    flaky.update(failures=0)
    assert post(shop, path="/flaky").status_code == 200
    assert count(node) == 1


def test_a_repeated_answer_leaves_the_secret_out(shop, node):
    first, second = post(shop, path="/keys"), post(shop, path="/keys")
    assert first.json()["secret"]
    assert second.json() == {"id": first.json()["id"]}
    with node.read() as tx:
        kept = tx.execute(select(idempotent_answers.c.body)).scalar_one()
    assert first.json()["secret"].encode() not in bytes(kept)


def test_a_token_is_never_kept(shop, node):
    first, second = post(shop.as_(ANYBODY), path="/token"), post(shop.as_(ANYBODY), path="/token")
    assert first.json() != second.json()
    assert stored(node) == 0


def test_a_post_that_only_reads_answers_anew(shop, node):
    assert post(shop, path="/count").json() == {"items": 0}
    post(shop, "another")
    assert post(shop, path="/count").json() == {"items": 1}


def test_an_upload_is_the_same_although_its_boundary_differs(shop):
    def upload(boundary, text="x"):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="f"\r\n\r\n{text}\r\n--{boundary}--\r\n'
        headers = {"Idempotency-Key": "u", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return shop.post("/raw", content=body, headers=headers)

    assert upload("one").status_code == 200
    assert upload("three").headers["idempotency-replayed"] == "true"
    assert upload("three", "y").status_code == 422


def test_answers_are_forgotten_after_72_hours_and_not_before(shop, node):
    post(shop, "old", code="a")
    post(shop, "young", code="b")
    for key, hours in ((0, 73), (1, 71)):
        with node.db.begin() as tx:
            ids = tx.scalars(select(idempotent_answers.c.id).order_by(idempotent_answers.c.created_at)).all()
            row = update(idempotent_answers).where(idempotent_answers.c.id == ids[key])
            tx.execute(row.values(created_at=utcnow() - timedelta(hours=hours)))
    with node.db.begin() as tx:
        assert prune(tx) == 1
    assert stored(node) == 1


def test_a_key_may_be_bare_or_quoted():
    assert read_key("abc-1") == read_key('"abc-1"') == "abc-1"
    assert read_key(r'"a\"b"') == 'a"b'
    assert read_key("x" * 255) == "x" * 255


@pytest.mark.parametrize("bad", ["", " ", '""', "x" * 256, "tab\there", "nul\0", "ü", "\x7f"])
def test_a_malformed_key_is_refused(bad):
    with pytest.raises(BadRequest):
        read_key(bad)


def test_a_malformed_key_is_400_and_runs_nothing(shop, node):
    assert post(shop, "x" * 256).status_code == 400
    assert count(node) == 0

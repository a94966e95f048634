"""Who may do what, for every operation of the document: a route that is not in the table fails here.

What is not somebody's looks as if it were not there, and nothing else tells of it: no count, no search, no cursor.
"""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from tests.api.calls import CALLS, ask, known_as, prepared
from tests.api.stage import OWNED, World, address, made, mobile, new_lead, push
from tests.installation import eventually

SIGNS_OUT = {"POST /auth/logout", "POST /auth/password"}
NOBODY = (
    "without a credential",
    "a revoked key",
    "a key that has expired",
    "a key of a partner who was switched off",
    "a deactivated user",
    "a token without a signature",
    "a token signed by another key",
    "a forged caller",
)
SOMEBODY = ("a key without the scope", "another partner", "a salesperson", "a salesperson who forges a caller")


@dataclass
class People:
    """``clients`` by who they are; ``owner`` is the salesperson whose records nobody else may see."""

    clients: dict[str, httpx.Client]
    owner: httpx.Client
    owner_id: str


def unsigned(claims: dict[str, Any]) -> str:
    """A token with algorithm none."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims)]
    return b".".join([*parts, b""]).decode()


def forged_caller() -> dict[str, str]:
    """The header by which the gateway tells services who calls, as an attacker would write it."""
    now = int(time.time())
    claims = {"aud": "relata", "iat": now, "exp": now + 60, "sub": str(uuid4()), "kind": "system"}
    return {"x-relata-caller": jwt.encode(claims, "a secret that is not the one, but long enough", algorithm="HS256")}


@pytest.fixture(scope="module")
def people(world: World) -> Iterator[People]:
    owner, user = world.new_user()
    people = People({}, owner, user["id"])
    clients = people.clients
    clients["without a credential"] = world.visitor
    clients["a revoked key"], key = world.new_partner()
    assert world.admin.post(f"/keys/{key['id']}/revoke").status_code == 200
    clients["a key that has expired"], key = world.new_partner()
    assert world.admin.patch(f"/keys/{key['id']}", json={"expires_at": "2020-01-01T00:00:00Z"}).status_code == 200
    clients["a key of a partner who was switched off"], key = world.new_partner()
    assert world.admin.patch(f"/partners/{key['partner_id']}", json={"active": False}).status_code == 200
    clients["a deactivated user"], gone = world.new_user("administrator")
    assert world.admin.post(f"/users/{gone['id']}/deactivate").status_code == 200
    good = world.admin.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good, options={"verify_signature": False})
    clients["a token without a signature"] = world.with_credential(unsigned(claims))
    header = jwt.get_unverified_header(good)
    other = jwt.encode(claims, "a key of the attacker's, long enough", algorithm="HS256", headers=header)
    clients["a token signed by another key"] = world.with_credential(other)
    clients["a forged caller"] = world.relata.client(**forged_caller())
    clients["a key without the scope"] = world.new_key("nothing:read")
    clients["another partner"] = world.new_partner()[0]
    clients["a salesperson"] = world.new_user()[0]
    clients["a salesperson who forges a caller"] = world.new_user()[0]
    clients["a salesperson who forges a caller"].headers.update(forged_caller())
    yield people
    for client in clients.values():
        if client is not world.visitor:
            client.close()


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, str]]:
    """The owner's records that the operations were tried on."""
    return {}


def test_every_operation_is_in_the_table(world: World) -> None:
    assert set(world.operations) == set(CALLS)


def expected(who: str, operation: str) -> set[int]:
    """How this one's good call of another's record may be answered; empty: as anybody's."""
    kind, has_id = CALLS[operation].who, "{" in operation
    if kind == "public":
        return set()
    if who in NOBODY:
        return {401}
    if who == "another partner" and kind == "partner":
        return {404} if has_id else {200, 202}
    if "salesperson" in who:
        return by_a_salesperson(kind, operation)
    return {403}


def by_a_salesperson(kind: str, operation: str) -> set[int]:
    has_id = "{" in operation
    match kind:
        case "lead":
            return {404} if has_id else {200, 201}
        case "document":
            return {200} if operation.startswith("GET") and not has_id else {404}
        case "regarded":
            return {404, 422}
        case "report":
            return {200}  # of their own records: see tests/insight
        case "signed_in":
            return {200, 204}
    return {403}


@pytest.mark.parametrize("operation", CALLS)
def test_another_s_record_is_out_of_reach(
    operation: str, world: World, people: People, records: dict[str, dict[str, str]]
) -> None:
    ids = records[operation] = prepared(world, operation, people.owner)
    wrong = []
    for who, client in people.clients.items():
        allowed = expected(who, operation)
        if operation in SIGNS_OUT and "salesperson" in who:
            client = world.new_user()[0]
        answer = ask(world, client, operation, ids)
        if answer.status_code in (401, 403, 404):
            check_refusal(answer)
        if answer.status_code == 404:
            # Word for word what is said of something that never was.
            absent = ask(world, client, operation, {name: str(uuid4()) for name in ids})
            assert {**absent.json(), "trace_id": ""} == {**answer.json(), "trace_id": ""}, who
            assert set(absent.headers) == set(answer.headers), who
        if answer.status_code not in allowed and (allowed or answer.status_code in (401, 403, 404)):
            wrong.append((who, answer.status_code, answer.text))
    assert wrong == []


def check_refusal(answer: httpx.Response) -> None:
    """It says why in a word for programs, and nothing besides."""
    assert set(answer.json()) == {"type", "title", "status", "detail", "code", "errors", "trace_id"}
    assert answer.json()["code"] == {401: "not_signed_in", 403: "not_allowed", 404: "not_found"}[answer.status_code]
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)


def test_the_owner_still_has_everything_as_it_was(people: People, records: dict[str, dict[str, str]]) -> None:
    """Runs after the table: whatever was tried has changed nothing."""
    for operation, ids in records.items():
        for name in OWNED.keys() & ids.keys():
            if CALLS[operation].before == "":
                record = people.owner.get(f"{OWNED[name][0]}/{ids[name]}").json()
                assert (record["version"], record["owner_id"]) == (1, people.owner_id), operation


@pytest.fixture
def x(people: People) -> httpx.Client:
    return people.clients["a salesperson"]


def test_lists_counts_and_searches_tell_nothing_of_a_colleague_s_lead(x: httpx.Client, people: People) -> None:
    word, number, source = uuid4().hex, mobile(), uuid4().hex
    body = {"full_name": f"Khách {word}", "phones": [number], "emails": [f"{word}@khach.example"], "source": source}
    lead = made(people.owner, "/leads", body)
    mine = made(x, "/leads", {"full_name": f"Người {word}", "source": source})
    for query in (
        {"q": f"khach {word}"},
        {"q": number},
        {"q": f"{word}@khach.example"},
        {"owner": people.owner_id},
        {"owner_id": people.owner_id},
        {"owner_id__ne": mine["owner_id"]},
        {"owner_id__in": f"{people.owner_id},{uuid4()}"},
    ):
        told = x.get("/leads", params={**query, "count": "true"}).json()
        assert told == {"items": [], "next_cursor": None, "total": 0}, query
        seen = people.owner.get("/leads", params=query).json()["items"]
        assert lead["id"] in [each["id"] for each in seen], query
    both = x.get("/leads", params={"source": source, "count": "true", "fields": "full_name"}).json()
    assert (both["total"], [each["id"] for each in both["items"]]) == (1, [mine["id"]])
    counted = x.get("/leads/summary", params={"by": "source"}).json()
    assert next(each["count"] for each in counted["items"] if each["value"] == source) == 1
    assert word not in x.get("/leads", params={"limit": 200, "source__ne": source}).text
    exported = x.get("/leads/export", params={"format": "csv"})
    assert exported.status_code == 404 or word not in exported.text.replace(f"Người {word}", "")


def test_the_cursor_of_a_colleague_s_list_opens_only_one_s_own(x: httpx.Client, people: People) -> None:
    for client in (people.owner, x, people.owner):
        made(client, "/leads", new_lead())
    mine = {each["id"] for each in x.get("/leads", params={"limit": 200}).json()["items"]}
    cursor = people.owner.get("/leads", params={"limit": 1}).json()["next_cursor"]
    opened = x.get("/leads", params={"cursor": cursor, "limit": 200})
    assert opened.status_code == 200
    assert {each["id"] for each in opened.json()["items"]} <= mine


def test_typing_in_a_colleague_s_customer_does_not_tell_that_there_is_one(x: httpx.Client, people: People) -> None:
    number, email = mobile(), address()
    theirs = made(people.owner, "/leads", {"full_name": "Khách riêng", "phones": [number], "emails": [email]})
    mine = made(x, "/leads", {"full_name": "Người lạ", "phones": [number], "emails": [email.upper()]})
    assert mine["duplicates"] == 0
    assert x.get(f"/leads/{mine['id']}/duplicates").json()["items"] == []
    assert theirs["id"] not in x.get(f"/leads/{mine['id']}/history").text
    assert [each["field"] for each in x.get(f"/leads/{mine['id']}/history").json()["items"]] == []
    same_id = x.post("/leads", json=new_lead() | {"id": theirs["id"]})
    assert same_id.status_code == 409
    assert "Khách riêng" not in same_id.text
    assert people.owner_id not in same_id.text


def test_whoever_loses_a_lead_loses_it_with_the_next_request(x: httpx.Client, people: People, world: World) -> None:
    lead = made(x, "/leads", new_lead())
    tag = x.get(f"/leads/{lead['id']}").headers["etag"]
    given = world.admin.post(f"/leads/{lead['id']}/assign", json={"owner_id": people.owner_id})
    assert given.status_code == 200, given.text
    for headers in ({}, {"if-none-match": tag}, {"if-match": tag}):
        assert x.get(f"/leads/{lead['id']}", headers=headers).status_code == 404
        assert x.patch(f"/leads/{lead['id']}", json={"company": "!"}, headers=headers).status_code == 404
    assert lead["id"] not in x.get("/leads", params={"limit": 200}).text
    assert people.owner.get(f"/leads/{lead['id']}").status_code == 200


def test_whoever_loses_a_role_loses_its_rights_with_the_next_request(world: World) -> None:
    client, user = world.new_user("administrator")
    assert client.get("/users").status_code == 200
    assert world.admin.patch(f"/users/{user['id']}", json={"role_ids": ["salesperson"]}).status_code == 200
    assert client.get("/users").status_code == 403
    assert world.admin.post(f"/users/{user['id']}/deactivate").status_code == 200
    assert client.get("/me").status_code == 401


def test_an_idempotency_key_belongs_to_its_caller(x: httpx.Client, people: People) -> None:
    key, body = {"idempotency-key": uuid4().hex}, new_lead()
    theirs = people.owner.post("/leads", json=body, headers=key)
    mine = x.post("/leads", json=body, headers=key)
    assert mine.status_code == theirs.status_code == 201
    assert mine.json()["id"] != theirs.json()["id"]
    assert "idempotency-replayed" not in mine.headers


def test_a_partner_learns_nothing_of_another_s_leads(world: World, people: People) -> None:
    theirs, body = people.clients["another partner"], push()
    told = known_as(world.partner, world.partner.post("/partner/leads", json=body))
    assert told["status"] == "created"
    again = known_as(theirs, theirs.post("/partner/leads", json=body))
    assert again["status"] == "duplicate"
    assert again["submission_id"] != told["submission_id"]
    assert {again["lead_id"], again["stage"], again["reason"]} == {None}
    found = theirs.get("/partner/leads", params={"external_id": body["external_id"], "count": "true"}).json()
    assert (found["total"], [each["submission_id"] for each in found["items"]]) == (1, [again["submission_id"]])
    assert told["submission_id"] not in theirs.get("/partner/leads", params={"limit": 200}).text
    assert world.partner.get(f"/partner/leads/{told['submission_id']}").json()["status"] == "created"


def test_a_partner_s_key_gets_no_other_scope(world: World) -> None:
    partner = world.made("/partners", {"name": uuid4().hex})
    for scope in ("events:read", "leads:read", "leads:write", "metrics:read"):
        wanted = {"name": "Khoá", "scopes": ["leads:push", scope], "partner_id": partner["id"]}
        assert world.admin.post("/keys", json=wanted).status_code == 422
    _, key = world.new_partner()
    assert world.admin.patch(f"/keys/{key['id']}", json={"scopes": ["events:read"]}).status_code == 422


@pytest.mark.parametrize("role", ["operator", "hr", "customer", "partner", "warehouse"])
def test_roles_that_see_no_customers_see_none(role: str, world: World) -> None:
    word = uuid4().hex
    pushed = world.partner.post("/partner/leads", json=push(name=f"Khách {word}", note=word))
    told = known_as(world.partner, pushed)
    client, _ = world.new_user(role)
    for path in ("/leads", f"/leads/{told['lead_id']}", "/events?limit=1000", "/users", "/partner/leads"):
        answer = client.get(path)
        assert answer.status_code in (403, 404), path
        assert word not in answer.text
    for path in ("/submissions", f"/submissions/{told['submission_id']}"):
        answer = client.get(path)
        assert answer.status_code == (200 if role == "operator" else 403)
        assert word not in answer.text


def test_secrets_are_shown_once_and_never_read_back(world: World) -> None:
    _, key = world.new_partner()
    hook = world.made("/webhooks", {"url": "http://127.0.0.1:9/hook", "events": ["nobody.*"]})
    for path, secret in ((f"/keys/{key['id']}", key["secret"]), (f"/webhooks/{hook['id']}", hook["secret"])):
        noun = path.rpartition("/")[0]
        for answer in (world.admin.get(path), world.admin.get(noun), world.admin.get(f"{path}/history")):
            assert secret not in answer.text
    wanted = {"name": "Khoá", "scopes": ["leads:read"]}
    header = {"idempotency-key": uuid4().hex}
    first, again = (world.admin.post("/keys", json=wanted, headers=header) for _ in range(2))
    assert again.headers["idempotency-replayed"] == "true"
    assert "secret" in first.json()
    assert "secret" not in again.json()
    events = eventually(lambda: world.admin.get("/events", params={"types": "gateway.*", "limit": 1000}))
    assert "rk_" not in events.text
    assert "argon2" not in events.text + world.admin.get("/users").text

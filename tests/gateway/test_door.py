"""What the door lets through, what it says about it, and what nobody may say about themselves."""

from typing import Any

from chassis.caller import Caller, Seal
from tests.gateway.stage import SECRET, House


def mirrored(answer: Any) -> dict[str, list[str]]:
    """The headers that reached the upstream, by name."""
    assert answer.status_code == 200, answer.text
    seen: dict[str, list[str]] = {}
    for name, value in answer.json()["headers"]:
        seen.setdefault(name, []).append(value)
    return seen


def test_the_upstream_learns_who_asks(door: House) -> None:
    person = door.person("salesperson", locale="en")
    seen = mirrored(person.get("/mirror/x?a=1&b=%20"))
    caller = Seal(SECRET).verify(seen["x-relata-caller"][0])
    assert (caller.kind, caller.id, caller.locale) == ("user", person.id, "en")
    assert caller.roles == {"salesperson"}
    assert caller.depths["lead.read"] == "own"
    key = door.key("leads:read", "events:read")
    caller = Seal(SECRET).verify(mirrored(key.get("/mirror"))["x-relata-caller"][0])
    assert (caller.kind, caller.id) == ("key", key.id)
    assert caller.scopes == {"leads:read", "events:read"}
    assert caller.depths == {"lead.read": "all", "lead.export": "all"}


def test_teams_below_are_told_beside_ones_own(door: House) -> None:
    top = door.admin.post("/teams", json={"name": "Kinh doanh"}).json()["id"]
    low = door.admin.post("/teams", json={"name": "Kinh doanh phía Bắc", "parent_id": top}).json()["id"]
    person = door.person("sales_manager", team_ids=[top])
    caller = Seal(SECRET).verify(mirrored(person.get("/mirror"))["x-relata-caller"][0])
    assert caller.own_team_ids == {top}
    assert caller.team_ids == {top, low}
    lower = door.admin.post("/teams", json={"name": "Kinh doanh Hà Nội", "parent_id": low}).json()["id"]
    caller = Seal(SECRET).verify(mirrored(person.get("/mirror"))["x-relata-caller"][0])
    assert caller.team_ids == {top, low, lower}


def test_a_forged_caller_is_ignored(door: House) -> None:
    forged = Seal(SECRET).sign(Caller("user", "boss", roles=frozenset({"administrator"})))
    person = door.person("salesperson")
    for name in ("X-Relata-Caller", "x-relata-caller", "X-RELATA-CALLER", "x-relata-sign-in"):
        seen = mirrored(person.get("/mirror", headers={name: forged}))
        assert [Seal(SECRET).verify(each).id for each in seen["x-relata-caller"]] == [person.id]
        assert "x-relata-sign-in" not in seen
        assert person.get("/users", headers={name: forged}).status_code == 403
        assert door.visitor(**{name: forged}).get("/users").status_code == 401


def test_connection_cannot_name_our_headers_away(door: House) -> None:
    person = door.person("salesperson")
    seen = mirrored(person.get("/mirror", headers={"connection": "x-relata-caller, x-custom", "x-custom": "1"}))
    assert Seal(SECRET).verify(seen["x-relata-caller"][0]).id == person.id
    assert "x-custom" not in seen
    assert "connection" not in seen


def test_credentials_and_claimed_addresses_stay_at_the_door(door: House) -> None:
    person = door.person()
    claims = {"x-forwarded-for": "1.1.1.1", "x-real-ip": "1.1.1.1", "forwarded": "for=1.1.1.1", "x-api-key": "rk_x"}
    seen = mirrored(person.get("/mirror", headers=claims))
    assert seen["x-forwarded-for"] == [person.address]
    assert not {"authorization", "x-api-key", "x-real-ip", "forwarded"} & set(seen)
    assert person.headers["authorization"][7:] not in str(seen)


def test_ids_are_passed_on_or_made(door: House) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    seen = mirrored(door.admin.get("/mirror", headers={"x-request-id": "my-request", "traceparent": trace}))
    assert seen["x-request-id"] == ["my-request"]
    assert seen["traceparent"][0].split("-")[1] == trace.split("-")[1]
    seen = mirrored(door.admin.get("/mirror", headers={"x-request-id": "no\tgood" * 90, "traceparent": "00-x"}))
    assert len(seen["x-request-id"][0]) == 36
    assert len(seen["traceparent"][0]) == 55


def test_every_refusal_is_a_problem_with_its_ids(door: House) -> None:
    for answer, status in (
        (door.visitor().get("/mirror", headers={"x-request-id": "mine"}), 401),
        (door.admin.get("/nowhere", headers={"x-request-id": "mine"}), 404),
        (door.admin.get("//nowhere", headers={"x-request-id": "mine"}), 404),
        (door.admin.post("//api/docs", headers={"x-request-id": "mine"}), 405),
        (
            door.admin.post("/mirror", headers={"x-request-id": "mine", "content-length": "22020097"}, content=b"x"),
            413,
        ),
    ):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-request-id"] == "mine"
        assert set(answer.json()) >= {"type", "title", "status", "detail", "code", "errors", "trace_id"}


def test_a_body_of_twenty_megabytes_goes_through(door: House) -> None:
    assert door.admin.post("/mirror", content=b"x" * 20 * 1024 * 1024).json()["length"] == 20 * 1024 * 1024


def test_the_upstreams_answer_comes_back_as_it_is(door: House) -> None:
    answer = door.admin.call("PURGE", "/mirror/a%2Fb?x=%26", content=b"body")
    assert answer.json()["method"] == "PURGE"
    assert (answer.json()["path"], answer.json()["query"]) == ("/api/v1/mirror/a/b", "x=%26")
    assert answer.headers.get_list("x-mirror") == ["one", "two"]


def test_public_paths_need_no_credential_and_interpret_none(door: House) -> None:
    visitor = door.visitor()
    seen = mirrored(visitor.post("/public/channels/abc", headers={"authorization": "Basic cHJvdmlkZXI6c2VjcmV0"}))
    assert seen["authorization"] == ["Basic cHJvdmlkZXI6c2VjcmV0"]
    caller = Seal(SECRET).verify(seen["x-relata-caller"][0])
    assert caller.kind == "public"
    assert visitor.address not in caller.id
    other = Seal(SECRET).verify(mirrored(door.visitor().post("/public/x"))["x-relata-caller"][0])
    assert other.id != caller.id
    assert mirrored(visitor.call("OPTIONS", "/public/forms/x"))["x-relata-caller"]


def test_health_and_readiness_answer_with_and_without_the_prefix(door: House) -> None:
    for path in ("/health", "/ready", "//health", "//ready"):
        assert door.visitor().get(path).json()["status"] == "ok"
    assert door.visitor().post("//health").status_code == 405


def test_metrics_are_not_public(door: House) -> None:
    for path in ("/metrics", "//metrics"):
        assert door.visitor().get(path).status_code == 401
        assert door.person("salesperson").get(path).status_code == 403
        assert "relata_http_requests_total" in door.person("operator").get(path).text
        assert door.admin.get(path).status_code == 200
        assert door.key("metrics:read").get(path).status_code == 200
    here = door.visitor()
    here.address = "127.0.0.1"
    assert here.get("//metrics").status_code == 200
    assert here.get("//metrics", headers={"x-forwarded-for": "8.8.8.8"}).status_code == 401


def test_an_upstream_that_fails_is_a_problem_without_a_trace(door: House) -> None:
    answer = door.admin.get("/mirror/explode")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "Traceback" not in answer.text
    assert "mirror broke" not in answer.text

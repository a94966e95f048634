"""Only administrators administer: each route of the gateway's own, for each kind of caller, in every disguise."""

from uuid import uuid4

import pytest

from gateway.service import GATEWAY
from tests.gateway.stage import House, Visitor

PUBLIC = {"POST /auth/token"}
FOR_PEOPLE = {"GET /me", "PATCH /me", "POST /auth/logout", "POST /auth/password", "GET /colleagues"}
# Everybody signed in may ask, and is shown their own part.
FOR_EVERYBODY = {
    "GET /handovers",
    "GET /handovers/{handover_id}",
    "POST /handovers/{handover_id}/undo",
    "GET /handovers/{handover_id}/briefs",
}
ROUTES = [route for router in GATEWAY.routers for route in router.routes]


def refused(answer_status: int) -> bool:
    return answer_status in (401, 403, 404, 405)


@pytest.fixture(scope="module")
def others(door: House) -> dict[str, Visitor]:
    """Everybody who is no administrator."""
    roles = ("operator", "director", "sales_manager", "salesperson", "hr", "data_protection", "partner")
    everybody = {role: door.person(role) for role in roles}
    everybody["somebody without a role"] = door.person()
    everybody["a key with every scope"] = door.key(
        *(
            f"{noun}:{act}"
            for noun in ("users", "teams", "roles", "partners", "keys", "auth")
            for act in ("read", "write")
        )
    )
    everybody["a stranger"] = door.visitor()
    return everybody


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_only_administrators_administer(door: House, others: dict[str, Visitor], route) -> None:
    path = route.path
    for part in ("user_id", "team_id", "role_id", "partner_id", "key_id", "handover_id"):
        path = path.replace("{" + part + "}", str(uuid4()))
    if route.name in PUBLIC:
        return
    for name, visitor in others.items():
        if (name, route.name) == ("partner", "GET /colleagues"):
            continue  # has a test of its own
        got = visitor.call(route.method, path, json={}).status_code
        expected = {401} if name == "a stranger" else {403}
        if route.name in FOR_EVERYBODY and name != "a stranger":
            assert got in (200, 403, 404), (name, route.name, got)
        elif route.name in FOR_PEOPLE and name not in ("a stranger", "a key with every scope"):
            assert got not in (401, 403), (name, route.name, got)
            if route.name == "POST /auth/logout":
                visitor.headers["authorization"] = door.person().headers["authorization"]
        else:
            assert got in expected, (name, route.name, got)
    allowed = door.person("administrator") if route.name == "POST /auth/logout" else door.admin
    assert allowed.call(route.method, path, json={}).status_code not in (401, 403, 405)


def test_no_disguise_widens_a_right(door: House, others: dict[str, Visitor]) -> None:
    someone = str(uuid4())
    seller = others["salesperson"]
    for headers in (
        {"x-http-method-override": "DELETE"},
        {"x-http-method": "PATCH"},
        {"x-method-override": "GET"},
        {"x-original-url": "/api/v1/me"},
        {"x-rewrite-url": "/api/v1/me"},
        {"x-forwarded-prefix": "/public"},
        {"x-forwarded-for": "127.0.0.1"},
    ):
        assert seller.get("/users", headers=headers).status_code == 403
        assert seller.post("/users", json={"email": "x@example.com", "name": "x"}, headers=headers).status_code == 403
    for path in (
        "/users/",
        "//users",
        "//api/v1//users",
        "/Users",
        "/USERS",
        "/users;a=b",
        "/users%2f",
        "/%75sers",
        "/users%00",
        "/public/../users",
        "/public/%2e%2e/users",
        "/public/..%2fusers",
        "/auth/token/../../users",
        "/me/../users",
        f"/users/{someone}/",
        f"/users//{someone}",
        "/./users",
    ):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "OPTIONS", "get", "FOO"):
            for visitor in (seller, others["a stranger"]):
                answer = visitor.call(method, path, json={"email": "y@example.com", "name": "y"})
                mirrored = answer.headers.get("x-mirror") is not None
                assert refused(answer.status_code) or mirrored, (method, path, answer.status_code, answer.text[:200])


def test_nobody_raises_themselves(door: House) -> None:
    seller = door.person("salesperson")
    for more in ({"role_ids": ["administrator"]}, {"active": True}, {"is_admin": True}, {"email": "boss@example.com"}):
        assert seller.patch("/me", json=more).status_code == 422
    assert [role["key"] for role in seller.get("/me").json()["roles"]] == ["salesperson"]


def test_what_the_server_owns_cannot_be_written(door: House) -> None:
    owned = {
        "version": 9,
        "created_at": "2020-01-01T00:00:00Z",
        "created_by": "me",
        "password_hash": "x",
        "active": True,
    }
    for name, value in owned.items():
        body = {"email": f"{uuid4()}@example.com", "name": "x", name: value}
        answer = door.admin.post("/users", json=body)
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"] == f"/{name}"

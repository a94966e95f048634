"""Keys of partners and of programs: what they open, for how long, and that their secret is nowhere."""

import time
from uuid import uuid4

from sqlalchemy import select, update

from chassis.context import Context
from gateway.identity.keys.model import ApiKey
from tests.gateway.stage import House


def partner(house: House) -> str:
    made = house.admin.post("/partners", json={"name": f"Đối tác {uuid4()}"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_a_key_opens_the_door_in_either_header(house: House) -> None:
    program = house.key("leads:read")
    secret = program.headers["authorization"].removeprefix("Bearer ")
    assert secret.startswith("rk_")
    assert program.get("/mirror/x").status_code == 200
    assert house.visitor(**{"x-api-key": secret}).get("/mirror/x").status_code == 200


def test_the_secret_is_shown_once_and_kept_nowhere(house: House) -> None:
    key = {"idempotency-key": str(uuid4())}
    body = {"name": "once", "scopes": ["leads:read"]}
    first = house.admin.post("/keys", json=body, headers=key)
    again = house.admin.post("/keys", json=body, headers=key)
    secret = first.json()["secret"]
    assert again.headers["idempotency-replayed"] == "true"
    assert {**again.json(), "secret": secret} == first.json()
    assert "secret" not in again.json()
    path = f"/keys/{first.json()['id']}"
    for told in (
        house.admin.get(path).text,
        house.admin.get("/keys?limit=200").text,
        house.admin.get(f"{path}/history").text,
    ):
        assert secret not in told
    with house.node.read() as tx:
        row = tx.execute(select(ApiKey.__mapper__.local_table).where(ApiKey.id == first.json()["id"])).one()
    assert secret not in str(row)
    assert secret[12:] not in str(row)


def test_a_wrong_secret_with_a_right_prefix_opens_nothing(house: House) -> None:
    secret = house.key("leads:read").headers["authorization"].removeprefix("Bearer ")
    for wrong in (secret[:-1] + ("a" if secret[-1] != "a" else "b"), secret[:12] + "a" * 43, secret[:-1], secret + "a"):
        assert house.visitor(authorization=f"Bearer {wrong}").get("/mirror").status_code == 401


def test_after_rotation_both_secrets_are_good_for_a_while(house: House) -> None:
    program = house.key("leads:read")
    renewed = house.admin.post(f"/keys/{program.id}/rotate")
    assert renewed.status_code == 200
    new = house.visitor(authorization=f"Bearer {renewed.json()['secret']}")
    assert (program.get("/mirror").status_code, new.get("/mirror").status_code) == (200, 200)
    assert renewed.json()["former_until"] is not None
    house.admin.post(f"/keys/{program.id}/rotate")
    assert program.get("/mirror").status_code == 401
    assert new.get("/mirror").status_code == 200


def test_rotation_without_overlap_ends_the_old_secret_at_once(house: House) -> None:
    program = house.key("leads:read")
    assert program.get("/mirror").status_code == 200
    house.admin.post(f"/keys/{program.id}/rotate", json={"overlap_hours": 0})
    assert program.get("/mirror").status_code == 401


def test_a_revoked_key_is_out_within_a_second(house: House) -> None:
    program = house.key("leads:read")
    assert program.get("/mirror").status_code == 200
    assert house.admin.post(f"/keys/{program.id}/revoke").json()["revoked_at"] is not None
    assert program.get("/mirror").status_code == 401
    assert house.admin.post(f"/keys/{program.id}/revoke").status_code == 200
    assert house.admin.post(f"/keys/{program.id}/rotate").json()["code"] == "key_revoked"


def test_what_another_gateway_changes_counts_within_a_second(house: House) -> None:
    program = house.key("leads:read")
    assert program.get("/mirror").status_code == 200
    with house.node.begin(Context.fresh("test")) as tx:  # past the objects whose changes this process notices
        tx.execute(update(ApiKey).where(ApiKey.id == program.id).values(revoked_at=ApiKey.created_at))
    began = time.monotonic()
    while program.get("/mirror").status_code == 200:
        assert time.monotonic() - began < 1.0


def test_a_key_ends_when_it_was_said_to(house: House) -> None:
    assert house.key("leads:read", expires_at="2020-01-01T00:00:00Z").get("/mirror").status_code == 401
    assert house.key("leads:read", expires_at="2090-01-01T00:00:00Z").get("/mirror").status_code == 200


def test_a_partners_keys_go_with_the_partner(house: House) -> None:
    company = partner(house)
    program = house.key("leads:push", partner_id=company)
    assert program.get("/mirror").status_code == 200
    house.admin.patch(f"/partners/{company}", json={"active": False})
    assert program.get("/mirror").status_code == 401
    house.admin.patch(f"/partners/{company}", json={"active": True})
    assert program.get("/mirror").status_code == 200
    house.admin.delete(f"/partners/{company}")
    assert program.get("/mirror").status_code == 401
    house.admin.post(f"/partners/{company}/restore")
    assert program.get("/mirror").status_code == 200
    types = [event.type for event in house.announced(f"partner:{company}")]
    assert types == ["gateway.partner.created.v1"] + ["gateway.partner.updated.v1"] * 4


def test_a_partner_may_only_push(house: House) -> None:
    company = partner(house)
    for scope in ("events:read", "leads:read", "users:read"):
        body = {"name": "x", "scopes": ["leads:push", scope], "partner_id": company}
        answer = house.admin.post("/keys", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/scopes/1"
    key = house.key("leads:push", partner_id=company)
    assert house.admin.patch(f"/keys/{key.id}", json={"scopes": ["events:read"]}).status_code == 422
    assert (
        house.admin.post("/keys", json={"name": "x", "scopes": ["leads:push"], "partner_id": str(uuid4())}).status_code
        == 422
    )


def test_a_key_without_the_scope_reads_nothing_of_ours(house: House) -> None:
    assert house.key("leads:push").get("/users").status_code == 403
    assert house.key("users:read").get("/users").status_code == 403

"""You can follow any lead from the push on: every event, reaction and delivery of it, counted against the databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from sqlalchemy import create_engine, text

from deploy.installation import SERVICES
from tests.installation import Installation, eventually, installation, partner_key


@pytest.fixture(scope="module")
def relata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation("embedded", tmp_path_factory.mktemp("journeys"), outside_allow_private="1") as running:
        yield running


@pytest.fixture(scope="module")
def admin(relata: Installation) -> Iterator[httpx.Client]:
    with relata.sign_in() as client:
        yield client


@pytest.fixture(scope="module")
def partner(relata: Installation, admin: httpx.Client) -> Iterator[httpx.Client]:
    with relata.client(authorization=f"Bearer {partner_key(admin)}") as client:
        yield client


def look(relata: Installation, service: str, sql: str) -> list[Any]:
    """What stands in a service's database, read past the product."""
    url = relata.environment["RELATA_DATABASE_URL"].replace("{service}", service)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(sql)))
    finally:
        engine.dispose()


def outboxes(relata: Installation) -> list[dict[str, Any]]:
    """Every event that any service has announced."""
    names = [service.name for service in SERVICES]
    return [orjson.loads(row.envelope) for name in names for row in look(relata, name, "SELECT envelope FROM outbox")]


def inboxes(relata: Installation) -> set[tuple[str, str]]:
    """Every reaction to every event that is done."""
    found = set()
    for service in SERVICES:
        for row in look(relata, service.name, "SELECT event_id, reaction FROM inbox WHERE state = 'done'"):
            found.add((str(uuid_of(row.event_id)), row.reaction))
    return found


def uuid_of(value: Any) -> str:
    plain = str(value).replace("-", "")
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def push(partner: httpx.Client, request_id: str, **fields: Any) -> str:
    body = {"external_id": uuid4().hex, "name": "Đặng Thị Ánh", "phone": f"091{uuid4().int % 10**7:07d}"} | fields
    answer = partner.post("/partner/leads", json=body, headers={"X-Request-Id": request_id})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["submission_id"])


def journey(client: httpx.Client, path: str, **query: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The whole of it, page by page."""
    steps: list[dict[str, Any]] = []
    while True:
        answer = client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        steps += page["items"]
        if page["next_cursor"] is None:
            return steps, page["parts"]
        query["cursor"] = page["next_cursor"]


def finished(client: httpx.Client, path: str, **query: Any) -> Any:
    """The journey once nothing of it is on its way any more."""

    def look() -> Any:
        if client.get(path, params=query).status_code != 200:
            return None
        steps, parts = journey(client, path, **query)
        still = [step for step in steps if step["state"] not in ("told", "done", "delivered")]
        verdict = any(step["name"] == "channels.record_verdicts" for step in steps)
        return (steps, parts) if not still and verdict else None

    return eventually(look, within=30)


def test_a_pushed_lead_s_journey_is_complete(relata: Installation, admin: httpx.Client, partner: httpx.Client) -> None:
    request_id = f"push-{uuid4().hex}"
    submission = push(partner, request_id)
    steps, parts = finished(admin, f"/journeys/{request_id}")
    assert set(parts.values()) == {"ok"}
    assert set(parts) == {service.name for service in SERVICES}
    done = [(step["kind"], step["name"]) for step in steps]
    for wanted in (
        ("event", "channels.submission.received.v1"),
        ("reaction", "sales.take_in_leads"),
        ("event", "sales.lead.created.v1"),
        ("reaction", "channels.record_verdicts"),
        ("reaction", "channels.append_to_feed"),
        ("reaction", "activities.keep_timeline"),
        ("reaction", "insight.keep_facts"),
    ):
        assert wanted in done
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert steps[0]["subject"] == f"submission:{submission}"
    told = {step["event_id"] for step in steps if step["kind"] == "event"}
    mine = [wire for wire in outboxes(relata) if wire["correlationid"] == request_id]
    assert told == {wire["id"] for wire in mine}
    causes = {wire.get("causationid") for wire in mine} - {None}
    assert causes <= told
    reacted = {(step["event_id"], step["name"]) for step in steps if step["kind"] == "reaction"}
    assert reacted == {pair for pair in inboxes(relata) if pair[0] in told}


def test_what_people_do_later_belongs_to_the_journey_of_the_lead(
    relata: Installation, admin: httpx.Client, partner: httpx.Client
) -> None:
    request_id = f"push-{uuid4().hex}"
    submission = push(partner, request_id)
    finished(admin, f"/journeys/{request_id}")
    lead_id = partner.get(f"/partner/leads/{submission}").json()["lead_id"]
    assert admin.post(f"/leads/{lead_id}/contact").status_code == 200
    ref = f"lead:{lead_id}"
    eventually(lambda: admin.get("/timeline", params={"regarding": ref}).status_code == 200)
    note = {"kind": "note", "subject": "Khách muốn xem máy", "regarding": ref}
    assert admin.post("/activities", json=note).status_code == 201

    def all_there() -> Any:
        steps, _ = finished(admin, "/journeys", regarding=ref, limit=2)
        names = {step["name"] for step in steps}
        return steps if {"sales.lead.contacted.v1", "activities.activity.created.v1"} <= names else None

    steps = eventually(all_there, within=30)
    told = {step["event_id"] for step in steps if step["kind"] == "event"}
    mine = [
        wire for wire in outboxes(relata) if lead_id in orjson.dumps(wire).decode() or submission in wire["subject"]
    ]
    assert told == {wire["id"] for wire in mine}
    assert len({step["correlation_id"] for step in steps if step["kind"] == "event"}) == 3
    assert len([step for step in steps if step["kind"] == "event"]) == len(told)
    timeline = admin.get("/timeline", params={"regarding": ref}, headers={"Accept-Language": "vi"}).json()["items"]
    assert timeline[0]["what"] == "Ghi chú: Khách muốn xem máy"
    assert {item["id"] for item in timeline} == told


def test_deliveries_belong_to_the_journey(admin: httpx.Client, partner: httpx.Client) -> None:
    hook = admin.post("/webhooks", json={"url": "http://127.0.0.1:9/hook", "events": ["sales.lead.created.v1"]})
    assert hook.status_code == 201, hook.text
    request_id = f"push-{uuid4().hex}"
    push(partner, request_id)

    def delivered() -> Any:
        if admin.get(f"/journeys/{request_id}").status_code != 200:
            return None
        steps, _ = journey(admin, f"/journeys/{request_id}")
        return [step for step in steps if step["kind"] == "delivery" and step["attempts"]]

    (delivery,) = eventually(delivered, within=30)
    assert delivery["service"] == "channels"
    assert delivery["receiver"] == f"webhook:{hook.json()['id']}"
    admin.delete(f"/webhooks/{hook.json()['id']}")


def test_every_one_of_many_leads_can_be_followed(
    relata: Installation, admin: httpx.Client, partner: httpx.Client
) -> None:
    pushed = [f"push-{uuid4().hex}" for _ in range(20)]
    for request_id in pushed:
        push(partner, request_id)
    told: set[str] = set()
    for request_id in pushed:
        steps, _ = finished(admin, f"/journeys/{request_id}")
        told |= {step["event_id"] for step in steps if step["kind"] == "event"}
    assert told == {wire["id"] for wire in outboxes(relata) if wire["correlationid"] in pushed}


def test_journeys_are_for_operators_and_say_nothing_of_people(
    relata: Installation, admin: httpx.Client, partner: httpx.Client
) -> None:
    request_id, word = f"push-{uuid4().hex}", uuid4().hex
    push(partner, request_id, name=f"Khách {word}", note=word)
    finished(admin, f"/journeys/{request_id}")
    for role, status in (("operator", 200), ("director", 403), ("salesperson", 403)):
        email = f"{uuid4().hex}@vidu.example"
        body = {"email": email, "name": "Lê An", "password": "mật-khẩu-đủ-dài-1", "role_ids": [role]}
        assert admin.post("/users", json=body).status_code == 201
        with relata.sign_in(email, "mật-khẩu-đủ-dài-1") as client:
            for path in (f"/journeys/{request_id}", f"/events/journey?correlation_id={request_id}"):
                answer = client.get(path)
                assert answer.status_code == status, path
                assert word not in answer.text
    assert admin.get(f"/journeys/{uuid4().hex}").status_code == 404
    assert admin.get("/journeys").status_code == 422
    assert admin.get("/events/journey").status_code == 422
    # What services say of themselves is not to be had from outside.
    assert httpx.post(f"{relata.url}/trail", json={"events": []}).status_code == 404
    assert admin.post("/trail", json={"events": []}).status_code == 404

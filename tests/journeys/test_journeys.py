"""You can follow any lead from the push on: every event, reaction and delivery of it, counted against the databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.deliver import deliver, run_due
from chassis.ids import new_id
from chassis.relay import Relay
from chassis.transport import MemoryTransport
from deploy.installation import all_services
from tests.channels.stage import ADMINISTRATOR
from tests.customers import Customer, Tellers
from tests.journeys.stage import DIRECTOR, OPERATOR, Stage, open_stage

WAY_OF_A_PUSHED_LEAD = [
    ("event", "channels", "channels.submission.received.v1"),
    ("reaction", "sales", "sales.take_in_leads"),
    ("reaction", "channels", "channels.append_to_feed"),
    ("event", "sales", "sales.lead.created.v1"),
    ("reaction", "channels", "channels.record_verdicts"),
    ("reaction", "activities", "activities.keep_timeline"),
    ("reaction", "insight", "insight.keep_facts"),
]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with open_stage(tmp_path) as opened:
        yield opened


def events_of(steps: list[dict[str, Any]]) -> set[str]:
    return {step["event_id"] for step in steps if step["kind"] == "event"}


def test_a_pushed_lead_s_journey_is_complete_and_in_order(stage: Stage) -> None:
    submission = stage.push("push-1")
    stage.push("push-2", phone="0987654321")
    stage.settle()
    steps, parts = stage.journey("/flow/journeys/push-1")
    assert parts == {service.name: "ok" for service in all_services()}
    assert steps[0]["subject"] == f"submission:{submission}"
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    done = [(step["kind"], step["service"], step["name"]) for step in steps]
    assert [each for each in WAY_OF_A_PUSHED_LEAD if each not in done] == []
    assert {step["state"] for step in steps} == {"told", "done"}
    mine = [wire for wire in stage.announced() if wire["correlationid"] == "push-1"]
    assert events_of(steps) == {wire["id"] for wire in mine}
    assert {wire.get("causationid") for wire in mine} - {None} <= events_of(steps)
    reacted = {(step["event_id"], step["name"]) for step in steps if step["kind"] == "reaction"}
    assert reacted == {pair for pair in stage.done() if pair[0] in events_of(steps)}


def test_all_that_was_announced_is_found_in_somebody_s_journey(stage: Stage) -> None:
    pushed = [f"push-{number}" for number in range(10)]
    for number, request_id in enumerate(pushed):
        stage.push(request_id, phone=f"09123400{number // 2:02d}")  # every second one is the same person again
    stage.settle()
    found: set[str] = set()
    for request_id in pushed:
        found |= events_of(stage.journey(f"/flow/journeys/{request_id}", limit=1)[0])
    assert found == {wire["id"] for wire in stage.announced()}


def test_what_people_do_later_belongs_to_the_journey_of_the_lead(stage: Stage) -> None:
    submission = stage.push("push-1")
    stage.settle()
    (lead_id,) = [wire["data"]["lead"]["id"] for wire in stage.announced() if "lead.created" in wire["type"]]
    contacted = stage.clients["sales"].as_(DIRECTOR).post(f"/leads/{lead_id}/contact")
    assert contacted.status_code == 200, contacted.text
    note = {"kind": "note", "subject": "Khách muốn xem máy", "regarding": f"lead:{lead_id}"}
    noted = stage.clients["activities"].as_(DIRECTOR).post("/activities", json=note)
    assert noted.status_code == 201, noted.text
    stage.settle()
    steps, _ = stage.journey("/flow/journey", regarding=f"lead:{lead_id}", limit=1)
    assert events_of(steps) == {wire["id"] for wire in stage.announced()}
    assert len({step["correlation_id"] for step in steps if step["kind"] == "event"}) == 3
    assert events_of(stage.journey("/flow/journey", regarding=f"submission:{submission}")[0]) == events_of(steps)
    client = stage.clients["activities"].as_(DIRECTOR, **{"Accept-Language": "vi"})
    timeline = client.get("/timeline", params={"regarding": f"lead:{lead_id}"}).json()["items"]
    assert timeline[0]["what"] == "Ghi chú: Khách muốn xem máy"
    assert {item["id"] for item in timeline} == events_of(steps)


def test_a_journey_goes_from_the_push_to_the_payment_and_leaves_out_the_customer_s_others(stage: Stage) -> None:
    tellers = Tellers()
    customer, other = Customer(tellers), Customer(tellers)
    other.account_id = customer.account_id
    customer.goes_all_the_way()
    first = list(tellers.told)
    other.comes_in()
    other.qualifies()
    other.orders()
    deliver(stage.nodes["channels"], list(reversed(tellers.told)))
    for ref in (f"lead:{customer.lead_id}", f"invoice:{customer.invoice_id}"):
        steps, _ = stage.journey("/flow/journey", regarding=ref, limit=5)
        assert events_of(steps) == {envelope.id for envelope in first}


def test_what_has_not_left_or_not_arrived_is_shown(stage: Stage) -> None:
    stage.push("push-1")
    (step,) = stage.journey("/flow/journeys/push-1")[0]
    assert (step["kind"], step["state"], step["name"]) == ("event", "unsent", "channels.submission.received.v1")
    # Sent to channels alone: what sales has to do with it is a gap, and is said.
    channels = stage.nodes["channels"]
    Relay(channels, MemoryTransport([channels])).step()
    while run_due(channels):
        pass
    steps, _ = stage.journey("/flow/journeys/push-1")
    states = {step["name"]: step["state"] for step in steps}
    assert states["channels.append_to_feed"] == "done"
    assert states["sales.take_in_leads"] == states["activities.keep_timeline"] == "missing"


def test_deliveries_belong_to_the_journey(stage: Stage) -> None:
    body = {"url": "http://127.0.0.1:9/hook", "events": ["sales.lead.created.v1"]}
    hook = stage.clients["channels"].as_(ADMINISTRATOR).post("/webhooks", json=body)
    assert hook.status_code == 201, hook.text
    stage.push("push-1")
    stage.settle()
    steps, _ = stage.journey("/flow/journeys/push-1")
    (delivery,) = [step for step in steps if step["kind"] == "delivery"]
    assert (delivery["service"], delivery["state"]) == ("channels", "pending")
    assert delivery["receiver"] == f"webhook:{hook.json()['id']}"
    assert delivery["event_id"] in events_of(steps)


@pytest.mark.parametrize("name", ["sales", "activities", "channels"])
def test_a_service_that_does_not_answer_is_named(stage: Stage, name: str) -> None:
    stage.push("push-1")
    stage.settle()
    stage.clients["gateway"].as_(OPERATOR).get("/flow/journeys/push-1")  # names are known from better days
    stage.away.add(name)
    steps, parts = stage.journey("/flow/journeys/push-1")
    assert parts[name] == "unavailable"
    assert {part for part, state in parts.items() if state == "unavailable"} - {"feed"} == {name}
    assert ("feed" in parts) == (name == "channels")
    if name != "channels":
        assert {step["service"] for step in steps if step["kind"] == "reaction"} == {
            "channels",
            "sales",
            "activities",
            "insight",
        } - {name}


def test_journeys_are_for_operators_and_say_nothing_of_people(stage: Stage) -> None:
    word = f"tu{new_id()[-12:]}"
    stage.push("push-1", name=f"Khách {word}", note=word)
    stage.settle()
    for caller, status in ((OPERATOR, 200), (ADMINISTRATOR, 200), (DIRECTOR, 403), (_salesperson(), 403)):
        told = ("channels", "/events/journey?correlation_id=push-1")
        for service, path in (("gateway", "/flow/journeys/push-1"), ("gateway", "/flow/journeys"), told):
            answer = stage.clients[service].as_(caller).get(path)
            assert answer.status_code == status, path
            assert word not in answer.text
        trail = stage.clients["sales"].as_(caller).post("//trail", json={"events": []})
        assert trail.status_code == status
    client = stage.clients["gateway"].as_(OPERATOR)
    assert client.get(f"/flow/journeys/{new_id()}").status_code == 404
    assert client.get("/flow/journey").status_code == 422
    assert stage.clients["channels"].as_(OPERATOR).get("/events/journey").status_code == 422
    assert stage.clients["sales"].as_(OPERATOR).post("//trail", json={"events": 1}).status_code == 400
    assert stage.clients["sales"].as_(None).post("//trail", json={"events": []}).status_code == 401


def _salesperson() -> Caller:
    return Caller(kind="user", id=new_id(), roles=frozenset({"salesperson"}))

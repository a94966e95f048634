"""Nothing lost, nothing doubled, and you can watch it: what operators see of all services, and what they do to it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import func, select, update

from chassis.caller import Caller
from chassis.clock import utcnow
from chassis.deliveries import DeliveryState, deliveries
from chassis.ids import new_id
from chassis.inbox import State, inbox, undecodable
from chassis.outbox import outbox
from deploy.installation import all_services
from tests.channels.stage import ADMINISTRATOR, SALESPERSON
from tests.installation import eventually
from tests.journeys.stage import DIRECTOR, OPERATOR, PARTNER, Stage, open_stage

NAME, PHONE = "Đặng Thị Bí Mật", "0912999888"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("flow")) as opened:
        assert look(opened, "/flow").status_code == 200  # names are known from good days
        yield opened


def look(stage: Stage, path: str, caller: Caller = OPERATOR, **query: Any) -> httpx.Response:
    return stage.clients["gateway"].as_(caller).get(path, params=query)


def told(stage: Stage, path: str, caller: Caller = OPERATOR, **query: Any) -> Any:
    answer = look(stage, path, caller, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def settle(stage: Stage, item: dict[str, Any], verb: str, caller: Caller = OPERATOR, **body: Any) -> httpx.Response:
    client = stage.clients["gateway"].as_(caller)
    return client.post(f"/flow/parked/{item['service']}/{item['id']}/{verb}", json=body)


def standing(stage: Stage, service: str) -> Any:
    """How this service stands, once it has answered in time."""

    def found() -> Any:
        services = told(stage, "/flow")["services"]
        return next((each for each in services if each["service"] == service and each["state"] == "up"), None)

    return eventually(found, within=60)


@dataclass
class Poisoned:
    """A push whose event sales cannot read, and what it should have been."""

    stage: Stage
    correlation: str
    good: str

    @property
    def item(self) -> dict[str, Any]:
        """How it is listed."""
        items = told(self.stage, "/flow/parked", reaction="sales.take_in_leads", limit=200)["items"]
        return next(each for each in items if each["id"].split(":")[1] == orjson.loads(self.good)["id"])

    def mend(self) -> None:
        """What a corrected version of the code would do."""
        with self.stage.nodes["sales"].db.begin() as tx:
            here = (inbox.c.event_id == orjson.loads(self.good)["id"]) & (inbox.c.reaction == "sales.take_in_leads")
            tx.execute(update(inbox).where(here).values(envelope=self.good))

    def leads(self) -> int:
        """How often it took effect."""
        return sum(self.correlation in body and ".lead.created." in body for body in _announced(self.stage))


def _announced(stage: Stage) -> list[str]:
    with stage.nodes["sales"].read() as tx:
        return list(tx.scalars(select(outbox.c.envelope)))


def _cursor(places: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(places)).decode().rstrip("=")


def poison(stage: Stage) -> Poisoned:
    correlation = f"push-{new_id()[-12:]}"
    stage.push(correlation, name=NAME, phone=PHONE, note=NAME)
    with stage.nodes["channels"].db.begin() as tx:
        position, good = tx.execute(
            select(outbox.c.position, outbox.c.envelope).where(outbox.c.sent_at.is_(None))
        ).one()
        wire = orjson.loads(good)
        wire["data"]["submission"]["received_at"] = "never"
        bad = orjson.dumps(wire).decode()
        tx.execute(update(outbox).where(outbox.c.position == position).values(envelope=bad))
    stage.settle()
    return Poisoned(stage, correlation, good)


def test_a_reaction_that_parks_is_listed_and_replayed_and_takes_effect_once(stage: Stage) -> None:
    poisoned = poison(stage)
    item = poisoned.item
    assert (item["service"], item["kind"], item["reaction"]) == ("sales", "inbox", "sales.take_in_leads")
    assert "received_at" in item["reason"]
    sales = standing(stage, "sales")
    line = next(each for each in sales["reactions"] if each["name"] == "sales.take_in_leads")
    assert line["parked"] >= 1
    journeys = told(stage, "/flow/journeys")["items"]
    assert [each["state"] for each in journeys if each["correlation_id"] == poisoned.correlation] == ["stuck"]

    poisoned.mend()
    first, second = (settle(stage, item, "replay").json() for _ in range(2))
    assert (first["changed"], second["changed"], second["state"]) == (True, False, "pending")
    stage.settle()
    assert settle(stage, item, "replay").json() == {**second, "state": "done"}
    stage.settle()
    assert poisoned.leads() == 1
    assert settle(stage, item, "drop", reason="too late").status_code == 409
    assert look(stage, f"/flow/parked/sales/{item['id']}").status_code == 404
    journeys = told(stage, "/flow/journeys")["items"]
    assert [each["state"] for each in journeys if each["correlation_id"] == poisoned.correlation] == ["complete"]
    acts = told(stage, "/flow/acts", ref=item["id"])["items"]
    assert [act["outcome"] for act in acts] == ["refused", "unchanged", "unchanged", "done"]
    assert {act["actor"] for act in acts} == {OPERATOR.actor}


def test_what_is_dropped_has_no_effect_and_its_reason_is_kept(stage: Stage) -> None:
    poisoned = poison(stage)
    item = poisoned.item
    assert settle(stage, item, "drop").status_code == 422
    assert settle(stage, item, "drop", reason=" \t ").status_code == 422
    done = [settle(stage, item, "drop", reason="A test of the partner's").json() for _ in range(2)]
    assert [(each["state"], each["changed"]) for each in done] == [("dropped", True), ("dropped", False)]
    assert settle(stage, item, "replay").status_code == 409
    stage.settle()
    assert poisoned.leads() == 0
    act = told(stage, "/flow/acts", ref=item["id"], sort="at")["items"][0]
    assert (act["verb"], act["reason"], act["outcome"]) == ("drop", "A test of the partner's", "done")
    with stage.nodes["sales"].read() as tx:
        row = tx.execute(select(inbox).where(inbox.c.state == State.DROPPED)).first()
    assert row is not None and OPERATOR.actor in row.reason and "A test of the partner's" in row.reason


def test_an_operator_sees_no_personal_datum_and_an_administrator_does(stage: Stage) -> None:
    poisoned = poison(stage)
    item = poisoned.item
    path = f"/flow/parked/sales/{item['id']}"
    shown = told(stage, path)
    assert shown["body"]["id"] == orjson.loads(poisoned.good)["id"]
    paths = (path, "/flow/parked", "/flow", "/flow/journeys", f"/flow/journeys/{poisoned.correlation}")
    everything = [look(stage, each).text for each in paths]
    everything.append(stage.clients["channels"].as_(OPERATOR).get("/events/latest").text)
    everything.append(stage.clients["sales"].as_(OPERATOR).get(f"//{path.strip('/').replace('sales/', '')}").text)
    for text in everything:
        assert "Bí Mật" not in text and "912999888" not in text
    assert NAME in look(stage, path, ADMINISTRATOR).text
    settle(stage, item, "drop", reason="done with")


def test_a_call_that_was_refused_is_listed_without_what_it_says_and_sent_again(stage: Stage) -> None:
    body = {"url": "http://127.0.0.1:9/hook", "events": ["sales.lead.created.v1"]}
    hook = stage.clients["channels"].as_(ADMINISTRATOR).post("/webhooks", json=body).json()["id"]
    stage.push(f"push-{new_id()[-12:]}", name=NAME, phone="0912111222")
    stage.settle()
    with stage.nodes["channels"].db.begin() as tx:
        gone = {"state": DeliveryState.PARKED, "next_attempt_at": None, "reason": f"400: we do not know: {NAME}"}
        tx.execute(update(deliveries).where(deliveries.c.receiver == f"webhook:{hook}").values(**gone))
    (item,) = told(stage, "/flow/parked", kind="delivery", service="channels")["items"]
    assert item["receiver"] == f"webhook:{hook}"
    assert item["reason"] == "400: we do not know: •••"
    assert "Bí Mật" not in look(stage, f"/flow/parked/channels/{item['id']}").text
    assert settle(stage, item, "replay").json()["state"] == "pending"
    with stage.nodes["channels"].read() as tx:
        assert tx.scalar(select(func.count()).where(deliveries.c.state == DeliveryState.PENDING)) == 1
    channels = standing(stage, "channels")
    assert channels["deliveries"]["due"] == 1


def test_the_list_is_read_page_by_page_across_services_and_leaves_nothing_out(stage: Stage) -> None:
    poisoned = [poison(stage) for _ in range(5)]
    letter = {"body": f"hello {NAME}", "reason": f"not JSON: {NAME}", "received_at": utcnow()}
    with stage.nodes["insight"].db.begin() as tx:
        tx.execute(undecodable.insert(), [{"id": new_id(), **letter} for _ in range(3)])
    assert "Bí Mật" not in look(stage, "/flow/parked", kind="undecodable").text
    whole = [(each["service"], each["id"]) for each in told(stage, "/flow/parked", limit=200)["items"]]
    assert len({service for service, _ in whole}) > 1
    found, cursor = [], None
    while True:
        page = told(stage, "/flow/parked", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [(each["service"], each["id"]) for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(found) == sorted(whole) and len(found) == len(set(found))
    forged = {"sales": {"since": "2026", "kind": "inbox", "ties": [1]}}
    for each in ("x", "e30", _cursor({"sales": 1}), _cursor(forged)):
        assert look(stage, "/flow/parked", cursor=each).status_code in (200, 422)
    assert look(stage, "/flow/parked", service="nobody").status_code == 422
    assert look(stage, "/flow/parked/nobody/in:x").status_code == 404
    assert look(stage, "/flow/parked/sales/in:x").status_code == 404
    for one in poisoned:
        settle(stage, one.item, "drop", reason="done with")


def test_flow_is_for_operators_and_administrators(stage: Stage) -> None:
    item = poison(stage).item
    path = f"/flow/parked/sales/{item['id']}"
    reads = ("/flow", "/flow/parked", path, "/flow/acts", "/flow/journeys", "/flow/tour")
    for caller in (SALESPERSON, DIRECTOR, PARTNER):
        assert {look(stage, each, caller).status_code for each in reads} == {403}
        assert settle(stage, item, "replay", caller).status_code == 403
        assert settle(stage, item, "drop", caller, reason="because").status_code == 403
        # Each service checks for itself who asks.
        assert stage.clients["sales"].as_(caller).get("//flow").status_code == 403
        assert stage.clients["sales"].as_(caller).post("//flow/parked", json={}).status_code == 403
    assert stage.clients["sales"].as_(None).get("//flow").status_code == 401
    assert told(stage, "/flow/tour")["state"] == "unavailable"
    settle(stage, item, "drop", reason="done with")


def test_a_service_that_is_down_is_shown_as_down_and_breaks_nothing(stage: Stage) -> None:
    item = poison(stage).item
    stage.away.add("sales")
    try:
        expected = {each.name: "down" if each.name == "sales" else "up" for each in all_services()}

        def states() -> bool:
            return {each["service"]: each["state"] for each in told(stage, "/flow")["services"]} == expected

        assert eventually(states, within=60)
        assert told(stage, "/flow/parked")["parts"]["sales"] == "unavailable"
        assert told(stage, "/flow/journeys")["parts"]["sales"] == "unavailable"
        answer = settle(stage, item, "replay")
        assert answer.status_code == 503 and "retry-after" in answer.headers
    finally:
        stage.away.clear()
    assert told(stage, "/flow/acts", ref=item["id"])["items"][0]["outcome"] == "unknown"
    settle(stage, item, "drop", reason="done with")


def test_the_latest_events_are_told_and_followed_by_their_cursor(stage: Stage) -> None:
    client = stage.clients["channels"].as_(OPERATOR)
    first = client.get("/events/latest", params={"limit": 1}).json()
    stage.push("push-followed", phone="0912333444")
    stage.settle()
    news = client.get("/events/latest", params={"after": first["next_cursor"]}).json()
    assert {each["correlation_id"] for each in news["items"]} == {"push-followed"}
    assert client.get("/events/latest", params={"after": "x"}).status_code == 422
    assert stage.clients["channels"].as_(SALESPERSON).get("/events/latest").status_code == 403

"""Other systems hear of the events they asked for: from the event to a receiver that checks the signature."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Judge
from standardwebhooks.webhooks import WebhookVerificationError

from chassis.courier import courier
from chassis.deliver import deliver
from chassis.event import Envelope
from chassis.ids import new_id
from events.gateway import UserCreated, UserState
from events.sales import IntakeRejected, LeadContacted, LeadCreated
from services.channels.webhooks.model import wants
from tests.channels.stage import ADMINISTRATOR, OPERATOR, Channels, lead_state, open_channels, partner, told
from tests.chassis.engines import ENGINES
from tests.chassis.receiver import Heard, Receiver, Reply, open_receiver
from tests.installation import eventually


@pytest.fixture(scope="module", params=ENGINES)
def channels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channels]:
    """With a courier beside it, and a schedule of days pressed into seconds."""
    folder = tmp_path_factory.mktemp("webhooks")
    with open_channels(request.param, folder, outside_allow_private=True, retry_scale=0.001) as opened:
        stop = threading.Event()
        running = threading.Thread(target=courier, args=(opened.node, stop))
        running.start()
        yield opened
        stop.set()
        running.join(30)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


@contextmanager
def listening(channels: Channels, receiver: Receiver, **fields: Any) -> Iterator[dict[str, Any]]:
    """A webhook for as long as the block lasts, so that tests do not hear each other."""
    client = channels.as_(ADMINISTRATOR)
    body = {"url": f"{receiver.url}/{new_id()}", "events": ["sales.*"], **fields}
    made = client.post("/webhooks", json=body)
    assert made.status_code == 201, made.text
    try:
        yield made.json()
    finally:
        client.delete(f"/webhooks/{made.json()['id']}")


def rejected() -> Envelope:
    return told(IntakeRejected(submission_id=new_id(), reason="unreachable"))


def attempts(channels: Channels, webhook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = channels.as_(ADMINISTRATOR).get(f"/webhooks/{webhook['id']}/attempts{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_an_event_arrives_signed_as_standard_webhooks_wants_it(channels: Channels, receiver: Receiver) -> None:
    with listening(channels, receiver) as webhook:
        event = rejected()
        deliver(channels.node, [event])
        (heard,) = eventually(lambda: receiver.heard)
        assert Judge(webhook["secret"]).verify(heard.body, heard.headers) == orjson.loads(event.body)
        assert heard.webhook_id == event.id
        assert heard.headers["content-type"] == "application/json"
        with pytest.raises(WebhookVerificationError):
            Judge(webhook["secret"]).verify(heard.body + b" ", heard.headers)
        (sent,) = eventually(lambda: [one for one in attempts(channels, webhook) if one["state"] == "delivered"])
        assert (sent["event_id"], sent["event_type"]) == (event.id, "sales.intake.rejected.v1")
        assert [(each["outcome"], each["status"]) for each in sent["attempts"]] == [("delivered", 200)]


def test_only_what_was_asked_for_is_sent(channels: Channels, receiver: Receiver) -> None:
    lead_id = new_id()
    with listening(channels, receiver, events=["sales.lead.contacted.v1", "gateway.*"]):
        user = UserState(id=new_id(), name="A", email="a@example.com")
        events = [
            told(LeadCreated(lead=lead_state(lead_id))),
            told(LeadContacted(lead=lead_state(lead_id)), sequence=2),
            told(UserCreated(user=user), source="relata/gateway"),
        ]
        deliver(channels.node, events)
        eventually(lambda: len(receiver.heard) >= 2)
    assert {heard.webhook_id for heard in receiver.heard} == {events[1].id, events[2].id}


@pytest.mark.parametrize(
    ("patterns", "type", "is_wanted"),
    [
        (["*"], "sales.lead.created.v1", True),
        (["sales.*"], "sales.lead.created.v1", True),
        (["sales.*"], "salesforce.lead.created.v1", False),
        (["sales.lead.*"], "sales.intake.rejected.v1", False),
        (["sales.lead.created.v1"], "sales.lead.created.v1", True),
        (["sales.lead.created.v1"], "sales.lead.created.v12", False),
        (["gateway.*", "sales.lead.*"], "sales.lead.created.v1", True),
    ],
)
def test_a_pattern_ends_at_a_dot(patterns: list[str], type: str, is_wanted: bool) -> None:
    assert wants(patterns, type) == is_wanted


def test_a_receiver_in_trouble_hears_of_it_later_with_the_same_id(channels: Channels, receiver: Receiver) -> None:
    receiver.answer = lambda _heard: Reply(503) if len(receiver.heard) < 3 else Reply(200)
    with listening(channels, receiver) as webhook:
        event = rejected()
        deliver(channels.node, [event])
        eventually(lambda: [one for one in attempts(channels, webhook) if one["state"] == "delivered"], within=20)
        assert [heard.webhook_id for heard in receiver.heard] == [event.id] * 3
        (sent,) = attempts(channels, webhook)
        assert [each["status"] for each in sent["attempts"]] == [503, 503, 200]


def test_what_is_about_one_lead_arrives_in_order_where_that_was_asked_for(
    channels: Channels, receiver: Receiver
) -> None:
    lead_id = new_id()

    def trouble_at_first(heard: Heard) -> Reply:
        return Reply(500) if len(receiver.heard) == 1 else Reply(200)

    receiver.answer = trouble_at_first
    with listening(channels, receiver, order="per_subject"):
        events = [
            told(LeadCreated(lead=lead_state(lead_id)), sequence=1),
            told(LeadContacted(lead=lead_state(lead_id)), sequence=2),
        ]
        deliver(channels.node, events)
        eventually(lambda: len(receiver.heard) >= 3, within=20)
    assert [heard.webhook_id for heard in receiver.heard] == [events[0].id, events[0].id, events[1].id]


def test_a_receiver_that_is_gone_switches_its_webhook_off(channels: Channels, receiver: Receiver) -> None:
    receiver.answer = lambda _heard: Reply(410)
    client = channels.as_(ADMINISTRATOR)
    with listening(channels, receiver) as webhook:
        deliver(channels.node, [rejected()])
        path = f"/webhooks/{webhook['id']}"
        eventually(lambda: client.get(path).json()["active"] is False)
        assert "410" in client.get(path).json()["disabled_reason"]
        deliver(channels.node, [rejected()])
        assert len(attempts(channels, webhook)) == 1
        assert len(receiver.heard) == 1
        receiver.answer = lambda _heard: Reply(200)
        back = client.patch(path, json={"active": True}).json()
        assert (back["active"], back["disabled_reason"]) == (True, None)
        assert client.post(f"{path}/replay", json={"status": "parked"}).json() == {"replayed": 1}
        eventually(lambda: [one for one in attempts(channels, webhook) if one["state"] == "delivered"])


def test_a_test_event_can_be_fired(channels: Channels, receiver: Receiver) -> None:
    with listening(channels, receiver, events=["gateway.*"]) as webhook:
        answer = channels.as_(ADMINISTRATOR).post(f"/webhooks/{webhook['id']}/test")
        assert answer.status_code == 202
        (heard,) = eventually(lambda: receiver.heard)
        told_event = Judge(webhook["secret"]).verify(heard.body, heard.headers)
        assert told_event["type"] == "channels.webhook.tested.v1"
        assert [one["id"] for one in attempts(channels, webhook)] == [answer.json()["delivery_id"]]


def test_events_are_sent_again_one_or_a_span_or_all_at_one_status(channels: Channels, receiver: Receiver) -> None:
    client = channels.as_(ADMINISTRATOR)
    with listening(channels, receiver) as webhook:
        path, events = f"/webhooks/{webhook['id']}/replay", [rejected() for _ in range(3)]
        deliver(channels.node, events)
        eventually(lambda: len([one for one in attempts(channels, webhook) if one["state"] == "delivered"]) == 3)
        assert client.post(path, json={"event_id": events[1].id}).json() == {"replayed": 1}
        eventually(lambda: len(receiver.heard) == 4)
        assert receiver.heard[-1].webhook_id == events[1].id
        eventually(lambda: len([one for one in attempts(channels, webhook) if one["state"] == "delivered"]) == 3)
        span = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        assert client.post(path, json=span).json() == {"replayed": 3}
        eventually(lambda: len([one for one in attempts(channels, webhook) if len(one["attempts"]) >= 2]) == 3)
        assert client.post(path, json={"status": "parked"}).json() == {"replayed": 0}
        assert client.post(path, json={"to": "2020-01-01T00:00:00Z"}).json() == {"replayed": 0}
        assert client.post(path, json={}).status_code == 422
        assert client.post(path, json={"event_id": new_id()}).status_code == 404


def test_a_new_webhook_can_be_sent_an_event_from_before_its_time(channels: Channels, receiver: Receiver) -> None:
    event = rejected()
    deliver(channels.node, [event])
    with listening(channels, receiver) as webhook:
        answer = channels.as_(ADMINISTRATOR).post(f"/webhooks/{webhook['id']}/replay", json={"event_id": event.id})
        assert answer.json() == {"replayed": 1}
        (heard,) = eventually(lambda: receiver.heard)
        assert orjson.loads(heard.body) == orjson.loads(event.body)


def test_while_a_secret_is_changed_both_sign(channels: Channels, receiver: Receiver) -> None:
    with listening(channels, receiver) as webhook:
        rotated = channels.as_(ADMINISTRATOR).post(f"/webhooks/{webhook['id']}/rotate").json()
        assert rotated["secret"] != webhook["secret"]
        deliver(channels.node, [rejected()])
        (heard,) = eventually(lambda: receiver.heard)
        for secret in (webhook["secret"], rotated["secret"]):
            Judge(secret).verify(heard.body, heard.headers)


def test_a_secret_is_shown_once_and_stored_sealed(channels: Channels, receiver: Receiver) -> None:
    client = channels.as_(ADMINISTRATOR, **{"Idempotency-Key": new_id()})
    body = {"url": receiver.url, "events": ["gateway.*"]}
    first, again = client.post("/webhooks", json=body), client.post("/webhooks", json=body)
    secret, path = first.json()["secret"], f"/webhooks/{first.json()['id']}"
    assert secret.startswith("whsec_")
    assert (again.json()["id"], again.json().get("secret")) == (first.json()["id"], None)
    client = channels.as_(ADMINISTRATOR)
    assert "secret" not in client.get(path).json()
    assert secret not in client.get("/webhooks").text
    with channels.node.read() as tx:
        stored = tx.connection().exec_driver_sql("SELECT secret FROM webhooks").scalars().all()
    assert stored
    assert not any(secret in each or secret[6:] in each for each in stored)
    client.delete(path)


def test_the_log_of_attempts_is_paged(channels: Channels, receiver: Receiver) -> None:
    client = channels.as_(ADMINISTRATOR)
    with listening(channels, receiver) as webhook:
        events = [rejected() for _ in range(5)]
        deliver(channels.node, events)
        path = f"/webhooks/{webhook['id']}/attempts"
        first = client.get(f"{path}?limit=3").json()
        second = client.get(f"{path}?limit=3&cursor={first['next_cursor']}").json()
        assert [item["event_id"] for item in first["items"] + second["items"]] == [event.id for event in events[::-1]]
        assert second["next_cursor"] is None
        assert client.get(f"{path}?status=parked").json()["items"] == []
        assert client.get(f"{path}?cursor=x").status_code == 422


def test_a_webhook_is_changed_deleted_and_brought_back(channels: Channels, receiver: Receiver) -> None:
    client = channels.as_(ADMINISTRATOR)
    with listening(channels, receiver) as webhook:
        path = f"/webhooks/{webhook['id']}"
        changed = client.patch(path, json={"events": ["gateway.*"], "active": False})
        assert (changed.json()["events"], changed.json()["active"], changed.json()["version"]) == (
            ["gateway.*"],
            False,
            2,
        )
        assert client.patch(path, json={"url": None}).status_code == 422
        assert client.patch(path, json={"active": True}, headers={"If-Match": '"1"'}).status_code == 412
        changed_fields = {change["field"] for change in client.get(f"{path}/history").json()["items"]}
        assert changed_fields == {"events", "active"}
        client.post(f"{path}/rotate")
        assert "secret" not in client.get(f"{path}/history").text
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/restore").status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": "ftp://example.com/"}, "/url"),
        ({"url": "https://user:pass@example.com/"}, "/url"),
        ({"url": "no url"}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["sales*"]}, "/events/0"),
        ({"events": ["Sales.*"]}, "/events/0"),
        ({"order": "strict"}, "/order"),
        ({"secret": "mine"}, "/secret"),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(channels: Channels, fields: dict[str, Any], pointer: str) -> None:
    body = {"url": "https://example.com/hook", "events": ["sales.*"], **fields}
    answer = channels.as_(ADMINISTRATOR).post("/webhooks", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_only_administrators_see_webhooks(channels: Channels) -> None:
    for caller in (OPERATOR, partner()):
        client = channels.as_(caller)
        assert client.get("/webhooks").status_code == 403
        assert client.post("/webhooks", json={"url": "https://example.com/", "events": ["*"]}).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "http://example.com/",
    ],
)
def test_no_webhook_leads_into_our_own_network(tmp_path_factory: pytest.TempPathFactory, url: str) -> None:
    with open_channels("sqlite", tmp_path_factory.mktemp("strict")) as strict:
        client = strict.as_(ADMINISTRATOR)
        refused = client.post("/webhooks", json={"url": url, "events": ["*"]})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/url"
        made = client.post("/webhooks", json={"url": "https://example.com/hook", "events": ["*"]}).json()
        assert client.patch(f"/webhooks/{made['id']}", json={"url": url}).status_code == 422

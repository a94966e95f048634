"""What a seller who leaves has planned follows the records that it is about, and every right has its depth."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from chassis.clock import utcnow
from chassis.event import Envelope, decode, encode
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.testing import AppClient
from events.gateway import HandoverRequested, HandoverRevoked, HandoverShare, HandoverState
from events.handovers import HandoverProgress
from events.sales import HandoverAdvanced
from services.activities.handovers import actions
from tests.activities.stage import Stage, open_stage, reader
from tests.chassis.engines import ENGINES

BOSS = f"user:{new_id()}"


@pytest.fixture(scope="module", params=ENGINES)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(request.param, tmp_path_factory.mktemp("activities")) as opened:
        yield opened


def envelope(kind: str, subject: str, data: dict[str, Any], sequence: int = 1) -> Envelope:
    """An event on its way to activities."""
    made = Envelope(
        id=new_id(),
        source=f"relata/{kind.partition('.')[0]}",
        type=kind,
        subject=subject,
        sequence=sequence,
        time=utcnow(),
        data=data,
        correlation_id=new_id(),
        actor=BOSS,
    )
    return decode(encode(made))


def lead(stage: Stage, owner_id: str, team_id: str | None = None, lead_id: str | None = None, sequence: int = 1) -> str:
    """A lead that this person owns; its reference."""
    lead_id = lead_id or new_id()
    state = {"id": lead_id, "owner_id": owner_id, "team_id": team_id}
    stage.hears(envelope("sales.lead.assigned.v1", f"lead:{lead_id}", {"lead": state}, sequence))
    return f"lead:{lead_id}"


def plan(stage: Stage, owner_id: str, about: str, **fields: Any) -> str:
    """Something that this person is to do; its id."""
    body = {"kind": "task", "subject": "Gọi lại", "regarding": about, **fields}
    made = stage.client.as_(reader("all", owner_id)).post("/activities", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def owner(stage: Stage, activity_id: str) -> str:
    return str(stage.client.as_(reader("all")).get(f"/activities/{activity_id}").json()["owner_id"])


def asked(from_user_id: str, *to: str) -> HandoverState:
    """A handover to these people."""
    now = utcnow()
    return HandoverState(
        id=new_id(),
        from_user_id=from_user_id,
        shares=tuple(HandoverShare(to_user_id=each) for each in to),
        status="running",
        requested_by=BOSS,
        undo_until=now,
        created_at=now,
        updated_at=now,
        version=1,
    )


def requested(handover: HandoverState) -> Envelope:
    event = HandoverRequested(handover=handover)
    return envelope(event.type, event.subject, event.model_dump(mode="json"))


def sales_done(handover: HandoverState) -> Envelope:
    event = HandoverAdvanced(handover=HandoverProgress(id=handover.id, phase="moving", done=True, counts={}))
    return envelope(event.type, event.subject, event.model_dump(mode="json"))


def go_on(stage: Stage, handover: HandoverState) -> HandoverProgress:
    """Every batch hears of the one before, twice; answers how it ended."""
    heard = 0
    while True:
        with stage.node.read() as tx:
            chosen = select(outbox.c.envelope).where(outbox.c.type == "activities.handover.advanced.v1")
            found = [decode(body) for body in tx.scalars(chosen.order_by(outbox.c.position))]
        mine = [each for each in found if each.subject == f"handover:{handover.id}"]
        if len(mine) == heard:
            return HandoverProgress.model_validate(mine[-1].data["handover"])
        stage.hears(*mine[heard:], *mine[heard:])
        heard = len(mine)


@pytest.mark.parametrize("sales_first", [True, False])
def test_plans_follow_their_records_whatever_comes_first(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, sales_first: bool
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    x, y, z = new_id(), new_id(), new_id()
    to_y, to_z = lead(stage, x), lead(stage, x)
    plans = [plan(stage, x, ref) for ref in (to_y, to_z, to_y)]
    done = plan(stage, x, to_y, kind="note")
    handover = asked(x, y, z)
    lead(stage, y, lead_id=to_y.partition(":")[2], sequence=2)
    lead(stage, z, lead_id=to_z.partition(":")[2], sequence=2)
    both = [requested(handover), sales_done(handover)]
    stage.hears(*(reversed(both) if sales_first else both))
    ended = go_on(stage, handover)
    assert (ended.done, ended.counts["activity"].found, ended.counts["activity"].moved) == (True, 3, 3)
    assert [owner(stage, each) for each in plans] == [y, z, y]
    assert owner(stage, done) == x

    event = HandoverRevoked(handover=handover)
    given_on = stage.client.as_(reader("all", y)).post(f"/activities/{plans[0]}/complete")
    assert given_on.status_code == 200  # who did it has done it, but it is still the one who got it who owns it
    stage.hears(envelope(event.type, event.subject, event.model_dump(mode="json"), 2))
    assert go_on(stage, handover).counts["activity"].returned == 3
    assert {owner(stage, each) for each in plans} == {x}


def test_what_is_planned_next_is_told_to_whoever_may_read_the_customer(stage: Stage) -> None:
    x, y = new_id(), new_id()
    ref, other = lead(stage, x), lead(stage, y)
    plan(stage, x, ref, subject="Sau", due_at="2027-03-01T02:00:00Z")
    plan(stage, x, ref, subject="Trước", due_at="2027-02-01T02:00:00Z")
    plan(stage, x, ref, kind="note", subject="Đã gặp")
    asked_of = {"regarding": [ref, other]}
    (told,) = stage.client.as_(reader("own", x)).get("/contact_moments", params=asked_of).json()["items"]
    assert (told["regarding"], told["last_contact"]["subject"], told["next_activity"]["subject"]) == (
        ref,
        "Đã gặp",
        "Trước",
    )
    assert stage.client.as_(reader("own")).get("/contact_moments", params=asked_of).json()["items"] == []
    assert stage.client.as_(reader("all")).get("/contact_moments", params={"regarding": "lead:1"}).status_code == 422
    assert stage.client.as_(reader("all", x)).get(f"/planned_activities/{x}").status_code == 403


@pytest.mark.parametrize(
    ("depth", "seen"),
    [
        ("none", set()),
        ("own", {"mine"}),
        ("team", {"mine", "team"}),
        ("below", {"mine", "team"}),
        ("all", {"mine", "team", "other"}),
    ],
)
def test_activities_and_timelines_keep_to_the_depth_of_a_right(stage: Stage, depth: str, seen: set[str]) -> None:
    me, ours, theirs = new_id(), new_id(), new_id()
    colleague = new_id()
    refs = {"mine": lead(stage, me, ours), "team": lead(stage, colleague, ours), "other": lead(stage, new_id(), theirs)}
    plans = {
        name: _of(stage, colleague if name != "mine" else me, refs[name], theirs if name == "other" else ours)
        for name in refs
    }
    caller = reader(depth, me, teams=[ours])
    client: AppClient = stage.client.as_(caller)
    timelines = {name for name, ref in refs.items() if client.get("/timeline", params={"regarding": ref}).is_success}
    read = {name for name, plan_id in plans.items() if client.get(f"/activities/{plan_id}").is_success}
    assert (timelines, read) == (seen, seen)
    if depth == "none":
        assert client.get("/activities").status_code == 403
        return
    listed = {each["id"] for each in client.get("/activities", params={"limit": 200}).json()["items"]}
    assert {name for name, plan_id in plans.items() if plan_id in listed} == seen


def _of(stage: Stage, owner_id: str, about: str, team_id: str) -> str:
    body = {"kind": "task", "subject": "Gọi lại", "regarding": about}
    made = stage.client.as_(reader("all", owner_id, teams=[team_id])).post("/activities", json=body)
    return str(made.json()["id"])

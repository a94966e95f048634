"""What sales decides about submissions reaches the partners who pushed them, in whatever order it arrives."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from chassis.caller import Caller
from chassis.deliver import deliver
from chassis.event import Envelope
from chassis.ids import new_id
from events.sales import (
    IntakeRejected,
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadMerged,
    LeadQualified,
    LeadReattributed,
    LeadRestored,
)
from tests.channels.stage import ADMINISTRATOR, Channels, lead, lead_state, partner, told

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


def push(channels: Channels, pushing: Caller) -> str:
    return str(channels.as_(pushing).post("/partner/leads", json=lead()).json()["submission_id"])


def seen(channels: Channels, pushing: Caller, submission: str) -> dict[str, Any]:
    answer = channels.as_(pushing).get(f"/partner/leads/{submission}").json()
    return {name: answer[name] for name in ("status", "lead_id", "stage", "reason")}


def test_a_partner_sees_that_its_lead_was_created(channels: Channels) -> None:
    pushing, lead_id = partner(), new_id()
    submission = push(channels, pushing)
    deliver(channels.node, [told(LeadCreated(lead=lead_state(lead_id), submission_id=submission))])
    assert seen(channels, pushing, submission) == {
        "status": "created", "lead_id": lead_id, "stage": "new", "reason": None
    }  # fmt: skip


def test_of_a_lead_that_somebody_else_brought_a_partner_learns_only_that_it_is_known(channels: Channels) -> None:
    pushing, lead_id = partner(), new_id()
    submission = push(channels, pushing)
    event = LeadMerged(lead=lead_state(lead_id, stage="advising"), submission_id=submission, verdict="duplicate")
    deliver(channels.node, [told(event, sequence=2)])
    assert seen(channels, pushing, submission) == {
        "status": "duplicate", "lead_id": None, "stage": None, "reason": None
    }  # fmt: skip
    assert channels.as_(ADMINISTRATOR).get(f"/submissions/{submission}").json()["lead_id"] == lead_id
    assert channels.as_(pushing).get("/partner/leads").json()["items"][0]["lead_id"] is None


def test_a_partner_hears_why_a_lead_was_refused(channels: Channels) -> None:
    pushing = partner()
    submission = push(channels, pushing)
    deliver(channels.node, [told(IntakeRejected(submission_id=submission, reason="unreachable"))])
    assert seen(channels, pushing, submission) == {
        "status": "rejected", "lead_id": None, "stage": None, "reason": "unreachable"
    }  # fmt: skip


def test_what_was_refused_may_become_a_lead_when_its_partner_corrects_it(channels: Channels) -> None:
    for order in permutations(range(2)):
        pushing, lead_id = partner(), new_id()
        submission = push(channels, pushing)
        events = [
            told(IntakeRejected(submission_id=submission, reason="unreachable"), sequence=5, at=NOON),
            told(
                LeadCreated(lead=lead_state(lead_id), submission_id=submission),
                sequence=1,
                at=NOON + timedelta(minutes=1),
            ),
        ]
        for place in order:
            deliver(channels.node, [events[place]])
        assert seen(channels, pushing, submission)["status"] == "created"
        assert seen(channels, pushing, submission)["reason"] is None


def history_of_one_lead(ours: str, theirs: str, later: str, lead_id: str) -> list[Envelope]:
    """Theirs was worked on first, ours came in earlier; a third one merges; then somebody calls."""
    state = lead_state(lead_id)
    advising = lead_state(lead_id, stage="advising", status="working")
    return [
        told(LeadCreated(lead=state, submission_id=theirs), sequence=1, at=NOON),
        told(
            LeadReattributed(lead=state, submission_id=ours, former_submission_id=theirs, former_verdict="duplicate"),
            sequence=2,
            at=NOON + timedelta(seconds=1),
        ),
        told(
            LeadMerged(lead=state, submission_id=later, verdict="merged"),
            sequence=3,
            at=NOON + timedelta(seconds=2),
        ),
        told(LeadContacted(lead=advising), sequence=4, at=NOON + timedelta(seconds=3)),
    ]


def test_verdicts_end_the_same_in_every_order_one_by_one_or_together_and_doubled(channels: Channels) -> None:
    for number, order in enumerate(permutations(range(4))):
        for together in (False, True) if number % 5 == 0 else (False,):
            we, they, lead_id = partner(), partner(), new_id()
            ours, theirs, later = push(channels, we), push(channels, they), push(channels, we)
            events = history_of_one_lead(ours, theirs, later, lead_id)
            arriving = [events[place] for place in order]
            if together:
                deliver(channels.node, arriving)
            else:
                for event in arriving:
                    deliver(channels.node, [event])
            deliver(channels.node, arriving[:2])
            case = f"order {order}, together {together}"
            ended = {"lead_id": lead_id, "stage": "advising", "reason": None}
            assert seen(channels, we, ours) == {"status": "created", **ended}, case
            assert seen(channels, we, later) == {"status": "merged", **ended}, case
            assert seen(channels, they, theirs)["status"] == "duplicate", case
            assert seen(channels, they, theirs)["lead_id"] is None, case


def test_within_one_lead_its_sequence_decides_and_no_clock(channels: Channels) -> None:
    pushing, lead_id = partner(), new_id()
    submission, other = push(channels, pushing), push(channels, pushing)
    created = told(LeadCreated(lead=lead_state(lead_id), submission_id=submission), sequence=1, at=NOON)
    moved = LeadReattributed(
        lead=lead_state(lead_id), submission_id=other, former_submission_id=submission, former_verdict="merged"
    )
    earlier_by_a_clock_that_is_slow = told(moved, sequence=2, at=NOON - timedelta(minutes=5))
    for events in ([created, earlier_by_a_clock_that_is_slow], [earlier_by_a_clock_that_is_slow, created]):
        deliver(channels.node, events)
        assert seen(channels, pushing, submission)["status"] == "merged"
        assert seen(channels, pushing, other)["status"] == "created"


def test_a_lead_that_somebody_typed_in_concerns_no_partner(channels: Channels) -> None:
    lead_id = new_id()
    deliver(channels.node, [told(LeadCreated(lead=lead_state(lead_id), submission_id=None))])
    found = channels.as_(ADMINISTRATOR).get(f"/submissions?lead_id={lead_id}").json()["items"]
    assert found == []


def test_a_verdict_on_a_submission_that_is_not_here_changes_nothing_and_blocks_nothing(channels: Channels) -> None:
    pushing = partner()
    submission = push(channels, pushing)
    unknown = told(IntakeRejected(submission_id=new_id(), reason="unreachable"))
    deliver(channels.node, [unknown, told(IntakeRejected(submission_id=submission, reason="unreachable"))])
    assert seen(channels, pushing, submission)["status"] == "rejected"


def test_a_stage_that_is_late_does_not_come_back(channels: Channels) -> None:
    pushing, lead_id = partner(), new_id()
    submission = push(channels, pushing)
    events = [
        told(LeadCreated(lead=lead_state(lead_id), submission_id=submission), sequence=1),
        told(LeadContacted(lead=lead_state(lead_id, stage="advising")), sequence=3),
        told(LeadAssigned(lead=lead_state(lead_id)), sequence=2),
    ]
    for event in events:
        deliver(channels.node, [event])
    assert seen(channels, pushing, submission)["stage"] == "advising"


def test_a_partner_sees_that_its_lead_was_qualified(channels: Channels) -> None:
    pushing, lead_id = partner(), new_id()
    submission = push(channels, pushing)
    qualified = lead_state(lead_id, stage="qualified", status="qualified")
    deliver(
        channels.node,
        [
            told(LeadCreated(lead=lead_state(lead_id), submission_id=submission), sequence=1),
            told(LeadQualified(lead=qualified, opportunity_id=new_id()), sequence=2),
        ],
    )
    assert seen(channels, pushing, submission)["stage"] == "qualified"


def test_a_partner_sees_that_its_lead_is_gone_and_that_it_is_back(channels: Channels) -> None:
    working = {"stage": "working", "status": "working"}
    for order in permutations(range(1, 4)):
        pushing, lead_id = partner(), new_id()
        submission = push(channels, pushing)
        state = lead_state(lead_id, **working)
        history = [
            told(LeadCreated(lead=lead_state(lead_id), submission_id=submission), sequence=1),
            told(LeadContacted(lead=state), sequence=2),
            told(LeadDeleted(lead=state), sequence=3),
            told(LeadRestored(lead=state), sequence=4),
        ]
        for place in (0, 1, 2):
            deliver(channels.node, [history[place]])
        assert seen(channels, pushing, submission)["stage"] == "deleted"
        deliver(channels.node, [history[3]])
        assert seen(channels, pushing, submission)["stage"] == "working"

        again = push(channels, pushing)
        other = [
            told(LeadCreated(lead=lead_state(lead_id := new_id()), submission_id=again), sequence=1),
            told(LeadDeleted(lead=lead_state(lead_id)), sequence=2),
            told(LeadRestored(lead=lead_state(lead_id)), sequence=3),
            told(LeadQualified(lead=lead_state(lead_id, stage="qualified"), opportunity_id=new_id()), sequence=4),
        ]
        for place in (0, *order):
            deliver(channels.node, [other[place]])
        assert seen(channels, pushing, again)["stage"] == "qualified", order


def test_the_rows_of_a_batch_show_their_verdicts(channels: Channels) -> None:
    pushing = partner()
    client = channels.as_(pushing)
    batch = client.post("/partner/leads/batch", json=[lead() for _ in range(4)]).json()
    rows = [row["submission_id"] for row in client.get(batch["status_url"]).json()["items"]]
    lead_id = new_id()
    deliver(
        channels.node,
        [
            told(LeadCreated(lead=lead_state(lead_id), submission_id=rows[0])),
            told(LeadMerged(lead=lead_state(lead_id), submission_id=rows[2], verdict="merged"), sequence=2),
            told(IntakeRejected(submission_id=rows[3], reason="unreachable")),
        ],
    )
    answer = client.get(batch["status_url"]).json()
    assert answer["counts"] == {"received": 1, "created": 1, "merged": 1, "duplicate": 0, "rejected": 1}
    assert [row["status"] for row in answer["items"]] == ["created", "received", "merged", "rejected"]
    created = client.get(f"{batch['status_url']}?status=created").json()["items"]
    assert [row["row"] for row in created] == [1]

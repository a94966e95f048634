"""The timeline of a customer: complete, in any order of arrival, for those who may read the record, and paged."""

import random
from dataclasses import replace

import pytest

from chassis.ids import new_id
from events import sales
from events.activities import ActivityCreated, ActivityState
from services.activities.records.model import links, records
from services.activities.timeline.model import entries
from tests.activities.stage import Stage, reader
from tests.customers import MORNING, Customer, Tellers

DICE = [random.Random(seed) for seed in range(5)]


def ids_of(items):
    return [item["id"] for item in items]


def test_an_account_s_timeline_holds_what_happened_to_the_lead_it_came_from(stage: Stage) -> None:
    tellers = Tellers()
    customer = Customer(tellers).goes_all_the_way()
    Customer(tellers).goes_all_the_way()  # a neighbour, of whom nothing shows
    mine = [each for each in tellers.told if new_ids(customer, each.subject)]
    stage.hears(*tellers.told)
    told = [each.id for each in reversed(mine)]
    assert len(told) == 12
    assert ids_of(stage.timeline(f"account:{customer.account_id}")) == told
    assert ids_of(stage.timeline(f"account:{customer.account_id}", limit=3)) == told
    of_lead = stage.timeline(f"lead:{customer.lead_id}")
    assert [item["type"] for item in of_lead] == [
        "sales.lead.qualified.v1",
        "sales.lead.created.v1",
        "channels.submission.received.v1",
    ]
    assert [item["type"] for item in stage.timeline(f"order:{customer.order_id}")][-1] == "sales.order.created.v1"


def new_ids(customer: Customer, subject: str) -> bool:
    own = {value for name, value in vars(customer).items() if name.endswith("_id") and value}
    return subject.rpartition(":")[2] in own


@pytest.mark.parametrize("dice", DICE)
def test_the_order_in_which_events_arrive_changes_nothing(stage: Stage, dice: random.Random) -> None:
    tellers = Tellers()
    customer = Customer(tellers).goes_all_the_way()
    told = [each.id for each in reversed(tellers.told)]
    shuffled = list(tellers.told)
    dice.shuffle(shuffled)
    twins = [replace(each) for each in dice.sample(shuffled, 4)]
    for each in (*shuffled, *twins):
        stage.hears(each)
    assert ids_of(stage.timeline(f"account:{customer.account_id}")) == told


def test_a_corrected_customer_takes_the_story_along(stage: Stage) -> None:
    tellers = Tellers()
    customer = Customer(tellers)
    customer.comes_in()
    customer.qualifies()
    wrong, right = Customer(tellers), Customer(tellers)
    for each in (wrong, right):
        tellers.tell(sales.AccountCreated(account=each.account(lead_id=None)))
    for each in (wrong, right):
        state = customer.opportunity(account_id=each.account_id)
        tellers.tell(sales.OpportunityUpdated(opportunity=state))
    stage.hears(*reversed(tellers.told))
    assert len(stage.timeline(f"account:{wrong.account_id}")) == 1
    assert len(stage.timeline(f"account:{right.account_id}")) == 7


def test_a_lead_that_went_into_another_brings_its_story_along(stage: Stage) -> None:
    tellers = Tellers()
    gone, kept = Customer(tellers), Customer(tellers)
    gone.comes_in()
    kept.comes_in()
    tellers.tell(sales.LeadDeleted(lead=gone.lead(), merged_into=kept.lead_id))
    again = new_id()
    tellers.tell(sales.LeadMerged(lead=kept.lead(), submission_id=again, verdict="merged"))
    stage.hears(*tellers.told)
    assert ids_of(stage.timeline(f"lead:{kept.lead_id}")) == [each.id for each in reversed(tellers.told)]
    assert stage.client.as_(reader("all")).get(f"/timeline?regarding=lead:{gone.lead_id}").status_code == 404


def test_the_timeline_is_for_whoever_may_read_the_record_now(stage: Stage) -> None:
    tellers = Tellers()
    seller, colleague, team = new_id(), new_id(), new_id()
    customer = Customer(tellers, owner_id=seller, team_id=team)
    customer.comes_in()
    stage.hears(*tellers.told)
    ref = f"lead:{customer.lead_id}"

    def status(caller):
        answer = stage.client.as_(caller).get("/timeline", params={"regarding": ref})
        absent = stage.client.as_(caller).get("/timeline", params={"regarding": f"lead:{new_id()}"})
        assert answer.status_code == 200 or {**answer.json(), "trace_id": ""} == {**absent.json(), "trace_id": ""}
        return answer.status_code

    assert status(reader("own", seller)) == 200
    assert status(reader("own", colleague)) == 404
    assert status(reader("team", colleague, teams=[team])) == 200
    assert status(reader("team", colleague, teams=[new_id()])) == 404
    assert status(reader("none", seller)) == 404
    tellers.tell(sales.LeadAssigned(lead=customer.lead(owner_id=colleague, version=2)))
    stage.hears(tellers.told[-1])
    assert status(reader("own", seller)) == 404
    assert status(reader("own", colleague)) == 200


def test_a_sentence_says_what_happened_in_the_reader_s_language(stage: Stage) -> None:
    tellers = Tellers()
    partner = new_id()
    customer = Customer(tellers, partner_id=partner).goes_all_the_way()
    stage.hears(*tellers.told)
    ref = f"account:{customer.account_id}"
    vietnamese = {item["type"]: item for item in stage.timeline(ref)}
    client = stage.client.as_(reader("all"), **{"Accept-Language": "en"})
    english = {item["type"]: item for item in client.get("/timeline", params={"regarding": ref}).json()["items"]}
    order = "sales.order.confirmed.v1"
    assert vietnamese[order]["what"] == "Xác nhận đơn hàng O-2026-000017 trị giá 1.250.000 ₫"
    assert english[order]["what"] == "Order O-2026-000017 of 1,250,000 VND was confirmed"
    assert english["erp_bridge.document.accepted.v1"]["what"] == "Tryton has the order as SO42"
    assert english["channels.submission.received.v1"]["actor"] == {"kind": "partner", "id": partner, "name": None}
    assert {"type": "account", "id": customer.account_id} in english[order]["related"]
    assert english[order]["subject"] == {"type": "order", "id": customer.order_id}


def test_entries_say_nothing_about_a_person(stage: Stage) -> None:
    tellers = Tellers()
    Customer(tellers).goes_all_the_way()
    stage.hears(*tellers.told)
    stored = str(stage.rows(entries, records, links))
    assert [word for word in ("Đặng", "0912 345", "0912345", "+8491", "Minh Phát") if word in stored] == []


def test_a_long_timeline_is_walked_without_a_gap(stage: Stage) -> None:
    tellers = Tellers()
    customer = Customer(tellers)
    customer.comes_in()
    customer.qualifies()
    customer.wins()
    for number in range(1_000):
        customer.order_id = new_id()
        for status in ("draft", "confirmed", "released", "delivered"):
            tellers.tell(sales.OrderUpdated(order=customer.order(status=status, number=f"O-{number}")))
    for number in range(1_000):
        tellers.tell(sales.AccountUpdated(account=customer.account(version=number + 2)))
    stage.hears(*tellers.told)
    ref = f"account:{customer.account_id}"
    first = stage.client.as_(reader("all")).get("/timeline", params={"regarding": ref}).json()
    assert ids_of(first["items"]) == [each.id for each in reversed(tellers.told)][:50]
    assert ids_of(stage.timeline(ref, limit=200)) == [each.id for each in reversed(tellers.told)]


def test_a_note_is_on_the_timeline_of_the_customer_it_is_about(stage: Stage) -> None:
    tellers = Tellers()
    customer = Customer(tellers).goes_all_the_way()
    state = ActivityState(
        id=new_id(),
        kind="note",
        subject="Khách muốn giao trước Tết",
        regarding=f"lead:{customer.lead_id}",
        status="done",
        created_at=MORNING,
        updated_at=MORNING,
        version=1,
    )
    told = tellers.tell(ActivityCreated(activity=state))
    stage.hears(*tellers.told)
    assert stage.timeline(f"account:{customer.account_id}")[0]["id"] == told.id

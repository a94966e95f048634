"""The funnel: right in any order of arrival, its numbers the counts of its rows, for whom the right reaches."""

import random
from typing import Any

import pytest

from chassis.ids import new_id
from deploy.rebuild.run import rebuild
from events import sales
from events.gateway import UserState, UserUpdated
from services.insight.reactions import REACTIONS
from tests.customers import Customer, Tellers
from tests.insight.stage import Stage, reader

A, B = new_id(), new_id()
TEAM = new_id()
VND = "VND"


def dong(amount: int) -> list[dict[str, str]]:
    return [{"amount": str(amount), "currency": VND}] if amount else []


def company(tellers: Tellers) -> list[Customer]:
    """Three Facebook leads of A, one of them paid; two of Zalo of B, one ordered; one without a source."""
    facebook = [Customer(tellers, owner_id=A, team_id=TEAM, source="Facebook") for _ in range(3)]
    zalo = [Customer(tellers, owner_id=B, source="Zalo OA") for _ in range(2)]
    nowhere = Customer(tellers, source=None)
    for each in (*facebook, *zalo, nowhere):
        each.comes_in()
    facebook[0].qualifies()
    facebook[0].wins()
    facebook[0].orders()
    facebook[0].pays()
    facebook[1].qualifies()
    zalo[0].qualifies()
    zalo[0].wins()
    zalo[0].orders()
    return [*facebook, *zalo, nowhere]


def lines(report: dict[str, Any]) -> dict[str | None, tuple[int, ...]]:
    figures = ("captured", "qualified", "won", "orders", "invoices", "invoices_paid")
    return {row["key"]: tuple(row[name] for name in figures) for row in report["rows"]}


TRUTH = {"Facebook": (3, 2, 1, 1, 1, 1), "Zalo OA": (2, 1, 1, 1, 0, 0), None: (1, 0, 0, 0, 0, 0)}


@pytest.mark.parametrize("dice", [random.Random(seed) for seed in range(4)])
def test_the_order_in_which_events_arrive_changes_nothing(stage: Stage, dice: random.Random) -> None:
    tellers = Tellers()
    company(tellers)
    shuffled = [*tellers.told, *dice.sample(tellers.told, 10)]
    dice.shuffle(shuffled)
    stage.hears(*shuffled)
    report = stage.run()
    assert lines(report) == TRUTH
    facebook = next(row for row in report["rows"] if row["key"] == "Facebook")
    for name in ("revenue", "ordered", "invoiced", "paid"):
        assert facebook[name] == dong(1_250_000)
    assert report["totals"]["captured"] == 6
    assert report["totals"]["revenue"] == dong(2_500_000)
    assert report["totals"]["paid"] == dong(1_250_000)


def test_every_number_is_the_count_of_its_rows(stage: Stage) -> None:
    tellers = Tellers()
    company(tellers)
    stage.hears(*tellers.told)
    figures = {"captured": "captured", "qualified": "qualified", "won": "won", "ordered": "orders"}
    figures |= {"invoiced": "invoices", "paid": "invoices_paid"}
    for by in ("source", "owner", "campaign", "partner"):
        report = stage.run(by=by)
        for row in report["rows"]:
            where = {by: row["key"]} if row["key"] is not None else {"without": by}
            for step, figure in figures.items():
                found = stage.rows(step, **where)
                assert len({each["id"] for each in found}) == len(found) == row[figure], (by, row["key"], step)
        assert len(stage.rows("captured")) == report["totals"]["captured"]


def test_the_days_choose_who_came_in_then(stage: Stage) -> None:
    tellers = Tellers()
    customers = company(tellers)
    late = Customer(tellers, owner_id=A)
    # The second of November has been over for a minute in Vietnam, seven hours before it is in London.
    midnight = tellers.at.replace(hour=17, minute=1)
    tellers.tell(sales.LeadCreated(lead=late.lead(created_at=midnight)))
    stage.hears(*tellers.told)
    assert stage.run(days=("2026-11-02", "2026-11-02"))["totals"]["captured"] == len(customers)
    assert stage.run(days=("2026-11-03", None))["totals"]["captured"] == 1
    assert len(stage.rows("captured", days=("2026-11-03", None))) == 1
    # What an early lead brings counts for its day, however late it comes.
    paid = tellers.tell(sales.InvoicePaid(invoice=customers[0].invoice(paid=1, status="part_paid", version=3)))
    assert paid.time < midnight
    assert stage.run(days=(None, "2026-11-02"))["totals"]["won"] == 2
    assert stage.run(days=("2026-11-03", None))["totals"]["won"] == 0
    wrong = stage.client.as_(reader("all")).get("/reports/funnel_by_source/run?from=2026-11-03&to=2026-11-02")
    assert wrong.status_code == 422


def test_the_answer_says_how_fresh_it_is(stage: Stage) -> None:
    tellers = Tellers()
    assert stage.run()["as_of"] is None
    company(tellers)
    stage.hears(*tellers.told)
    newest = max(each.time for each in tellers.told if each.subject.startswith(("lead", "opp", "order", "invoice")))
    assert stage.run()["as_of"] == newest.isoformat().replace("+00:00", "Z")


def test_a_salesperson_s_report_is_of_their_own_records(stage: Stage) -> None:
    tellers = Tellers()
    company(tellers)
    stage.hears(*tellers.told)
    assert lines(stage.run(reader("own", A))) == {"Facebook": TRUTH["Facebook"]}
    assert lines(stage.run(reader("own", B))) == {"Zalo OA": TRUTH["Zalo OA"]}
    assert lines(stage.run(reader("team", teams=[TEAM]))) == {"Facebook": TRUTH["Facebook"]}
    assert stage.rows("captured", reader("own", new_id())) == []
    assert stage.rows("captured", reader("own", B), source="Facebook") == []
    nobody = stage.client.as_(reader("none"))
    for path in ("/reports", "/reports/funnel_by_source/run", "/reports/funnel_by_source/rows?step=won"):
        assert nobody.get(path).status_code == 403


def test_deleted_lost_and_cancelled_records_count_no_longer(stage: Stage) -> None:
    tellers = Tellers()
    customers = company(tellers)
    first, ordering = customers[0], customers[3]
    tellers.tell(sales.LeadDeleted(lead=customers[5].lead(version=2)))
    tellers.tell(sales.OpportunityReopened(opportunity=first.opportunity(version=3)))
    tellers.tell(sales.OrderCancelled(order=ordering.order(status="cancelled", version=3)))
    stage.hears(*tellers.told)
    assert lines(stage.run()) == {"Facebook": (3, 2, 0, 1, 1, 1), "Zalo OA": (2, 1, 1, 0, 0, 0)}


def test_a_lead_that_turns_out_to_be_another_s_takes_its_money_along(stage: Stage) -> None:
    tellers = Tellers()
    customer = company(tellers)[0]
    truth = customer.lead(status="qualified", source="Báo Mới", version=3)
    tellers.tell(
        sales.LeadReattributed(
            lead=truth, submission_id=new_id(), former_submission_id=new_id(), former_verdict="merged"
        )
    )
    stage.hears(*reversed(tellers.told))
    assert lines(stage.run())["Báo Mới"] == (1, 1, 1, 1, 1, 1)


def test_owners_have_names_and_reports_titles(stage: Stage) -> None:
    tellers = Tellers()
    company(tellers)
    tellers.tell(UserUpdated(user=UserState(id=A, name="Vũ Thị Mơ", email="mo@example.com")))
    stage.hears(*tellers.told)
    labels = {row["key"]: row["label"] for row in stage.run(by="owner")["rows"]}
    assert labels == {A: "Vũ Thị Mơ", B: B, None: None}
    vietnamese = stage.client.as_(reader("all"), **{"Accept-Language": "vi"}).get("/reports").json()["items"]
    assert vietnamese[0]["title"] == "Phễu theo nguồn"


def test_what_is_rebuilt_is_what_was_there(stage: Stage) -> None:
    tellers, dice = Tellers(), random.Random(3)
    company(tellers)
    tellers.tell(UserUpdated(user=UserState(id=A, name="Vũ Thị Mơ", email="mo@example.com")))
    for hear in (stage.hears, stage.feed_hears):
        shuffled = list(tellers.told)
        dice.shuffle(shuffled)
        hear(*shuffled)
    for reaction in REACTIONS:
        live = stage.stored(*reaction.projection)
        assert all(live)
        with stage.node.db.begin() as tx:
            tx.execute(reaction.projection[0].delete())
        rebuild(stage.node, stage.feed, reaction)
        assert stage.stored(*reaction.projection) == live
    assert stage.run()["totals"]["captured"] == 6

"""Handing a seller's work over: all of it, once, to whom it was meant for, in batches, and back."""

from typing import Any

import pytest
from sqlalchemy import select

from chassis.access import as_system
from chassis.clock import utcnow
from chassis.deliver import deliver
from chassis.event import Envelope
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from events.gateway import HandoverRequested, HandoverRevoked, HandoverShare, HandoverState
from events.handovers import HandoverProgress
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.handovers import actions
from services.sales.leads.model import Lead
from services.sales.opportunities.model import Opportunity
from services.sales.parties.actions import assign
from tests.sales.documents_stage import open_sale, person
from tests.sales.stage import announced, app_of, hire, seller, so_far, somebody_works, told

MODELS: tuple[Any, ...] = (Account, Contact, Lead, Opportunity)


def asked(from_user_id: str, **shares: int) -> HandoverState:
    """A handover to these people, by id, in these shares."""
    now = utcnow()
    return HandoverState(
        id=new_id(),
        from_user_id=from_user_id,
        shares=tuple(HandoverShare(to_user_id=name, share=share) for name, share in shares.items()),
        note="Nghỉ việc",
        status="running",
        requested_by="user:boss",
        undo_until=now,
        created_at=now,
        updated_at=now,
        version=1,
    )


def request(node: Node, handover: HandoverState) -> None:
    deliver(node, [told(HandoverRequested(handover=handover), source="relata/gateway", actor="user:boss")])


def revoke(node: Node, handover: HandoverState) -> None:
    deliver(node, [told(HandoverRevoked(handover=handover), sequence=2, source="relata/gateway", actor="user:boss")])


def words(node: Node, since: int) -> list[Envelope]:
    """What sales has said of handovers since then."""
    return [each for each in announced(node, since) if each.type == "sales.handover.advanced.v1"]


def run_out(node: Node, since: int) -> HandoverProgress:
    """Every batch hears of the one before, twice, until the last; answers how it ended."""
    heard: set[str] = set()
    while news := [each for each in words(node, since) if each.id not in heard]:
        heard |= {each.id for each in news}
        deliver(node, news)
        deliver(node, news)
    return HandoverProgress.model_validate(words(node, since)[-1].data["handover"])


def owners(node: Node, *ids: str) -> list[str | None]:
    """Who owns each of these, whatever they are."""
    with node.read() as tx, as_system(tx, "test"):
        found = {row.id: row.owner_id for model in MODELS for row in tx.scalars(select(model).where(model.id.in_(ids)))}
    return [found[each] for each in ids]


def customers(node: Node, owner_id: str, count: int) -> list[tuple[str, str, str]]:
    """Accounts of this seller, each with a contact and a deal; the ids."""
    made = []
    with open_sale(node, person("all", user_id=owner_id)) as sale:
        for number in range(count):
            account = sale.do("POST", "/accounts", name=f"Công ty {number}", owner_id=owner_id)["id"]
            contact = sale.do("POST", "/contacts", full_name="Lê An", account_id=account, owner_id=owner_id)["id"]
            deal = sale.do("POST", "/opportunities", name="Máy nén khí", contact_id=contact, owner_id=owner_id)["id"]
            made.append((account, contact, deal))
    return made


def test_batch_after_batch_everything_moves_once(sales: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 4)
    x, y = hire(sales), hire(sales)
    made, since = customers(sales, x, 3), so_far(sales)
    handover = asked(x, **{y: 1})
    request(sales, handover)
    request(sales, handover)  # another event that asks for the same handover
    first = words(sales, since)
    assert [each.data["handover"]["done"] for each in first] == [False]
    # Here a process may die: the event is in the inbox, and going on from it is all there is to do.
    ended = run_out(sales, since)
    assert ended.done
    assert {noun: (count.found, count.moved) for noun, count in ended.counts.items() if count.found} == {
        "account": (4, 4),  # three, and the one that the stage has made
        "contact": (3, 3),
        "opportunity": (3, 3),
    }
    assert set(owners(sales, *(each for ids in made for each in ids))) == {y}
    assigned = [each.subject for each in announced(sales, since) if ".assigned." in each.type]
    assert len(assigned) == len(set(assigned)) == 10


def test_what_is_one_customer_s_stays_together_and_shares_are_kept(sales: Node) -> None:
    x, y, z = hire(sales), hire(sales), hire(sales)
    made, since = customers(sales, x, 5), so_far(sales)
    request(sales, asked(x, **{y: 2, z: 1}))
    run_out(sales, since)
    kept_together = [owners(sales, *ids) for ids in made]
    assert all(len(set(each)) == 1 for each in kept_together)
    with sales.read() as tx, as_system(tx, "test"):
        shares = [len(tx.scalars(select(Account).where(Account.owner_id == who)).all()) for who in (y, z)]
    assert shares == [4, 2]


def test_an_undo_leaves_what_somebody_has_given_on(sales: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    x, y, z = hire(sales), hire(sales), hire(sales)
    ((account, contact, deal),), since = customers(sales, x, 1), so_far(sales)
    handover = asked(x, **{y: 1})
    request(sales, handover)
    run_out(sales, since)
    for owner in (z, y):  # given on, and given back: somebody has decided about it since
        with somebody_works(sales) as tx:
            assign(tx, tx.get_one(Contact, contact), owner_id=owner)
    since = so_far(sales)
    revoke(sales, handover)
    revoke(sales, handover)
    ended = run_out(sales, since)
    assert (ended.phase, ended.done) == ("returning", True)
    assert (ended.counts["contact"].kept, ended.counts["account"].returned) == (1, 2)
    assert owners(sales, account, contact, deal) == [x, y, x]


def test_won_deals_stay_whose_they_were(sales: Node) -> None:
    x, y = hire(sales), hire(sales)
    ((_, _, deal),), since = customers(sales, x, 1), so_far(sales)
    with open_sale(sales, person("all", user_id=x)) as sale:
        sale.do("POST", f"/opportunities/{deal}/win")
    request(sales, asked(x, **{y: 1}))
    run_out(sales, since)
    assert owners(sales, deal) == [x]


def test_debts_and_what_is_to_be_delivered_move_too(sales: Node) -> None:
    x, y = hire(sales), hire(sales)
    with open_sale(sales, person("all", user_id=x)) as sale:
        owed, paid = sale.owed(), sale.owed("200000")
        sale.paid("220000", allocations=[{"invoice_id": paid["id"], "amount": "220000"}])
        credit, order = sale.paid("5000"), sale.released()
        shipment = sale.do("POST", "/shipments", order_id=order["id"])
        since = so_far(sales)
        request(sales, asked(x, **{y: 1}))
        run_out(sales, since)

        def owner(path: str) -> str:
            return str(sale.do("GET", path)["owner_id"])

        moved = (f"/invoices/{owed['id']}", f"/payments/{credit['id']}", f"/orders/{order['id']}")
        assert {owner(path) for path in (*moved, f"/shipments/{shipment['id']}")} == {y}
        assert owner(f"/invoices/{paid['id']}") == x


def test_only_administrators_count_what_somebody_has(sales: Node) -> None:
    with AppClient(app_of(sales), as_=seller()) as client:
        assert client.get(f"/open_records/{new_id()}").status_code == 403


def test_briefs_show_what_their_reader_may_see(sales: Node) -> None:
    x, y = hire(sales), hire(sales)
    customers(sales, x, 2)
    since, handover = so_far(sales), asked(x, **{y: 1})
    request(sales, handover)
    run_out(sales, since)
    with AppClient(app_of(sales), as_=seller(y)) as client:
        page = client.get("/handed_over", params={"handover_id": handover.id, "limit": 2}).json()
        rest = client.get(
            "/handed_over", params={"handover_id": handover.id, "limit": 2, "cursor": page["next_cursor"]}
        ).json()
        assert [len(page["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
        briefs = [*page["items"], *rest["items"]]
        assert sorted(len(each["deals"]) for each in briefs) == [0, 1, 1]
        wrong = client.get("/handed_over", params={"handover_id": new_id(), "cursor": page["next_cursor"]})
        assert wrong.status_code == 422
    with AppClient(app_of(sales), as_=seller()) as stranger:
        assert stranger.get("/handed_over", params={"handover_id": handover.id}).json()["items"] == []

"""Without an ERP the built-in ledger books: from the event of sales to the payment that comes back."""

from decimal import Decimal

import pytest

from chassis.deliver import deliver
from chassis.ids import new_id
from events.erp_bridge import DocumentAccepted, DocumentQueued, PaymentBooked, PaymentUnbooked
from services.erp_bridge.ledger.model import Account, DoesNotBalance, Entry, Posting
from tests.erp_bridge.stage import (
    FINANCE,
    OPERATOR,
    SALESPERSON,
    Bridge,
    buyer,
    confirmed,
    invoice,
    issued,
    line,
    order,
)
from tests.installation import eventually


def payment(invoice_id: str, amount: str, **fields: str) -> dict[str, str]:
    return {"invoice_id": invoice_id, "amount": amount, "paid_on": "2026-11-21", "method": "bank_transfer", **fields}


def test_an_issued_invoice_is_booked_once_and_everybody_hears_of_it(bridge: Bridge) -> None:
    state = invoice(line("1000000"), line("500000", rate="8"))
    event = issued(state)
    deliver(bridge.node, [event])
    deliver(bridge.node, [event])
    document = eventually(lambda: bridge.stands(state.id, "accepted"))
    assert (document["erp_number"], document["total"]["amount"]) == (state.number, "1640000")
    assert [each.type for each in bridge.announced(about=state.id)] == [DocumentQueued.type, DocumentAccepted.type]
    (entry,) = bridge.client.get(f"/ledger/entries?invoice_id={state.id}").json()["items"]
    assert [(each["account"], each["debit"], each["credit"]) for each in entry["lines"]] == [
        ("131", "1640000", "0"),
        ("511", "0", "1500000"),
        ("33311", "0", "140000"),
    ]
    links = bridge.client.get(f"/erp/links?crm_id={state.id}").json()["items"]
    assert [(each["type"], each["erp_id"]) for each in links] == [("invoice", document["erp_id"])]


def test_an_event_told_again_under_another_id_sends_nothing_again(bridge: Bridge) -> None:
    state = invoice()
    for _ in range(5):
        deliver(bridge.node, [issued(state)])
    eventually(lambda: bridge.stands(state.id, "accepted"))
    assert len(bridge.documents(document_id=state.id)) == 1
    (booked,) = bridge.client.get(f"/ledger/documents?reference={state.id}").json()["items"]
    assert booked["times_pushed"] == 1


def test_an_order_goes_before_the_invoice_of_its_customer(bridge: Bridge) -> None:
    customer = buyer()
    ordered = order(buyer=customer)
    state = invoice(buyer=customer, order_id=ordered.id)
    deliver(bridge.node, [confirmed(ordered), issued(state)])
    first = eventually(lambda: bridge.stands(ordered.id, "accepted"))
    second = eventually(lambda: bridge.stands(state.id, "accepted"))
    assert first["accepted_at"] <= second["accepted_at"]
    assert first["customer"] == customer.reference


def test_a_payment_in_the_ledger_comes_back_as_an_event_once(bridge: Bridge) -> None:
    state = invoice()
    deliver(bridge.node, [issued(state)])
    eventually(lambda: bridge.stands(state.id, "accepted"))
    answer = bridge.as_(FINANCE).post("/ledger/payments", json=payment(state.id, "400000", reference="UNC 0912"))
    assert answer.status_code == 201, answer.text
    for _ in range(3):
        bridge.look()
    (told,) = bridge.announced(PaymentBooked, about=state.id)
    booked = told.parse(PaymentBooked).payment
    assert (booked.amount.amount, booked.method, booked.reference) == (Decimal(400000), "bank_transfer", "UNC 0912")
    assert bridge.stands(state.id, "accepted")["erp_state"] == "part_paid"  # type: ignore[index]


def test_a_reversed_payment_is_taken_back_once_and_the_book_balances(bridge: Bridge) -> None:
    state = invoice()
    deliver(bridge.node, [issued(state)])
    eventually(lambda: bridge.stands(state.id, "accepted"))
    made = bridge.client.post("/ledger/payments", json=payment(state.id, "1100000")).json()
    bridge.look()
    for _ in range(2):
        assert bridge.client.post(f"/ledger/payments/{made['id']}/reverse").json()["reversed"]
        bridge.look()
    kinds = [each.type for each in bridge.announced(PaymentBooked, PaymentUnbooked, about=state.id)]
    assert kinds == [PaymentBooked.type, PaymentUnbooked.type]
    accounts = bridge.client.get("/ledger/balances").json()["items"]
    assert sum(Decimal(each["balance"]) for each in accounts) == 0
    assert {each["account"] for each in accounts} >= {"131", "511", "33311", "112"}


def test_nobody_pays_more_than_is_owed(bridge: Bridge) -> None:
    state = invoice()
    deliver(bridge.node, [issued(state)])
    eventually(lambda: bridge.stands(state.id, "accepted"))
    answer = bridge.client.post(
        "/ledger/payments", json=payment(state.id, "1100001"), headers={"accept-language": "vi"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "pays_too_much")
    assert answer.json()["detail"] == "Chỉ còn 1100000 phải trả."
    assert bridge.client.post("/ledger/payments", json=payment(state.id, "0.5")).status_code == 422
    assert bridge.client.post("/ledger/payments", json=payment(new_id(), "1")).status_code == 404


def test_an_entry_that_does_not_balance_is_not_made() -> None:
    with pytest.raises(DoesNotBalance):
        Entry.of([Posting(Account.BANK, debit=Decimal(1))], description="lệch")


@pytest.mark.parametrize("path", ["/erp/connections", "/erp/documents", "/erp/links", "/erp/syncs"])
def test_operators_see_how_documents_flow_and_salespeople_do_not(bridge: Bridge, path: str) -> None:
    assert bridge.as_(OPERATOR).get(path).status_code == 200
    assert bridge.as_(SALESPERSON).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/ledger/entries", "/ledger/documents", "/ledger/payments", "/ledger/balances"])
def test_the_book_is_for_those_who_keep_it(bridge: Bridge, path: str) -> None:
    assert bridge.as_(FINANCE).get(path).status_code == 200
    assert bridge.as_(OPERATOR).get(path).status_code == 403

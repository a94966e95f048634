"""Payments by hand and from the ERP: nothing is paid twice, and what is taken back is owed again."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from chassis.deliver import deliver
from chassis.event import Event
from chassis.ids import new_id
from chassis.service import Node
from events.erp_bridge import (
    DocumentAccepted,
    DocumentChanged,
    DocumentDelayed,
    DocumentQueued,
    DocumentRefused,
    ErpDocument,
    ErpPayment,
    PaymentBooked,
    PaymentUnbooked,
)
from tests.sales.documents_stage import Sale, day, in_days, open_sale
from tests.sales.stage import announced, so_far, told, troubles


@pytest.fixture
def sale(sales: Node) -> Iterator[Sale]:
    with open_sale(sales) as sale:
        yield sale


def balance(sale: Sale, invoice: dict[str, Any]) -> tuple[str, str]:
    """How the invoice stands, and what is owed."""
    now = sale.do("GET", f"/invoices/{invoice['id']}")
    return now["status"], now["balance"]


def test_a_payment_pays_invoices_as_far_as_they_are_owed(sale: Sale) -> None:
    first, second = sale.owed("1000000"), sale.owed("500000")
    payment, since = sale.paid("1500000", method="chuyển khoản", reference="FT26326"), so_far(sale.node)
    assert (payment["status"], payment["unallocated"], payment["origin"]) == ("received", "1500000", "hand")
    path = f"/payments/{payment['id']}/allocate"
    both = [{"invoice_id": first["id"]}, {"invoice_id": second["id"], "amount": "300000"}]
    payment = sale.do("POST", path, allocations=both)
    assert (payment["status"], payment["unallocated"]) == ("allocated", "100000")
    assert balance(sale, first) == ("paid", "0")
    assert balance(sale, second) == ("part_paid", "250000")
    assert sale.do("POST", path, allocations=both)["version"] == payment["version"]
    more = [{"invoice_id": second["id"], "amount": "400001"}]
    assert sale.refused("POST", path, allocations=more) == "more_than_paid"
    assert [each.type for each in announced(sale.node, since)][:1] == ["sales.payment.allocated.v1"]
    assert sorted(each.type for each in announced(sale.node, since)[1:]) == [
        "sales.invoice.paid.v1",
        "sales.invoice.part_paid.v1",
    ]


def test_an_invoice_is_not_paid_twice(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    sale.paid("1100000", allocations=[{"invoice_id": invoice["id"]}])
    second = sale.paid("1100000")
    path = f"/payments/{second['id']}/allocate"
    whole = [{"invoice_id": invoice["id"], "amount": "1100000"}]
    assert sale.refused("POST", path, allocations=whole) == "more_than_owed"
    assert sale.do("POST", path, allocations=[{"invoice_id": invoice["id"]}])["unallocated"] == "1100000"


def test_an_invoice_of_nothing_is_issued_and_at_once_paid(sale: Sale) -> None:
    free = sale.owed("0")
    assert (free["status"], free["totals"]["total"], free["balance"]) == ("paid", "0", "0")
    assert free["number"]
    assert [each["id"] for each in sale.do("GET", f"/invoices?order_id={free['order_id']}&status=paid")["items"]] == [
        free["id"]
    ]
    told = [each for each in announced(sale.node) if each.subject == f"invoice:{free['id']}"]
    assert [each.type.split(".")[2] for each in told] == ["created", "issued", "paid"]
    assert [each.data["changed"].get("status") for each in told[1:]] == [["draft", "issued"], ["issued", "paid"]]
    again = sale.do("POST", f"/invoices/{free['id']}/issue")
    assert again["version"] == free["version"]
    owed, pay = sale.owed("100"), {"amount": {"amount": "110"}, "allocations": [{"invoice_id": free["id"]}]}
    credit = sale.paid("110", **pay)
    assert credit["allocations"] == []
    assert sale.do("GET", f"/invoices/{owed['id']}")["balance"] == "110"


def test_a_payment_pays_only_what_it_can(sale: Sale) -> None:
    draft = sale.do("POST", "/invoices", order_id=sale.delivered(sale.released())["id"])
    payment = sale.paid("1000000")
    path = f"/payments/{payment['id']}/allocate"
    assert sale.refused("POST", path, allocations=[{"invoice_id": draft["id"]}]) == "invoice_not_issued"
    with open_sale(sale.node, sale.client.caller) as other:
        assert sale.refused("POST", path, allocations=[{"invoice_id": other.owed()["id"]}]) == "other_customer"
    dollars = sale.paid("10", amount={"amount": "10", "currency": "USD"})
    whole = [{"invoice_id": sale.owed()["id"]}]
    assert sale.refused("POST", f"/payments/{dollars['id']}/allocate", allocations=whole) == "other_currency"


def test_a_reversed_payment_leaves_its_invoices_owed(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    first = sale.paid("600000", allocations=[{"invoice_id": invoice["id"]}])
    second = sale.paid("500000", allocations=[{"invoice_id": invoice["id"]}])
    since = so_far(sale.node)
    reversed_ = sale.do("POST", f"/payments/{first['id']}/reverse")
    assert (reversed_["status"], reversed_["allocations"], reversed_["unallocated"]) == ("reversed", [], "0")
    assert balance(sale, invoice) == ("part_paid", "600000")
    sale.do("POST", f"/payments/{first['id']}/reverse")
    sale.do("POST", f"/payments/{second['id']}/reverse")
    assert balance(sale, invoice) == ("issued", "1100000")
    assert [each.type for each in announced(sale.node, since)] == [
        "sales.invoice.part_paid.v1",
        "sales.payment.reversed.v1",
        "sales.invoice.reopened.v1",
        "sales.payment.reversed.v1",
    ]
    again = [{"invoice_id": invoice["id"]}]
    assert sale.refused("POST", f"/payments/{first['id']}/allocate", allocations=again) == "payment_was_reversed"


# --- from the ERP ----------------------------------------------------------------------------------------------------


def erp_payment(invoice_id: str, amount: str, **fields: Any) -> ErpPayment:
    """Money that the ERP has booked against an invoice."""
    values = {"id": new_id(), "connection_id": new_id(), "erp_id": "account.payment,7", "paid_on": day(in_days(0))}
    return ErpPayment.model_validate(
        values | {"invoice_id": invoice_id, "amount": {"amount": amount}, "method": "Ngân hàng", **fields}
    )


def arrive(node: Node, *events: tuple[Event, int]) -> None:
    """These announcements of the bridge reach sales one by one, each with its place in its subject's order."""
    for event, sequence in events:
        deliver(node, [told(event, sequence=sequence, source="relata/erp_bridge")])


def payments(sale: Sale, **query: str) -> list[dict[str, Any]]:
    """The customer's payments from the ERP."""
    query |= {"origin": "erp", "account_id": sale.account_id}
    found: list[dict[str, Any]] = sale.client.get("/payments", params=query).json()["items"]
    return found


def test_a_payment_that_the_erp_booked_pays_its_invoice_once(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    booked = PaymentBooked(payment=erp_payment(invoice["id"], "600000"))
    envelope = told(booked, source="relata/erp_bridge")
    for _ in range(3):
        deliver(sale.node, [envelope])
    arrive(sale.node, (booked, 2))
    (payment,) = payments(sale)
    assert (payment["status"], payment["method"], payment["owner_id"]) == (
        *("allocated", "Ngân hàng"),
        invoice["owner_id"],
    )
    assert balance(sale, invoice) == ("part_paid", "500000")
    assert troubles(sale.node) == []


def test_what_is_paid_beyond_the_invoice_stays_credit(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    arrive(sale.node, (PaymentBooked(payment=erp_payment(invoice["id"], "1500000")), 1))
    (payment,) = payments(sale)
    assert (balance(sale, invoice), payment["unallocated"]) == (("paid", "0"), "400000")
    arrive(sale.node, (PaymentBooked(payment=erp_payment(invoice["id"], "7")), 1))
    assert sorted((each["status"], each["unallocated"]) for each in payments(sale)) == [
        ("allocated", "400000"),
        ("received", "7"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_bookings_and_their_ends_may_come_in_any_order(sale: Sale, order: tuple[int, ...]) -> None:
    invoice = sale.owed("1000000")
    one = erp_payment(invoice["id"], "600000")
    told_of: list[tuple[Event, int]] = [
        (PaymentUnbooked(payment=one), 2),
        (PaymentBooked(payment=one), 3),
        (PaymentUnbooked(payment=one), 4),
    ]
    arrive(sale.node, *(told_of[place] for place in order))
    assert balance(sale, invoice) == ("issued", "1100000")
    assert {each["status"] for each in payments(sale)} <= {"reversed"}


def test_a_payment_that_the_erp_booked_again_counts_again(sale: Sale) -> None:
    invoice = sale.owed("1000000")
    one = erp_payment(invoice["id"], "600000")
    arrive(
        sale.node, (PaymentBooked(payment=one), 1), (PaymentUnbooked(payment=one), 2), (PaymentBooked(payment=one), 3)
    )
    assert balance(sale, invoice) == ("part_paid", "500000")
    assert sorted(each["status"] for each in payments(sale)) == ["allocated", "reversed"]
    assert sale.refused("POST", f"/payments/{payments(sale, status='allocated')[0]['id']}/reverse") == "payment_of_erp"


def test_documents_show_how_they_stand_in_the_erp(sale: Sale) -> None:
    invoice = sale.owed()
    order_id = invoice["order_id"]
    assert invoice["erp"] == {"state": "none", "reason": None, "erp_number": None, "connection": None}

    def at(kind: str, record_id: str, **fields: Any) -> ErpDocument:
        values = {"connection_id": "c", "connection": "Tryton", "type": kind, "id": record_id}
        return ErpDocument.model_validate(values | fields)

    arrive(
        sale.node,
        (DocumentDelayed(document=at("order", order_id, reason="ERP không trả lời")), 2),
        (DocumentQueued(document=at("order", order_id)), 1),
        (DocumentAccepted(document=at("invoice", invoice["id"], erp_number="HD-17")), 2),
        (DocumentChanged(document=at("invoice", invoice["id"], erp_number="HD-17", erp_state="posted")), 3),
    )
    order = sale.do("GET", f"/orders/{order_id}")
    assert (order["erp"]["state"], order["erp"]["reason"]) == ("delayed", "ERP không trả lời")
    says = {"en": "The period is closed.", "vi": "Kỳ kế toán đã khóa."}
    refused = at("order", order_id, reason=says["en"], reasons=says)
    arrive(sale.node, (DocumentRefused(document=refused), 3))
    for language, said in says.items():
        asked = {"headers": {"Accept-Language": language}}
        assert sale.client.get(f"/orders/{order_id}", **asked).json()["erp"]["reason"] == said
        (listed,) = [each for each in sale.client.get("/orders", **asked).json()["items"] if each["id"] == order_id]
        assert listed["erp"]["reason"] == said
    (listed,) = sale.client.get("/invoices", params={"order_id": order_id}).json()["items"]
    assert listed["erp"] == {
        "state": "changed",
        "reason": "posted",
        "erp_number": "HD-17",
        "connection": "Tryton",
    }
    arrive(sale.node, (DocumentRefused(document=at("order", order_id, reason="Thiếu mã số thuế")), 4))
    (listed,) = sale.client.get("/orders", params={"account_id": sale.account_id}).json()["items"]
    assert (listed["erp"]["state"], listed["version"]) == ("refused", order["version"])

"""A customer's service contract on a case: which one counts, what it gives, and when it gives nothing more."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis.ids import new_id
from tests.service_desk.stage import Desk, in_days, somebody


def contract(desk: Desk, account_id: str, **fields: Any) -> dict[str, Any]:
    body = {"name": "Bảo trì năm", "account_id": account_id, "starts_on": in_days(-30), "ends_on": in_days(30)}
    return desk.do("POST", "/entitlements", **(body | fields))


def test_a_case_shows_and_uses_the_customer_s_active_contract(desk: Desk) -> None:
    customer, since = new_id(), desk.so_far()
    first = contract(desk, customer, cases_allotted=2)
    assert (first["coverage"], first["cases_left"]) == ("covered", 2)
    cases = [desk.case(account_id=customer) for _ in range(3)]
    assert [case["coverage"] for case in cases] == ["covered", "covered", "used_up"]
    assert {case["entitlement_id"] for case in cases} == {first["id"]}
    shown = {"id": first["id"], "name": "Bảo trì năm", "ends_on": first["ends_on"], "cases_left": 1}
    assert cases[0]["entitlement"] == shown
    used = desk.do("GET", f"/entitlements/{first['id']}")
    assert (used["cases_used"], used["cases_left"], used["coverage"]) == (2, 0, "used_up")
    assert desk.types(since).count("entitlement.updated") == 2
    assert desk.do("GET", f"/cases?entitlement_id={first['id']}&coverage=used_up")["items"][0]["id"] == cases[2]["id"]


def test_an_expired_contract_is_flagged_and_not_used(desk: Desk) -> None:
    customer = new_id()
    over = contract(desk, customer, starts_on=in_days(-90), ends_on=in_days(-2))
    contract(desk, customer, starts_on=in_days(2))
    case = desk.case(account_id=customer)
    assert (case["coverage"], case["entitlement_id"]) == ("expired", over["id"])
    assert desk.do("GET", f"/entitlements/{over['id']}")["cases_used"] == 0
    assert desk.case(account_id=new_id())["coverage"] == "none"
    assert desk.case()["coverage"] == "none"


def test_the_contract_for_the_product_counts_first_then_the_one_that_ends_first(desk: Desk) -> None:
    customer, bought = new_id(), new_id()
    later = contract(desk, customer)
    sooner = contract(desk, customer, ends_on=in_days(10))
    for_product = contract(desk, customer, product_id=bought, ends_on=in_days(300))
    assert desk.case(account_id=customer)["entitlement_id"] == sooner["id"]
    assert desk.case(account_id=customer, product_id=bought)["entitlement_id"] == for_product["id"]
    active = desk.do("GET", f"/entitlements?account_id={customer}&active_on={in_days(20)}&sort=ends_on")["items"]
    assert [each["id"] for each in active] == [later["id"], for_product["id"]]


def test_cases_that_come_at_once_use_no_more_than_there_is(desk: Desk) -> None:
    customer = new_id()
    only = contract(desk, customer, cases_allotted=9)
    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(lambda _: desk.case(account_id=customer)["coverage"], range(12)))
    assert sorted(came) == ["covered"] * 9 + ["used_up"] * 3
    assert desk.do("GET", f"/entitlements/{only['id']}")["cases_used"] == 9


def test_contracts_that_make_no_sense_are_refused(desk: Desk) -> None:
    good: dict[str, Any] = {"name": "x", "account_id": new_id(), "starts_on": in_days(0), "ends_on": in_days(1)}
    for wrong in (
        {"account_id": None},
        {"ends_on": in_days(-1)},
        {"ends_on": "soon"},
        {"cases_allotted": 0},
        {"cases_allotted": 10**30},
        {"cases_used": 5},
        {"account_id": "x"},
    ):
        assert desk.try_("POST", "/entitlements", **(good | wrong)).status_code == 422, wrong
    made = desk.do("POST", "/entitlements", **good)
    desk.refused("PATCH", f"/entitlements/{made['id']}", 422, "invalid", ends_on=in_days(-5))
    assert desk.do("PATCH", f"/entitlements/{made['id']}", cases_allotted=3)["cases_left"] == 3
    assert desk.try_("GET", "/entitlements", somebody("salesperson")).status_code == 403

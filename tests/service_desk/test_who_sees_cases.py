"""Who sees, changes and raises which cases, by built-in role; and that no name leaks through a case."""

import pytest

from chassis.ids import new_id
from events.sales import AccountDeleted
from tests.service_desk.stage import Desk, account, somebody, told

TEAM, OTHER_TEAM = new_id(), new_id()
AGENT = somebody("service_agent", teams=[TEAM])
COLLEAGUE = somebody("service_agent", teams=[TEAM])
STRANGER = somebody("service_agent", teams=[OTHER_TEAM])
SELLER = somebody("salesperson")
TECHNICIAN = somebody("technician", teams=[TEAM])


@pytest.fixture(scope="module")
def path(desk: Desk) -> str:
    """A case of the agent's, whose team is known."""
    for person in (AGENT, COLLEAGUE, STRANGER):
        desk.hire(id=person.id, team_ids=sorted(person.own_team_ids))
    return f"/cases/{desk.case(AGENT)['id']}"


def test_a_team_sees_its_cases_and_nobody_else_but_those_above(desk: Desk, path: str) -> None:
    for person in (AGENT, COLLEAGUE, desk.manager, somebody("director"), somebody("administrator")):
        assert desk.try_("GET", path, person).status_code == 200
    for person in (STRANGER, SELLER, TECHNICIAN, somebody("telesales"), somebody("sales_manager")):
        assert desk.try_("GET", path, person).status_code == 404
        assert desk.try_("POST", f"{path}/wait", person).status_code == 404
        assert desk.try_("GET", f"{path}/messages", person).status_code == 404
        assert desk.do("GET", "/cases?count=true", person)["total"] == 0
    for person in (somebody("marketer"), somebody("hr"), somebody("operator"), somebody("warehouse")):
        assert desk.try_("GET", path, person).status_code == 403
        assert desk.try_("GET", "/cases", person).status_code == 403


def test_a_technician_works_on_what_was_given_to_them(desk: Desk, path: str) -> None:
    case = desk.case(AGENT)
    desk.do("POST", f"/cases/{case['id']}/assign", AGENT, owner_id=TECHNICIAN.id)
    assert desk.do("POST", f"/cases/{case['id']}/resolve", TECHNICIAN, resolution="Đã thay")["status"] == "resolved"
    assert desk.try_("POST", "/cases", TECHNICIAN, type="problem", subject="x").status_code == 403


def test_data_protection_reads_and_changes_nothing(desk: Desk, path: str) -> None:
    watcher = somebody("data_protection")
    assert desk.try_("GET", path, watcher).status_code == 200
    assert desk.try_("POST", f"{path}/wait", watcher).status_code == 403


def test_a_seller_raises_cases_of_their_own_customers_only(desk: Desk) -> None:
    own, other = account(owner_id=SELLER.id), account(owner_id=new_id())
    desk.hears(told(own), told(other))
    case = desk.case(SELLER, account_id=own.account.id)
    assert (case["owner_id"], case["account"]["name"]) == (SELLER.id, own.account.name)
    said = set()
    for unknown in (other.account.id, new_id()):
        problem = desk.refused(
            "POST", "/cases", 422, "unknown_reference", SELLER, type="problem", subject="x", account_id=unknown
        )
        said.add(problem["detail"])
        desk.refused("PATCH", f"/cases/{case['id']}", 422, "unknown_reference", SELLER, account_id=unknown)
    assert len(said) == 1
    assert desk.try_("POST", "/cases", SELLER, type="problem", subject="x", owner_id=new_id()).status_code == 403


def test_a_deleted_customer_gets_no_new_case(desk: Desk) -> None:
    gone = account()
    desk.hears(told(gone))
    desk.hears(told(AccountDeleted(account=gone.account), sequence=2))
    desk.refused("POST", "/cases", 422, "unknown_reference", type="problem", subject="x", account_id=gone.account.id)

"""Nobody reads or writes a lead that is not theirs, by any route."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.service import SALES
from tests.sales.stage import (
    RIGHTS_OF_A_SELLER,
    app_of,
    arrive,
    director,
    hire,
    me,
    mobile,
    seller,
    submission,
    verdicts,
)

NUMBER = "+84912004711"  # fixed: part of a test's name, which every worker must know alike


@pytest.fixture
def x(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=seller()) as client:
        yield client


@pytest.fixture
def y(x: AppClient) -> AppClient:
    return x.as_(seller())


@pytest.fixture
def lead_of_x(x: AppClient) -> dict[str, Any]:
    answer = x.post(
        "/leads", json={"full_name": "Khách Riêng Của X", "phones": [NUMBER], "source": f"nguồn {new_id()}"}
    )
    lead: dict[str, Any] = answer.json()
    return lead


ROUTES_OF_ONE_LEAD: dict[str, Any] = {
    "GET /leads/{lead_id}": None,
    "PATCH /leads/{lead_id}": {"company": "!"},
    "DELETE /leads/{lead_id}": None,
    "POST /leads/{lead_id}/restore": None,
    "POST /leads/{lead_id}/contact": None,
    "POST /leads/{lead_id}/disqualify": {"reason": "!"},
    "POST /leads/{lead_id}/assign": {"owner_id": new_id()},
    "POST /leads/{lead_id}/qualify": {"opportunity": {"name": "!"}},
    "GET /leads/{lead_id}/duplicates": None,
    "GET /leads/{lead_id}/history": None,
    "POST /leads/{lead_id}/phones": {"value": mobile()},
    "DELETE /leads/{lead_id}/phones/{phone_id}": None,
    "POST /leads/{lead_id}/emails": {"value": "y@khach.example"},
    "DELETE /leads/{lead_id}/emails/{email_id}": None,
}
ROUTES_OF_MANY = {"GET /leads", "POST /leads", "GET /leads/summary"}


def test_no_route_of_leads_is_missing_here() -> None:
    routes = {route.name for router in SALES.routers for route in router.routes if "leads" in route.path}
    assert routes == ROUTES_OF_ONE_LEAD.keys() | ROUTES_OF_MANY


def ask(client: AppClient, route: str, lead: dict[str, Any]) -> Any:
    method, path = route.split()
    path = path.format(lead_id=lead["id"], phone_id=lead["phones"][0]["id"], email_id=new_id())
    body = ROUTES_OF_ONE_LEAD[route]
    return client.request(method, path, **({} if body is None else {"json": body}))


@pytest.mark.parametrize("route", ROUTES_OF_ONE_LEAD)
def test_a_colleagues_lead_looks_as_if_it_were_not_there(
    route: str, x: AppClient, y: AppClient, lead_of_x: dict[str, Any]
) -> None:
    refused = ask(y, route, lead_of_x)
    absent = ask(y, route, lead_of_x | {"id": new_id()})
    assert refused.status_code == absent.status_code == 404
    assert {**refused.json(), "trace_id": ""} == {**absent.json(), "trace_id": ""}
    lead_of_x.pop("duplicates")
    assert x.get(f"/leads/{lead_of_x['id']}").json() == lead_of_x


def test_a_colleagues_deleted_lead_is_not_there_either(x: AppClient, y: AppClient, lead_of_x: dict[str, Any]) -> None:
    assert x.delete(f"/leads/{lead_of_x['id']}").status_code == 204
    assert y.post(f"/leads/{lead_of_x['id']}/restore").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=khach rieng",
        f"q={NUMBER}",
        "owner_id={owner_id}",
        "owner={owner_id}",
        "source={source}",
        "status=new&count=true",
        "sort=full_name",
        "q=khach rieng&sort=created_at&count=true",
    ],
)
def test_lists_searches_and_counts_leave_colleagues_leads_out(
    query: str, x: AppClient, y: AppClient, lead_of_x: dict[str, Any]
) -> None:
    path = "/leads?" + query.format(**lead_of_x)
    assert lead_of_x["id"] in [each["id"] for each in x.get(path).json()["items"]]
    seen = y.get(path)
    assert seen.status_code == 200
    assert seen.json()["items"] == []
    assert seen.json().get("total", 0) == 0


def test_summaries_leave_colleagues_leads_out(x: AppClient, y: AppClient, lead_of_x: dict[str, Any]) -> None:
    for by in ("source", "status"):
        assert x.get(f"/leads/summary?by={by}").json()["total"] == 1
        assert y.get(f"/leads/summary?by={by}").json() == {"by": by, "items": [], "total": 0}


def test_typing_in_a_colleagues_customer_does_not_give_them_away(
    x: AppClient, y: AppClient, lead_of_x: dict[str, Any]
) -> None:
    mine = y.post("/leads", json={"full_name": "Người quen", "phones": [NUMBER]}).json()
    assert mine["duplicates"] == 0
    assert y.get(f"/leads/{mine['id']}/duplicates").json()["items"] == []
    everything = x.as_(director()).get(f"/leads/{mine['id']}/duplicates").json()["items"]
    assert lead_of_x["id"] in [each["id"] for each in everything]


def test_rights_follow_the_owner_at_once(x: AppClient, y: AppClient, lead_of_x: dict[str, Any]) -> None:
    path = f"/leads/{lead_of_x['id']}"
    assert x.post(f"{path}/assign", json={"owner_id": me(y).id}).status_code == 200
    assert x.get(path).status_code == 404
    assert y.get(path).status_code == 200


def test_nobody_types_leads_into_a_colleagues_list(x: AppClient, y: AppClient) -> None:
    answer = y.post("/leads", json={"full_name": "Quà", "owner_id": me(x).id})
    assert answer.status_code == 403
    for_x = x.as_(director()).post("/leads", json={"full_name": "Quà", "owner_id": me(x).id}).json()
    assert x.get(f"/leads/{for_x['id']}").status_code == 200


@pytest.mark.parametrize("route", sorted(ROUTES_OF_ONE_LEAD.keys() | ROUTES_OF_MANY))
def test_who_has_nothing_to_do_with_leads_is_refused(route: str, x: AppClient, lead_of_x: dict[str, Any]) -> None:
    technician = Caller(kind="user", id=new_id(), roles=frozenset({"technician"}))
    method, path = route.split()
    path = path.format(lead_id=lead_of_x["id"], phone_id=new_id(), email_id=new_id())
    body = ROUTES_OF_ONE_LEAD.get(route) or ({"full_name": "A"} if route == "POST /leads" else None)
    query = "?by=source" if path.endswith("summary") else ""
    answer = x.as_(technician).request(method, path + query, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_who_may_only_read_changes_nothing(x: AppClient, lead_of_x: dict[str, Any]) -> None:
    marketer = x.as_(Caller(kind="user", id=new_id(), depths={"lead.read": "all"}))
    assert ask(marketer, "GET /leads/{lead_id}", lead_of_x).status_code == 200
    for route in ROUTES_OF_ONE_LEAD:
        if not route.startswith("GET"):
            assert ask(marketer, route, lead_of_x).status_code == 403, route
    assert marketer.post("/leads", json={"full_name": "A"}).status_code == 403


def test_a_team_leader_sees_the_leads_of_the_team(sales: Node, x: AppClient) -> None:
    team = new_id()
    below = dict.fromkeys(RIGHTS_OF_A_SELLER, "below")
    leader = x.as_(Caller(kind="user", id=new_id(), team_ids=frozenset({team}), depths=below))
    stranger = x.as_(Caller(kind="user", id=new_id(), team_ids=frozenset({new_id()}), depths=below))
    member = hire(sales, team_ids=(team,))
    made = x.as_(director()).post("/leads", json={"full_name": "Khách của đội", "owner_id": member}).json()
    assert leader.get(f"/leads/{made['id']}").status_code == 200
    assert [each["id"] for each in leader.get("/leads?owner=team").json()["items"]] == [made["id"]]
    assert stranger.get(f"/leads/{made['id']}").status_code == 404


def test_partners_read_nothing_here_and_keys_only_what_their_scopes_say(sales: Node, x: AppClient) -> None:
    partner_id = new_id()
    arrive(sales, one := submission(phone=mobile(), partner_id=partner_id))
    path = f"/leads/{verdicts(sales, one)[one.id][1]}"
    partner = Caller(kind="key", id=new_id(), partner_id=partner_id, scopes=frozenset({"leads:push"}))
    greedy = Caller(kind="key", id=new_id(), partner_id=partner_id, scopes=frozenset({"leads:push", "leads:read"}))
    reader = Caller(kind="key", id=new_id(), scopes=frozenset({"leads:read"}), depths={"lead.read": "all"})
    for caller in (partner, greedy):
        for route in ("/leads", path, f"{path}/history", "/leads/summary?by=source"):
            assert x.as_(caller).get(route).status_code == 403
    assert x.as_(reader).get(path).status_code == 200
    assert x.as_(reader).patch(path, json={"company": "!"}).status_code == 403
    assert x.as_(None).get(path).status_code == 401

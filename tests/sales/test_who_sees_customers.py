"""Nobody reads or writes an account, a contact or an opportunity that is not theirs, by any route."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.service import SALES
from tests.sales.stage import app_of, mobile, seller

_ANY = {
    "GET {one}": None,
    "PATCH {one}": {"campaign": "!"},
    "DELETE {one}": None,
    "POST {one}/restore": None,
    "POST {one}/assign": {"owner_id": new_id()},
    "GET {one}/history": None,
}
_REACHED = {
    "GET {one}/duplicates": None,
    "POST {one}/phones": {"value": mobile()},
    "DELETE {one}/phones/{phone_id}": None,
    "POST {one}/emails": {"value": "y@khach.example"},
    "DELETE {one}/emails/{email_id}": None,
    "POST {one}/addresses": {"province": "Huế"},
    "DELETE {one}/addresses/{address_id}": None,
}
_SOLD = {
    "POST {one}/advance": {"stage": "needs"},
    "POST {one}/win": None,
    "POST {one}/lose": {"reason": "!"},
    "POST {one}/reopen": None,
}
LISTS = {
    "/accounts": ("account_id", {"name": "Khách"}, _ANY | _REACHED),
    "/contacts": ("contact_id", {"full_name": "Khách"}, _ANY | _REACHED),
    "/opportunities": ("opportunity_id", {"name": "Máy"}, _ANY | _SOLD),
}
ROUTES = [(path, route) for path, (_, _, routes) in LISTS.items() for route in routes]
PIPELINES = {
    *("GET /pipelines", "POST /pipelines", "GET /pipelines/{pipeline_id}", "PATCH /pipelines/{pipeline_id}"),
    "GET /pipelines/{pipeline_id}/history",
}


@pytest.fixture
def x(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=seller()) as client:
        yield client


def made(client: AppClient, path: str) -> dict[str, Any]:
    answer = client.post(path, json=LISTS[path][1])
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def ask(client: AppClient, path: str, route: str, record_id: str) -> Any:
    parts = dict.fromkeys(("phone_id", "email_id", "address_id"), new_id())
    method, place = route.format(one=f"{path}/{record_id}", **parts).split()
    body = LISTS[path][2][route]
    return client.request(method, place, **({} if body is None else {"json": body}))


def test_no_route_of_customers_and_opportunities_is_missing_here() -> None:
    ours = (*LISTS, "/pipelines")
    routes = {route.name for router in SALES.routers for route in router.routes if route.path.startswith(ours)}
    here = {f"{method} {path}" for path in LISTS for method in ("GET", "POST")}
    for path, (name, _, of_one) in LISTS.items():
        here |= {route.replace("{one}", f"{path}/{{{name}}}") for route in of_one}
    assert routes == here | PIPELINES


@pytest.mark.parametrize(("path", "route"), ROUTES)
def test_what_is_a_colleagues_looks_as_if_it_were_not_there(path: str, route: str, x: AppClient) -> None:
    record, y = made(x, path), x.as_(seller())
    refused, absent = ask(y, path, route, record["id"]), ask(y, path, route, new_id())
    assert refused.status_code == absent.status_code == 404
    assert {**refused.json(), "trace_id": ""} == {**absent.json(), "trace_id": ""}
    assert x.get(f"{path}/{record['id']}").json()["version"] == 1


@pytest.mark.parametrize(("path", "route"), ROUTES)
def test_who_has_no_right_is_refused_and_who_may_only_read_changes_nothing(path: str, route: str, x: AppClient) -> None:
    record, noun = made(x, path), LISTS[path][0].removesuffix("_id")
    technician = x.as_(Caller(kind="user", id=new_id(), roles=frozenset({"technician"})))
    reader = x.as_(Caller(kind="user", id=new_id(), depths={f"{noun}.read": "all"}))
    assert ask(technician, path, route, record["id"]).status_code == 403
    assert ask(reader, path, route, record["id"]).status_code == (200 if route.startswith("GET") else 403)


@pytest.mark.parametrize("path", LISTS)
def test_lists_leave_out_what_is_a_colleagues(path: str, x: AppClient) -> None:
    record, y = made(x, path), x.as_(seller())
    for query in ({}, {"q": "khach"}, {"q": "may"}, {"owner_id": record["owner_id"]}, {"sort": "created_at"}):
        seen = y.get(path, params={**query, "count": "true"}).json()
        assert seen == {"items": [], "next_cursor": None, "total": 0}, query
    assert y.post(path, json={**LISTS[path][1], "owner_id": new_id()}).status_code == 403
    assert x.as_(Caller(kind="user", id=new_id())).get(path).status_code == 403

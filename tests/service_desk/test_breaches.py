"""The clocks of a case: what they measure, when they stand still, and that a breach is said once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import utcnow
from services.service_desk.jobs import mark_breaches
from tests.service_desk.stage import Desk

ROUND_THE_CLOCK = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def policy(desk: Desk) -> dict[str, Any]:
    body = {"first_response_minutes": 60, "resolution_minutes": 480, "hours": ROUND_THE_CLOCK}
    return desk.do("POST", "/sla_policies", name="Cả ngày đêm", **body)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def breaches(desk: Desk, since: int) -> list[tuple[str, str]]:
    """Which clocks of which cases were said to have run out."""
    said = [each for each in desk.announced(since) if each.type == "service_desk.case.breached.v1"]
    return [(each.data["case"]["id"], each.data["clock"]) for each in said]


def test_a_new_case_has_its_due_times(desk: Desk, policy: dict[str, Any]) -> None:
    case = desk.case()
    created = moment(case["created_at"])
    assert case["sla_policy_id"] == policy["id"]
    assert moment(case["first_response_due_at"]) == created + HOUR
    assert moment(case["resolution_due_at"]) == created + 8 * HOUR
    assert case["due_at"] == case["first_response_due_at"]
    path = f"/cases/{case['id']}"
    desk.do("POST", f"{path}/messages", text="Chào chị", visibility="public")
    assert desk.do("GET", path)["due_at"] == case["resolution_due_at"]
    resolved = desk.do("POST", f"{path}/resolve", resolution="Xong")
    assert (resolved["due_at"], resolved["resolution_due_at"]) == (None, case["resolution_due_at"])


def test_a_breach_is_said_once_however_many_look(desk: Desk, policy: dict[str, Any]) -> None:
    late = [desk.case()["id"] for _ in range(5)]
    in_time = desk.case()["id"]
    past = utcnow().replace(microsecond=0) - HOUR
    for case_id in late:
        desk.move(case_id, first_response_due_at=past, due_at=past, breach_at=past)
    since = desk.so_far()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: mark_breaches(desk.node), range(3)))
    mark_breaches(desk.node)
    assert sorted(breaches(desk, since)) == sorted((case_id, "first_response") for case_id in late)
    overdue = [each["id"] for each in desk.do("GET", "/cases?overdue=true&limit=200")["items"]]
    assert set(late) <= set(overdue)
    assert in_time not in overdue
    assert in_time in [each["id"] for each in desk.do("GET", "/cases?overdue=false&limit=200")["items"]]
    shown = desk.do("GET", f"/cases/{late[0]}")
    assert shown["first_response_breached_at"] and not shown["resolution_breached_at"]


def test_who_acts_before_the_job_looks_says_the_breach(desk: Desk, policy: dict[str, Any]) -> None:
    case_id = desk.case()["id"]
    past = utcnow().replace(microsecond=0) - HOUR
    desk.move(case_id, first_response_due_at=past, resolution_due_at=past, due_at=past, breach_at=past)
    since = desk.so_far()
    desk.do("POST", f"/cases/{case_id}/resolve", resolution="Muộn nhưng xong")
    mark_breaches(desk.node)
    assert breaches(desk, since) == [(case_id, "first_response"), (case_id, "resolution")]
    assert desk.do("POST", f"/cases/{case_id}/reopen")["resolution_due_at"] == past.isoformat().replace("+00:00", "Z")
    mark_breaches(desk.node)
    assert len(breaches(desk, since)) == 2


def test_clocks_stand_still_while_the_customer_is_waited_for(desk: Desk, policy: dict[str, Any]) -> None:
    case_id = desk.case()["id"]
    path = f"/cases/{case_id}"
    waiting = desk.do("POST", f"{path}/wait")
    assert waiting["due_at"] is None
    left = 7 * 3600
    desk.move(case_id, resolution_left_s=left, first_response_left_s=1800)
    assert case_id not in [each["id"] for each in desk.do("GET", "/cases?overdue=true&limit=200")["items"]]
    going_on = desk.do("POST", f"{path}/open")
    for clock, seconds in (("resolution", left), ("first_response", 1800)):
        assert abs(moment(going_on[f"{clock}_due_at"]) - utcnow() - timedelta(seconds=seconds)) < timedelta(seconds=30)
    assert going_on["due_at"] == going_on["first_response_due_at"]


def test_another_priority_is_measured_by_its_own_promise(desk: Desk, policy: dict[str, Any]) -> None:
    body = {"first_response_minutes": 10, "resolution_minutes": 120, "hours": ROUND_THE_CLOCK}
    urgent = desk.do("POST", "/sla_policies", name="Gấp", priority="urgent", **body)
    case = desk.case()
    created = moment(case["created_at"])
    changed = desk.do("PATCH", f"/cases/{case['id']}", priority="urgent")
    assert changed["sla_policy_id"] == urgent["id"]
    assert abs(moment(changed["resolution_due_at"]) - created - 2 * HOUR) < timedelta(seconds=2)
    desk.do("PATCH", f"/sla_policies/{urgent['id']}", active=False)
    assert desk.case(priority="urgent")["sla_policy_id"] == policy["id"]


def test_policies_and_holidays_that_make_no_sense_are_refused(desk: Desk) -> None:
    good = {"name": "x", "first_response_minutes": 1, "resolution_minutes": 2}
    day = {"weekday": 1, "opens": "08:00", "closes": "12:00"}
    for wrong in (
        {"first_response_minutes": 3},
        {"first_response_minutes": 0},
        {"resolution_minutes": 10**30},
        {"resolution_minutes": 1e400},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "America"},
        {"hours": []},
        {"hours": [day | {"closes": "07:00"}]},
        {"hours": [day, day | {"opens": "11:00", "closes": "13:00"}]},
        {"hours": [day | {"closes": "08:30"}]},
        {"hours": [day | {"closes": "25:00"}]},
        {"hours": [day | {"weekday": 8}]},
        {"priority": "asap"},
    ):
        answer = desk.client.as_(desk.manager).request(
            "POST", "/sla_policies", content=json.dumps(good | wrong), headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422), (wrong, answer.text)
    policy = desk.do("POST", "/sla_policies", active=False, **good)
    assert policy["time_zone"] == "Asia/Ho_Chi_Minh" and len(policy["hours"]) == 5
    desk.refused("PATCH", f"/sla_policies/{policy['id']}", 422, "invalid", first_response_minutes=9)
    holiday = desk.do("POST", "/holidays", on="2027-02-05", name="Tết Đinh Mùi")
    desk.refused("POST", "/holidays", 409, "already_exists", on="2027-02-05", name="Lại Tết")
    desk.do("DELETE", f"/holidays/{holiday['id']}")
    desk.do("POST", "/holidays", on="2027-02-05", name="Tết", works_like=1)

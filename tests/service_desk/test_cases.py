"""A case from the first word to the last: its moves, what refuses them, what is said in it."""

from typing import Any

import pytest

from chassis.ids import new_id
from tests.service_desk.stage import Desk, account, contact, product, somebody, told


def test_a_case_goes_from_new_to_closed_and_says_each_step(desk: Desk) -> None:
    since, agent = desk.so_far(), desk.hire(team_ids=(new_id(),))
    case = desk.case(priority="high", category="quality", description="Kêu to từ hôm qua")
    assert (case["status"], case["number"][:3], case["owner_id"]) == ("new", "CS-", desk.manager.id)
    path = f"/cases/{case['id']}"
    assigned = desk.do("POST", f"{path}/assign", owner_id=agent)
    assert (assigned["status"], assigned["owner_id"], assigned["owner_name"]) == ("open", agent, "Trần Văn Xuân")
    assert desk.do("POST", f"{path}/wait")["status"] == "waiting"
    assert desk.do("POST", f"{path}/open")["status"] == "open"
    resolved = desk.do("POST", f"{path}/resolve", resolution="Đã thay gioăng")
    assert (resolved["status"], resolved["resolution"]) == ("resolved", "Đã thay gioăng")
    assert resolved["resolved_at"] and resolved["first_responded_at"]
    assert desk.do("POST", f"{path}/close")["closed_at"]
    reopened = desk.do("POST", f"{path}/reopen")
    assert (reopened["status"], reopened["resolved_at"], reopened["closed_at"]) == ("open", None, None)
    steps = ["created", "assigned", "paused", "opened", "resolved", "closed", "reopened"]
    assert desk.types(since) == [f"case.{step}" for step in steps]
    fields = [each["field"] for each in desk.do("GET", f"{path}/history")["items"]]
    assert fields.count("status") == 6
    assert not {"due_at", "breach_at", "resolution_left_s", "search_text"} & set(fields)


def test_whoever_resolves_a_new_case_has_opened_it(desk: Desk) -> None:
    since = desk.so_far()
    case = desk.case()
    desk.do("POST", f"/cases/{case['id']}/resolve", resolution="Đã hướng dẫn qua điện thoại")
    assert desk.types(since) == ["case.created", "case.opened", "case.resolved"]
    moves = [each for each in desk.do("GET", f"/cases/{case['id']}/history")["items"] if each["field"] == "status"]
    assert [(each["old"], each["new"]) for each in reversed(moves)] == [("new", "open"), ("open", "resolved")]


def test_what_the_rules_forbid_is_refused(desk: Desk) -> None:
    path = f"/cases/{desk.case()['id']}"
    desk.refused("POST", f"{path}/close", 409, "case_not_resolved")
    desk.refused("POST", f"{path}/reopen", 409, "case_not_over")
    for body in ({}, {"resolution": ""}, {"resolution": "   "}, {"resolution": None}, {"resolution": "x" * 10_001}):
        assert desk.client.as_(desk.manager).post(f"{path}/resolve", json=body).status_code == 422
    assert desk.client.as_(desk.manager).post(f"{path}/resolve").status_code == 422
    desk.do("POST", f"{path}/resolve", resolution="Xong")
    for step in ("wait", "open", "escalate"):
        desk.refused("POST", f"{path}/{step}", 409, "case_is_over")
    desk.do("POST", f"{path}/close")
    desk.refused("POST", f"{path}/resolve", 409, "case_is_over", resolution="Lại")
    desk.refused("PATCH", path, 409, "case_is_over", subject="Khác")


@pytest.mark.parametrize("step", ["assign", "wait", "resolve", "close", "reopen", "escalate"])
def test_a_move_made_twice_is_made_once(desk: Desk, step: str) -> None:
    bodies: dict[str, dict[str, Any]] = {"assign": {"owner_id": new_id()}, "resolve": {"resolution": "Xong"}}
    path = f"/cases/{desk.case()['id']}"
    if step in ("close", "reopen"):
        desk.do("POST", f"{path}/resolve", resolution="Xong")
    once = desk.do("POST", f"{path}/{step}", **bodies.get(step, {}))
    since = desk.so_far()
    again = desk.do("POST", f"{path}/{step}", **bodies.get(step, {}))
    assert again == once
    assert desk.types(since) == []


def test_an_answer_is_the_first_response_and_a_customer_s_word_opens_again(desk: Desk) -> None:
    case = desk.case()
    path = f"/cases/{case['id']}"
    since = desk.so_far()
    note = desk.do("POST", f"{path}/messages", text="Hỏi kho trước")
    assert (note["visibility"], note["author"]) == ("internal", desk.manager.actor)
    assert desk.do("GET", path)["status"] == "new"
    desk.do("POST", f"{path}/messages", text="Chào chị, em xem ngay", visibility="public", channel="email")
    answered = desk.do("GET", path)
    assert answered["status"] == "open" and answered["first_responded_at"]
    desk.do("POST", f"{path}/wait")
    desk.do("POST", f"{path}/messages", text="Vẫn kêu", visibility="public", direction="in")
    assert desk.do("GET", path)["status"] == "open"
    desk.do("POST", f"{path}/resolve", resolution="Xong")
    desk.do("POST", f"{path}/close")
    desk.refused("POST", f"{path}/messages", 409, "case_is_over", text="Còn gì không ạ?", visibility="public")
    desk.do("POST", f"{path}/messages", text="Lại kêu rồi", visibility="public", direction="in")
    assert desk.do("GET", path)["status"] == "open"
    said = desk.do("GET", f"{path}/messages?limit=2")
    assert [each["text"] for each in said["items"]] == ["Hỏi kho trước", "Chào chị, em xem ngay"]
    rest = desk.do("GET", f"{path}/messages?cursor={said['next_cursor']}")
    assert [each["direction"] for each in rest["items"]] == ["in", "in"]
    assert desk.types(since).count("message.written") == 4
    desk.refused("GET", f"/cases/{new_id()}/messages", 404, "not_found")


def test_what_a_channel_hands_over_twice_is_there_once(desk: Desk) -> None:
    one, other = desk.case(), desk.case()
    mail: dict[str, Any] = {
        "text": "Máy lại kêu",
        "visibility": "public",
        "direction": "in",
        "channel": "email",
        "external_id": new_id(),
    }
    first = desk.do("POST", f"/cases/{one['id']}/messages", **mail)
    since = desk.so_far()
    assert desk.do("POST", f"/cases/{one['id']}/messages", **mail)["id"] == first["id"]
    assert desk.types(since) == []
    desk.refused("POST", f"/cases/{other['id']}/messages", 409, "message_of_another_case", **mail)
    for wrong in ({"direction": "in"}, {"external_id": "x"}, {"text": ""}, {"text": "x" * 50_001}, {"channel": "É"}):
        body = {"text": "a", **wrong}
        assert desk.client.as_(desk.manager).post(f"/cases/{one['id']}/messages", json=body).status_code == 422


def test_names_come_with_the_events_and_are_pending_until_then(desk: Desk) -> None:
    bought_by, person, bought = account(), contact(), product()
    ids: dict[str, Any] = {
        "account_id": bought_by.account.id,
        "contact_id": person.contact.id,
        "product_id": bought.product.id,
    }
    case = desk.case(**ids, order_id=new_id())
    assert case["account"] == {"id": ids["account_id"], "name": None, "pending": True}
    desk.hears(told(bought_by), told(person), told(bought))
    seen = desk.do("GET", f"/cases?account_id={ids['account_id']}")["items"][0]
    assert seen["account"] == {"id": ids["account_id"], "name": "Công ty TNHH Thép Việt Đức", "pending": False}
    assert (seen["contact"]["name"], seen["product"]["name"]) == ("Nguyễn Thị Hồng Đào", "Máy nén khí")
    assert (seen["order"]["name"], seen["order"]["pending"]) == (None, True)


def test_a_contact_s_case_is_their_account_s_too(desk: Desk) -> None:
    company = account()
    person = contact(account_id=company.account.id)
    desk.hears(told(company), told(person))
    assert desk.case(contact_id=person.contact.id)["account_id"] == company.account.id


def test_a_case_says_something_and_knows_its_kind(desk: Desk) -> None:
    assert desk.case(subject=None, description="Dòng đầu\nDòng hai")["subject"] == "Dòng đầu"
    for body in (
        {},
        {"type": "problem"},
        {"type": "wish", "subject": "x"},
        {"type": "problem", "subject": "x" * 301},
        {"type": "problem", "subject": "x", "status": "closed"},
        {"type": "problem", "subject": "x", "priority": "asap"},
        {"type": "problem", "subject": "x", "account_id": "nobody"},
        {"type": "problem", "subject": "   "},
    ):
        assert desk.client.as_(desk.manager).post("/cases", json=body).status_code == 422, body
    hostile = "<script>alert(1)</script> '; DROP TABLE cases;-- \u202e🙂 %_\\"
    case = desk.case(subject=hostile, description="x" * 10_000, custom={"a": "=1+1"})
    assert desk.do("GET", f"/cases/{case['id']}")["subject"] == hostile
    assert [each["id"] for each in desk.do("GET", "/cases?q=drop+table")["items"]] == [case["id"]]


def test_cases_are_searched_without_accents_and_filtered(desk: Desk) -> None:
    word = f"Đường{new_id()[-6:]}"
    case = desk.case(subject=f"Hàng giao sai {word}", type="complaint", priority="urgent", category="quantity")
    for query in (f"q={word.lower().replace('đường', 'duong')}", f"q={case['number']}", f"number={case['number']}"):
        assert [each["id"] for each in desk.do("GET", f"/cases?{query}")["items"]] == [case["id"]], query
    listed = desk.do("GET", f"/cases?q={word}&type=complaint&priority=urgent&category=quantity&owner=me&count=true")
    assert listed["total"] == 1
    assert desk.do("GET", f"/cases?q={word}&status__in=closed,resolved")["items"] == []
    assert desk.client.as_(desk.manager).get("/cases?colour=red").status_code == 422


def test_six_categories_are_there_in_the_reader_s_language(desk: Desk) -> None:
    labels = {each["key"]: each["label"] for each in desk.do("GET", "/case_categories")["items"]}
    assert len(labels) == 6
    assert labels["warranty_request"] == "Yêu cầu bảo hành"


def test_an_escalated_case_goes_to_the_manager_of_its_owner(desk: Desk) -> None:
    boss = desk.hire()
    agent = desk.hire(manager_id=boss)
    case = desk.case(owner_id=agent)
    since = desk.so_far()
    told = desk.do("POST", f"/cases/{case['id']}/escalate", reason="Khách doạ kiện")
    assert told["owner_id"] == boss and told["escalated_at"]
    assert desk.announced(since)[0].data["reason"] == "Khách doạ kiện"
    assert desk.do("POST", f"/cases/{case['id']}/escalate", owner_id=agent)["owner_id"] == agent


def test_nobody_who_left_gets_a_case(desk: Desk) -> None:
    gone = desk.hire(active=False)
    desk.refused("POST", f"/cases/{desk.case()['id']}/assign", 409, "owner_not_active", owner_id=gone)


def test_a_stale_write_is_shown_how_it_is_now(desk: Desk) -> None:
    case = desk.case()
    desk.do("PATCH", f"/cases/{case['id']}", priority="low", custom={"lô": "A1"})
    answer = desk.client.as_(desk.manager, **{"If-Match": '"1"'}).patch(f"/cases/{case['id']}", json={"subject": "x"})
    assert answer.status_code == 412
    assert answer.json()["current"]["priority"] == "low"


def test_of_a_customer_s_cases_everybody_who_may_read_the_customer_knows(desk: Desk) -> None:
    seller = somebody("salesperson")
    own, other = account(owner_id=seller.id), account(owner_id=new_id())
    desk.hears(told(own), told(other))
    case = desk.case(account_id=own.account.id)
    path = f"/customer_cases?regarding=account:{own.account.id}"
    shown = desk.do("GET", path, seller)["items"]
    assert [(each["number"], each["subject"]) for each in shown] == [(case["number"], case["subject"])]
    assert "description" not in shown[0]
    assert desk.try_("GET", f"/cases/{case['id']}", seller).status_code == 404
    for unreadable in (other.account.id, new_id()):
        assert desk.try_("GET", f"/customer_cases?regarding=account:{unreadable}", seller).status_code == 404

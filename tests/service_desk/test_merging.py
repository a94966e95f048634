"""Two cases that are one matter: one goes on with what was said in both."""

from typing import Any

from chassis.ids import new_id
from tests.service_desk.stage import Desk, somebody


def said(desk: Desk, case_id: str) -> list[str]:
    return [each["text"] for each in desk.do("GET", f"/cases/{case_id}/messages")["items"]]


def test_a_case_that_went_into_another_is_closed_and_its_words_are_there(desk: Desk) -> None:
    first, second, third = (desk.case()["id"] for _ in range(3))
    for case_id, text in ((first, "một"), (second, "hai"), (third, "ba")):
        desk.do("POST", f"/cases/{case_id}/messages", text=text)
    since = desk.so_far()
    merged = desk.do("POST", f"/cases/{first}/merge", into=second)
    assert (merged["status"], merged["merged_into_id"]) == ("closed", second)
    assert desk.types(since) == ["case.opened", "case.resolved", "case.closed", "case.merged"]
    assert desk.announced(since)[-1].data["merged_into"] == second
    assert said(desk, second) == ["một", "hai"]
    desk.do("POST", f"/cases/{second}/merge", into=third)
    assert said(desk, third) == ["một", "hai", "ba"]
    assert desk.do("GET", f"/cases/{first}")["merged_into_id"] == third
    listed = desk.do("GET", f"/cases?merged_into_id={third}&sort=created_at")["items"]
    assert [each["id"] for each in listed] == [first, second]
    since = desk.so_far()
    assert desk.do("POST", f"/cases/{first}/merge", into=third)["status"] == "closed"
    assert desk.types(since) == []


def test_what_cannot_go_into_another_is_refused(desk: Desk) -> None:
    one, other, closed = (desk.case()["id"] for _ in range(3))
    desk.refused("POST", f"/cases/{one}/merge", 422, "unknown_reference", into=one)
    desk.refused("POST", f"/cases/{one}/merge", 422, "unknown_reference", into=new_id())
    desk.do("POST", f"/cases/{closed}/resolve", resolution="Xong")
    desk.do("POST", f"/cases/{closed}/close")
    desk.refused("POST", f"/cases/{one}/merge", 409, "case_is_over", into=closed)
    desk.do("POST", f"/cases/{one}/merge", into=other)
    desk.refused("POST", f"/cases/{one}/reopen", 409, "case_was_merged")
    desk.refused("POST", f"/cases/{one}/merge", 409, "case_was_merged", into=desk.case()["id"])
    desk.refused("POST", f"/cases/{other}/merge", 409, "case_was_merged", into=one)
    body: dict[str, Any] = {"text": "Vẫn hỏng", "visibility": "public", "direction": "in"}
    desk.refused("POST", f"/cases/{one}/messages", 409, "case_was_merged", **body)


def test_nobody_merges_into_a_case_they_may_not_see(desk: Desk) -> None:
    seller = somebody("salesperson")
    own = desk.case(seller)["id"]
    foreign = desk.case()["id"]
    desk.refused("POST", f"/cases/{own}/merge", 422, "unknown_reference", seller, into=foreign)
    desk.refused("POST", f"/cases/{foreign}/merge", 404, "not_found", seller, into=own)
    desk.refused("POST", f"/cases/{foreign}/merge", 404, "not_found", seller, into=new_id())

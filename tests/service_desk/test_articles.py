"""The knowledge base: four eyes before anybody reads it, revisions, and what readers find."""

from typing import Any

import pytest

from chassis.ids import new_id
from tests.service_desk.stage import Desk, somebody

AGENT = somebody("service_agent")
SELLER = somebody("salesperson")


def draft(desk: Desk, **fields: Any) -> dict[str, Any]:
    body = {"title": "Máy nén khí kêu to", "body": "Kiểm tra gioăng trước.", "tags": ["máy nén khí"]}
    return desk.do("POST", "/articles", AGENT, **(body | fields))


def published(desk: Desk, **fields: Any) -> dict[str, Any]:
    article = draft(desk, **fields)
    desk.do("POST", f"/articles/{article['id']}/submit", AGENT)
    return desk.do("POST", f"/articles/{article['id']}/publish")


def found(desk: Desk, word: str) -> list[str]:
    return [each["id"] for each in desk.do("GET", f"/articles?q={word}", SELLER)["items"]]


def test_an_article_is_found_when_a_second_person_has_published_it(desk: Desk) -> None:
    since, word = desk.so_far(), f"Đệm{new_id()[-8:]}"
    article = draft(desk, title=f"Thay {word}")
    path = f"/articles/{article['id']}"
    assert (article["status"], article["revision"], article["number"][:3]) == ("draft", 1, "KB-")
    desk.refused("POST", f"{path}/publish", 409, "article_not_in_review")
    desk.do("POST", f"{path}/submit", AGENT)
    desk.refused("POST", f"{path}/publish", 403, "not_allowed", AGENT)
    assert found(desk, word) == []
    assert desk.try_("GET", path, SELLER).status_code == 404
    desk.do("POST", f"{path}/publish")
    assert found(desk, word.lower().replace("đệm", "dem")) == [article["id"]]
    desk.do("POST", f"{path}/archive")
    assert found(desk, word) == []
    assert desk.types(since) == [f"article.{step}" for step in ("created", "updated", "published", "archived")]


def test_nobody_publishes_alone_what_they_wrote_but_an_administrator(desk: Desk) -> None:
    article = draft(desk)
    path = f"/articles/{article['id']}"
    desk.do("PATCH", path, body="Viết lại.")
    desk.do("POST", f"{path}/submit")
    desk.refused("POST", f"{path}/publish", 409, "own_article")
    administrator = somebody("administrator")
    desk.do("PATCH", path, administrator, title="Tôi viết")
    desk.do("POST", f"{path}/submit", administrator)
    assert desk.do("POST", f"{path}/publish", administrator)["status"] == "published"


def test_what_is_changed_in_review_is_reviewed_again(desk: Desk) -> None:
    path = f"/articles/{draft(desk)['id']}"
    desk.do("POST", f"{path}/submit", AGENT)
    assert desk.do("PATCH", path, AGENT, body="Khác")["status"] == "draft"
    desk.do("POST", f"{path}/submit", AGENT)
    declined = desk.do("POST", f"{path}/decline", note="Thiếu ảnh")
    assert (declined["status"], declined["review_note"]) == ("draft", "Thiếu ảnh")


def test_a_revision_takes_the_place_of_what_it_revises(desk: Desk) -> None:
    first = published(desk)
    path = f"/articles/{first['id']}"
    desk.refused("PATCH", path, 409, "article_not_draft", body="Lén sửa")
    second = desk.do("POST", f"{path}/revise", AGENT)
    assert desk.do("POST", f"{path}/revise", AGENT)["id"] == second["id"]
    assert (second["number"], second["revision"], second["supersedes_id"]) == (first["number"], 2, first["id"])
    desk.do("PATCH", f"/articles/{second['id']}", AGENT, body="Kiểm tra dầu trước.")
    desk.do("POST", f"/articles/{second['id']}/submit", AGENT)
    listed = f"/articles?number={first['number']}"
    assert [each["id"] for each in desk.do("GET", listed, SELLER)["items"]] == [first["id"]]
    desk.do("POST", f"/articles/{second['id']}/publish")
    assert [each["id"] for each in desk.do("GET", listed, SELLER)["items"]] == [second["id"]]
    kept = desk.do("GET", f"{listed}&sort=created_at")["items"]
    assert [(each["status"], each["body"]) for each in kept] == [
        ("archived", "Kiểm tra gioăng trước."),
        ("published", "Kiểm tra dầu trước."),
    ]
    desk.refused("POST", f"{path}/revise", 409, "article_not_published")


def test_a_published_article_is_linked_to_a_case(desk: Desk) -> None:
    article, case = published(desk), desk.case()
    path = f"/cases/{case['id']}/articles"
    since = desk.so_far()
    for _ in range(2):
        linked = desk.do("POST", path, article_id=article["id"])
    assert linked["articles"] == [{"id": article["id"], "title": article["title"]}]
    assert desk.types(since) == ["case.updated"]
    desk.refused("POST", path, 422, "unknown_reference", article_id=draft(desk)["id"])
    desk.refused("POST", path, 422, "unknown_reference", article_id=new_id())
    desk.do("DELETE", f"{path}/{article['id']}")
    assert desk.do("GET", f"/cases/{case['id']}")["article_ids"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 301},
        {"body": "x" * 100_001},
        {"language": "fr"},
        {"tags": ["x"] * 21},
        {"tags": "x"},
        {"status": "published"},
        {"author": "user:x"},
    ],
    ids=str,
)
def test_what_is_no_article_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    body = {"title": "a", "body": "b"} | wrong
    assert desk.try_("POST", "/articles", AGENT, **body).status_code == 422

"""The routes of opportunities and pipelines: create, read, change, the moves between stages, lists."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.pipelines.model import DEFAULT_ID
from tests.sales.stage import announced, app_of, director, hire, me, mobile, seller, so_far


@pytest.fixture
def boss(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=director()) as client:
        yield client


def made(client: AppClient, path: str = "/opportunities", **fields: Any) -> dict[str, Any]:
    """An opportunity, or what the path names, that this client's user has just typed in."""
    answer = client.post(path, json=({"name": "Máy lọc nước"} if path == "/opportunities" else {}) | fields)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def prospect(**fields: Any) -> dict[str, Any]:
    """Somebody whom nobody knows."""
    return {"full_name": "Phạm Thị Hồng Đào", "phones": [mobile()]} | fields


def test_an_opportunity_typed_in_begins_the_default_pipeline_and_is_announced(sales: Node, boss: AppClient) -> None:
    since = so_far(sales)
    who = prospect(company="Công ty Hoa Sen")
    answer = boss.post(
        "/opportunities",
        json={
            "name": "Dây chuyền đóng chai",
            "amount": {"amount": "1250000000", "currency": "VND"},
            "close_date": "2026-12-24",
            "priority": "high",
            "prospect": who,
            "source": "hội chợ",
        },
    )
    made = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert (made["status"], made["stage"], made["probability"]) == ("open", "qualification", 10)
    assert (made["pipeline_id"], made["amount"]) == (DEFAULT_ID, {"amount": "1250000000", "currency": "VND"})
    assert (made["owner_id"], made["account_id"], made["contact_id"]) == (me(boss).id, None, None)
    assert made["prospect"]["phones"] == who["phones"]
    assert boss.get(f"/opportunities/{made['id']}").json() == made
    (told,) = announced(sales, since)
    assert (told.type, told.subject) == ("sales.opportunity.created.v1", f"opportunity:{made['id']}")
    assert told.data["opportunity"]["amount"] == {"amount": "1250000000", "currency": "VND"}
    assert told.data["opportunity"]["prospect"]["full_name"] == "Phạm Thị Hồng Đào"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": None}, "/name"),
        ({"amount": {"amount": 12.5}}, "/amount/amount"),
        ({"amount": {"amount": "-1"}}, "/amount"),
        ({"amount": {"amount": "900000000000000"}}, "/amount"),
        ({"amount": {"amount": "1", "currency": "đồng"}}, "/amount/currency"),
        ({"stage": "nowhere"}, "/stage"),
        ({"pipeline_id": new_id()}, "/pipeline_id"),
        ({"account_id": new_id()}, "/account_id"),
        ({"contact_id": new_id()}, "/contact_id"),
        ({"probability": 101}, "/probability"),
        ({"status": "won"}, "/status"),
        ({"close_date": "24/12/2026"}, "/close_date"),
        ({"prospect": {"phones": [mobile()]}}, "/prospect"),
        ({"prospect": {"full_name": "A", "phones": ["x"]}}, "/phones/0"),
        ({"prospect": {"full_name": "A"}, "account_id": new_id()}, ""),
    ],
)
def test_bad_fields_are_named(boss: AppClient, body: dict[str, Any], pointer: str) -> None:
    answer = boss.post("/opportunities", json={"name": "A"} | body)
    assert answer.status_code == 422, answer.text
    assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"]), answer.text


def test_money_is_kept_to_the_coin(boss: AppClient) -> None:
    for amount, currency, kept in (("1250000.4", "VND", "1250000"), ("0.125", "USD", "0.13"), ("0", "VND", "0")):
        one = made(boss, amount={"amount": amount, "currency": currency})
        assert one["amount"] == {"amount": kept, "currency": currency}


def test_it_goes_through_its_stages_forth_and_back(sales: Node, boss: AppClient) -> None:
    here = f"/opportunities/{made(boss)['id']}"
    since = so_far(sales)
    for stage, likely in (("proposal", 50), ("proposal", 50), ("needs", 25)):
        now = boss.post(f"{here}/advance", json={"stage": stage}).json()
        assert (now["stage"], now["probability"]) == (stage, likely)
    assert [each.data["changed"]["stage"] for each in announced(sales, since)] == [
        ["qualification", "proposal"],
        ["proposal", "needs"],
    ]
    answer = boss.post(f"{here}/advance", json={"stage": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_stage")


def test_losing_needs_a_reason_and_the_first_one_stays(sales: Node, boss: AppClient) -> None:
    here = f"/opportunities/{made(boss)['id']}"
    since = so_far(sales)
    assert boss.post(f"{here}/lose", json={}).status_code == 422
    first = boss.post(f"{here}/lose", json={"reason": "Giá cao"}).json()
    again = boss.post(f"{here}/lose", json={"reason": "Khác"}).json()
    assert (first["status"], first["probability"], first["lost_reason"]) == ("lost", 0, "Giá cao")
    assert first["closed_at"] is not None
    assert again == first
    assert [each.type for each in announced(sales, since)] == ["sales.opportunity.lost.v1"]


@pytest.mark.parametrize(("end", "code"), [("win", "opportunity_already_won"), ("lose", "opportunity_already_lost")])
def test_what_is_closed_stays_as_it_is_until_it_is_reopened(boss: AppClient, end: str, code: str) -> None:
    here = f"/opportunities/{made(boss, prospect=prospect())['id']}"
    assert boss.post(f"{here}/{end}", json={"reason": "x"} if end == "lose" else None).status_code == 200
    other = ("lose", {"reason": "y"}) if end == "win" else ("win", None)
    for method, path, body in (
        ("POST", f"{here}/{other[0]}", other[1]),
        ("POST", f"{here}/advance", {"stage": "needs"}),
        ("PATCH", here, {"name": "Khác"}),
    ):
        answer = boss.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, code), path
    reopened = boss.post(f"{here}/reopen").json()
    assert (reopened["status"], reopened["probability"]) == ("open", 10)
    assert (reopened["closed_at"], reopened["lost_reason"]) == (None, None)
    assert boss.post(f"{here}/reopen").json() == reopened
    assert boss.patch(here, json={"name": "Khác"}).json()["name"] == "Khác"
    history = boss.get(f"{here}/history").json()["items"]
    moves = [(each["old"], each["new"], each["changed_by"]) for each in history if each["field"] == "status"]
    status = {"win": "won", "lose": "lost"}[end]
    assert moves == [(status, "open", me(boss).actor), ("open", status, me(boss).actor)]


def test_a_patch_changes_what_it_names(sales: Node, boss: AppClient) -> None:
    one = made(boss, amount={"amount": "5"}, custom={"a": 1})
    here, since = f"/opportunities/{one['id']}", so_far(sales)
    body = {"amount": {"amount": "7"}, "next_step": "Gọi lại", "probability": 35, "custom": {"a": None, "b": 2}}
    now = boss.patch(here, json=body, headers={"If-Match": '"1"'}).json()
    assert (now["amount"]["amount"], now["next_step"], now["probability"]) == ("7", "Gọi lại", 35)
    assert (now["custom"], now["version"]) == ({"b": 2}, 2)
    assert boss.patch(here, json=body).json()["version"] == 2
    assert boss.patch(here, json=body, headers={"If-Match": '"1"'}).status_code == 412
    (told,) = announced(sales, since)
    assert told.data["changed"]["amount"] == [
        {"amount": "5", "currency": "VND"},
        {"amount": "7", "currency": "VND"},
    ]
    assert boss.patch(here, json={"stage": "needs"}).status_code == 422


def test_it_is_deleted_restored_and_given_to_somebody(sales: Node, boss: AppClient) -> None:
    here, xuan, since = f"/opportunities/{made(boss)['id']}", hire(sales), so_far(sales)
    assert boss.delete(here).status_code == 204
    assert boss.get(here).status_code == 404
    assert boss.post(f"{here}/restore").status_code == boss.post(f"{here}/restore").status_code == 200
    assert boss.as_(seller(xuan)).get(here).status_code == 404
    assert boss.post(f"{here}/assign", json={"owner_id": xuan}).json()["owner_id"] == xuan
    assert boss.as_(seller(xuan)).get(here).status_code == 200
    told = [each.type.split(".")[2] for each in announced(sales, since)]
    assert told == ["deleted", "restored", "assigned"]


def test_a_contact_brings_its_account_along(boss: AppClient) -> None:
    account = made(boss, "/accounts", name="Hoa Sen")
    contact = made(boss, "/contacts", full_name="Lê An", account_id=account["id"])
    one = made(boss, contact_id=contact["id"])
    assert (one["contact_id"], one["account_id"]) == (contact["id"], account["id"])
    later = made(boss)
    changed = boss.patch(f"/opportunities/{later['id']}", json={"contact_id": contact["id"]}).json()
    assert changed["account_id"] == account["id"]
    alone = made(boss, "/contacts", full_name="Trần Bình")
    changed = boss.patch(f"/opportunities/{later['id']}", json={"contact_id": alone["id"]}).json()
    assert (changed["contact_id"], changed["account_id"]) == (alone["id"], account["id"])


def test_a_list_is_searched_filtered_and_sorted(boss: AppClient) -> None:
    mine = boss.as_(seller())
    who = prospect(full_name="Đặng Thùy Dương")
    small = made(mine, name="Bàn ghế gỗ", amount={"amount": "10.5", "currency": "USD"}, prospect=who)
    big = made(mine, name="Xưởng mộc", amount={"amount": "900"}, close_date="2026-12-01", priority="low")
    mine.post(f"/opportunities/{big['id']}/advance", json={"stage": "closing"})
    for asked, wanted in (
        ({"q": "xuong moc"}, [big]),
        ({"q": "thuy duong"}, [small]),
        ({"q": "0" + small["prospect"]["phones"][0][3:]}, [small]),
        ({"amount__gte": "10.6"}, [big]),
        ({"amount": "10.5"}, [small]),
        ({"sort": "amount"}, [small, big]),
        ({"sort": "-close_date", "status": "open"}, [big, small]),
        ({"close_date__lte": "2026-12-01"}, [big]),
        ({"stage": "closing"}, [big]),
        ({"priority": "low"}, [big]),
        ({"probability__gte": "90", "owner": "me"}, [big]),
        ({"account_id__isnull": "true", "sort": "name"}, [small, big]),
    ):
        found = mine.get("/opportunities", params=asked).json()["items"]
        assert {each["id"] for each in found} == {each["id"] for each in wanted}, asked
        assert "sort" not in asked or len(wanted) < 2 or asked["sort"][0] == "-" or found[0]["id"] == small["id"]
    for wrong in ({"amount__gte": "1" * 29}, {"amount": "nhiều"}, {"colour": "red"}, {"status": "half"}):
        assert mine.get("/opportunities", params=wrong).status_code == 422, wrong
    assert mine.get("/opportunities", params={"sort": "amount", "limit": 1}).json()["next_cursor"]


# --- pipelines -----------------------------------------------------------------------------------------------


def test_there_is_always_a_default_pipeline(boss: AppClient) -> None:
    listed = boss.get("/pipelines").json()["items"]
    (default,) = [each for each in listed if each["is_default"]]
    assert default["id"] == DEFAULT_ID
    assert [each["probability"] for each in default["stages"]] == [10, 25, 50, 75, 90]
    assert default["stages"][2]["name"] == {"vi": "Gửi báo giá", "en": "Proposal"}
    assert boss.get(f"/pipelines/{DEFAULT_ID}").json() == default


def test_a_pipeline_of_ones_own_has_its_own_stages(boss: AppClient) -> None:
    stages = [
        {"key": "ky", "name": {"vi": "Ký"}, "probability": 80, "order": 2},
        {"key": "gap", "name": {"vi": "Gặp", "en": "Meet"}, "probability": 20, "order": 1},
    ]
    key = f"p{new_id()[:8]}{new_id()[-8:]}"
    pipeline = made(boss, "/pipelines", key=key, name={"vi": "Dự án"}, stages=stages)
    assert [each["key"] for each in pipeline["stages"]] == ["gap", "ky"]
    one = made(boss, pipeline_id=pipeline["id"])
    assert (one["stage"], one["probability"]) == ("gap", 20)
    at_end = made(boss, pipeline_id=pipeline["id"], stage="ky", probability=60)
    assert (at_end["stage"], at_end["probability"]) == ("ky", 60)
    assert boss.post(f"/opportunities/{one['id']}/advance", json={"stage": "proposal"}).status_code == 422
    twice = boss.post("/pipelines", json={"key": key, "name": {"vi": "Khác"}, "stages": stages})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")


def test_a_stage_that_is_left_out_is_retired_and_keeps_its_opportunities(boss: AppClient) -> None:
    key = f"p{new_id()[:8]}{new_id()[-8:]}"
    stages = [{"key": k, "name": {"en": k}, "probability": p} for k, p in (("a", 10), ("b", 50))]
    pipeline = made(boss, "/pipelines", key=key, name={"en": "P"}, stages=stages)
    here = f"/pipelines/{pipeline['id']}"
    stays = made(boss, pipeline_id=pipeline["id"], stage="a")
    changed = boss.patch(here, json={"stages": stages[1:], "name": {"vi": "Q"}}, headers={"If-Match": '"1"'}).json()
    assert [(each["key"], each["retired"]) for each in changed["stages"]] == [("b", False), ("a", True)]
    assert changed["name"] == {"en": "P", "vi": "Q"}
    assert boss.patch(here, json={"name": {"vi": "R"}}, headers={"If-Match": '"1"'}).status_code == 412
    assert boss.get(f"/opportunities/{stays['id']}").json()["stage"] == "a"
    assert made(boss, pipeline_id=pipeline["id"])["stage"] == "b"
    assert (
        boss.post("/opportunities", json={"name": "x", "pipeline_id": pipeline["id"], "stage": "a"}).status_code == 422
    )
    assert boss.post(f"/opportunities/{stays['id']}/advance", json={"stage": "b"}).json()["stage"] == "b"
    back = boss.patch(here, json={"stages": stages}).json()
    assert [each["retired"] for each in back["stages"]] == [False, False]
    assert {each["field"] for each in boss.get(f"{here}/history").json()["items"]} == {"name", "stages"}


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [{"key": "a", "name": {"en": "A"}, "probability": 1}] * 2,
        [{"key": "A b", "name": {"en": "A"}, "probability": 1}],
        [{"key": "a", "name": {}, "probability": 1}],
        [{"key": "a", "name": {"en": "A"}, "probability": 101}],
    ],
)
def test_stages_that_make_no_pipeline_are_refused(boss: AppClient, stages: list[Any]) -> None:
    assert boss.post("/pipelines", json={"key": "x", "name": {"en": "X"}, "stages": stages}).status_code == 422


def test_sellers_read_pipelines_and_do_not_change_them(boss: AppClient) -> None:
    mine = boss.as_(seller())
    assert mine.get("/pipelines").status_code == mine.get(f"/pipelines/{DEFAULT_ID}").status_code == 200
    assert mine.patch(f"/pipelines/{DEFAULT_ID}", json={"name": {"vi": "x"}}).status_code == 403
    assert mine.post("/pipelines", json={"key": "x", "name": {"en": "X"}, "stages": []}).status_code in (403, 422)

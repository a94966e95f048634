"""The routes of leads: create, read, change, transitions, lists."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.leads.queries import LEADS
from tests.sales.stage import (
    announced,
    app_of,
    arrive,
    director,
    email,
    hire,
    me,
    mobile,
    seller,
    so_far,
    submission,
    verdicts,
)


@pytest.fixture
def boss(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=director()) as client:
        yield client


def typed_in(client: AppClient, **fields: Any) -> dict[str, Any]:
    """A lead that this client's user has just typed in."""
    answer = client.post("/leads", json={"full_name": "Lê Văn Bảo", "phones": [mobile()]} | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_lead_typed_in_belongs_to_who_typed_it_and_is_announced(sales: Node, boss: AppClient) -> None:
    since, number = so_far(sales), mobile()
    answer = boss.post(
        "/leads",
        json={
            "last_name": "Hồ",
            "first_name": "Ngọc Hà",
            "salutation": "Chị",
            "phones": [f"0{number[3:]}"],
            "emails": [{"value": "HA@Khach.Example", "primary": True}],
            "source": "giới thiệu",
            "utm": {"utm_source": "zalo"},
            "rating": "hot",
            "custom": {"tỉnh": "Huế", "rỗng": None},
        },
    )
    lead = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/leads/{lead['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (lead["full_name"], lead["status"], lead["stage"]) == ("Hồ Ngọc Hà", "new", "new")
    assert (lead["owner_id"], lead["created_by"]) == (me(boss).id, me(boss).actor)
    assert (lead["phones"][0]["value"], lead["emails"][0]["value"]) == (number, "ha@khach.example")
    assert (lead["custom"], lead["utm"], lead["duplicates"]) == ({"tỉnh": "Huế"}, {"utm_source": "zalo"}, 0)
    read = boss.get(f"/leads/{lead['id']}")
    lead.pop("duplicates")
    assert (read.json(), read.headers["etag"]) == (lead, '"1"')
    (told,) = announced(sales, since)
    assert (told.type, told.subject, told.sequence) == ("sales.lead.created.v1", f"lead:{lead['id']}", 1)
    assert told.data["submission_id"] is None
    assert told.data["lead"]["phones"] == [number]


def test_a_company_needs_no_person(boss: AppClient) -> None:
    lead = typed_in(boss, full_name=None, company="Công ty TNHH Hoa Sen")
    assert (lead["kind"], lead["full_name"], lead["first_name"]) == ("company", "Công ty TNHH Hoa Sen", None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"full_name": "A", "colour": "red"}, "/colour"),
        ({"full_name": "A", "phones": ["không phải số"]}, "/phones/0"),
        ({"full_name": "A", "emails": [mobile()]}, "/emails/0"),
        ({"full_name": "A" * 301}, "/full_name"),
        ({"full_name": "   "}, "/full_name"),
        ({"full_name": "A", "rating": "boiling"}, "/rating"),
        ({"full_name": "A", "custom": {"k": {"deep": 1}}}, "/custom/k"),
        ({"full_name": 5}, "/full_name"),
    ],
)
def test_bad_fields_are_named(boss: AppClient, body: dict[str, Any], pointer: str) -> None:
    answer = boss.post("/leads", json=body)
    assert answer.status_code == 422, answer.text
    assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"])


def test_a_client_may_choose_an_id_once(boss: AppClient) -> None:
    lead_id = new_id()
    assert typed_in(boss, id=lead_id)["id"] == lead_id
    answer = boss.as_(seller()).post("/leads", json={"id": lead_id, "full_name": "Khác"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


def test_the_same_request_twice_makes_one_lead(boss: AppClient) -> None:
    body, key = {"full_name": "Lê Văn Bảo"}, {"Idempotency-Key": new_id()}
    first, again = boss.post("/leads", json=body, headers=key), boss.post("/leads", json=body, headers=key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_a_person_who_is_known_is_not_refused_but_shown(boss: AppClient) -> None:
    number = mobile()
    first = typed_in(boss, phones=[number])
    second = typed_in(boss, phones=[number])
    assert (first["duplicates"], second["duplicates"]) == (0, 1)
    shown = boss.get(f"/leads/{second['id']}/duplicates").json()["items"]
    assert [each["id"] for each in shown] == [first["id"]]


def test_an_ambiguous_number_is_shown_to_people_but_a_hotline_is_not(boss: AppClient) -> None:
    first = typed_in(boss, phones=["0838251234", "19001234"])
    assert [each["identifies"] for each in first["phones"]] == [True, False]
    assert first["phones"][0]["ambiguous"]
    assert typed_in(boss, phones=["0838251234"])["duplicates"] >= 1
    assert typed_in(boss, phones=["19001234"])["duplicates"] == 0


def test_a_patch_changes_what_it_names_and_history_says_who(sales: Node, boss: AppClient) -> None:
    lead = typed_in(boss, company="Hoa Sen", custom={"tỉnh": "Huế", "quy mô": 3})
    since = so_far(sales)
    answer = boss.patch(
        f"/leads/{lead['id']}", json={"company": None, "title": "Giám đốc", "custom": {"quy mô": None, "mã": "x"}}
    )
    changed = answer.json()
    assert (changed["company"], changed["title"], changed["full_name"]) == (None, "Giám đốc", "Lê Văn Bảo")
    assert changed["custom"] == {"tỉnh": "Huế", "mã": "x"}
    assert (changed["version"], answer.headers["etag"]) == (2, '"2"')
    (told,) = announced(sales, since)
    assert told.data["changed"] == {"company": ["Hoa Sen", None], "title": [None, "Giám đốc"]}
    history = boss.get(f"/leads/{lead['id']}/history").json()
    assert {(each["field"], each["old"], each["new"]) for each in history["items"]} == {
        ("company", "Hoa Sen", None),
        ("title", None, "Giám đốc"),
        ("custom.quy mô", 3, None),
        ("custom.mã", None, "x"),
    }
    assert {each["changed_by"] for each in history["items"]} == {me(boss).actor}
    page = boss.get(f"/leads/{lead['id']}/history", params={"limit": 3}).json()
    rest = boss.get(f"/leads/{lead['id']}/history", params={"limit": 3, "cursor": page["next_cursor"]}).json()
    assert page["items"] + rest["items"] == history["items"]
    assert rest["next_cursor"] is None


def test_a_patch_that_says_the_same_changes_nothing(sales: Node, boss: AppClient) -> None:
    number = mobile()
    lead = typed_in(boss, company="Hoa Sen", phones=[number])
    since = so_far(sales)
    answer = boss.patch(f"/leads/{lead['id']}", json={"company": "Hoa Sen", "phones": [number], "custom": {}})
    assert answer.json()["version"] == 1
    assert announced(sales, since) == []


def test_a_new_name_is_split_anew_unless_its_parts_are_said(boss: AppClient) -> None:
    path = f"/leads/{typed_in(boss)['id']}"
    assert boss.patch(path, json={"full_name": "Trần Thị Mai"}).json()["first_name"] == "Mai"
    assert boss.patch(path, json={"full_name": "Mai Trần", "first_name": "Mai"}).json()["first_name"] == "Mai"


@pytest.mark.parametrize(
    "body", [{"full_name": None}, {"status": "qualified"}, {"phones": None}, {"owner_id": new_id()}, []]
)
def test_a_patch_cannot_say_what_is_not_to_be_said(boss: AppClient, body: Any) -> None:
    assert boss.patch(f"/leads/{typed_in(boss)['id']}", json=body).status_code == 422


def test_a_stale_writer_is_told_how_the_lead_is_now(boss: AppClient) -> None:
    lead = typed_in(boss)
    path = f"/leads/{lead['id']}"
    assert boss.patch(path, json={"title": "A"}, headers={"If-Match": '"1"'}).status_code == 200
    for answer in (
        boss.patch(path, json={"title": "B"}, headers={"If-Match": '"1"'}),
        boss.post(f"{path}/contact", headers={"If-Match": '"1"'}),
        boss.delete(path, headers={"If-Match": '"1"'}),
        boss.post(f"{path}/phones", json={"value": mobile()}, headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert answer.json()["current"]["title"] == "A"
    assert boss.get(path, headers={"If-None-Match": '"2"'}).status_code == 304


def test_arrays_in_a_patch_are_replaced_whole_and_elements_have_routes(sales: Node, boss: AppClient) -> None:
    one, two, three = mobile(), mobile(), mobile()
    lead = typed_in(boss, phones=[one, two])
    path = f"/leads/{lead['id']}"
    replaced = boss.patch(path, json={"phones": [two, three]}).json()
    assert [each["value"] for each in replaced["phones"]] == [two, three]
    assert replaced["phones"][0]["id"] == lead["phones"][1]["id"]

    added = boss.post(f"{path}/phones", json={"value": one, "primary": True})
    assert (added.status_code, added.json()["primary"]) == (201, True)
    again = boss.post(f"{path}/phones", json={"value": one})
    assert (again.status_code, again.json()["id"]) == (200, added.json()["id"])
    assert boss.delete(f"{path}/phones/{added.json()['id']}").status_code == 204
    assert boss.delete(f"{path}/phones/{added.json()['id']}").status_code == 404
    assert [each["value"] for each in boss.get(path).json()["phones"]] == [two, three]

    address = boss.post(f"{path}/emails", json={"value": "An@Khach.example"}).json()
    assert address["value"] == "an@khach.example"
    assert boss.delete(f"{path}/emails/{address['id']}").status_code == 204
    assert boss.post(f"{path}/emails", json={"value": "không phải thư"}).json()["errors"][0]["pointer"] == "/value"

    # Who shares a number is found by what the lead has now, not by what it had.
    arrive(sales, gone := submission(phone=one), stays := submission(phone=three))
    told = verdicts(sales, gone, stays)
    assert (told[gone.id][0], told[stays.id]) == ("created", ("merged", lead["id"]))


def test_contacting_twice_is_harmless_and_a_disqualified_lead_says_no(sales: Node, boss: AppClient) -> None:
    path = f"/leads/{typed_in(boss)['id']}"
    since = so_far(sales)
    first, again = boss.post(f"{path}/contact"), boss.post(f"{path}/contact")
    assert (first.status_code, first.json()["status"], again.status_code) == (200, "working", 200)
    assert first.json() == again.json()
    for _ in range(2):
        answer = boss.post(f"{path}/disqualify", json={"reason": "không có nhu cầu"})
        assert (answer.status_code, answer.json()["status"]) == (200, "disqualified")
    assert answer.json()["disqualified_reason"] == "không có nhu cầu"
    refused = boss.post(f"{path}/contact", headers={"Accept-Language": "vi"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lead_already_disqualified")
    assert refused.json()["title"] == "Khách hàng tiềm năng đã bị loại"
    assert [each.type for each in announced(sales, since)] == ["sales.lead.contacted.v1", "sales.lead.disqualified.v1"]
    assert boss.post(f"{path}/disqualify", json={}).status_code == 422


def test_a_lead_is_handed_to_somebody_who_works_here(sales: Node, boss: AppClient) -> None:
    path = f"/leads/{typed_in(boss)['id']}"
    team, since = new_id(), so_far(sales)
    heir, leaver = hire(sales, team_ids=(team,)), hire(sales, active=False)
    for _ in range(2):
        answer = boss.post(f"{path}/assign", json={"owner_id": heir})
        assert (answer.status_code, answer.json()["owner_id"], answer.json()["team_id"]) == (200, heir, team)
    (told,) = announced(sales, since)
    assert (told.type, told.data["changed"]["owner_id"]) == ("sales.lead.assigned.v1", [me(boss).id, heir])
    refused = boss.post(f"{path}/assign", json={"owner_id": leaver})
    assert (refused.status_code, refused.json()["code"]) == (409, "owner_not_active")
    unknown = new_id()
    assert boss.post(f"{path}/assign", json={"owner_id": unknown}).json()["owner_id"] == unknown


def test_a_deleted_lead_is_gone_until_it_is_restored(sales: Node, boss: AppClient) -> None:
    lead = typed_in(boss)
    path, since = f"/leads/{lead['id']}", so_far(sales)
    assert boss.delete(path).status_code == 204
    assert boss.delete(path).status_code == 404
    assert boss.get(path).status_code == 404
    assert boss.get("/leads", params={"owner": "me"}).json()["items"] == []
    assert boss.post("/leads", json={"id": lead["id"], "full_name": "Khác"}).status_code == 409
    restored = boss.post(f"{path}/restore")
    assert (restored.status_code, restored.json()["full_name"]) == (200, "Lê Văn Bảo")
    assert boss.post(f"{path}/restore").status_code == 200
    assert boss.get(path).json() == restored.json()
    assert [each.type for each in announced(sales, since)] == ["sales.lead.deleted.v1", "sales.lead.restored.v1"]


def test_a_list_is_walked_without_skipping_or_repeating(boss: AppClient) -> None:
    made = [typed_in(boss, source=f"nguồn {n % 2}")["id"] for n in range(7)]
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = boss.get("/leads", params={"owner": "me", "limit": 3, "sort": "created_at", **cursor}).json()
        walked += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert walked == made
    counted = boss.get(
        "/leads", params={"owner": "me", "source": "nguồn 0", "count": "true", "fields": "id,source"}
    ).json()
    assert counted["total"] == 4
    assert counted["items"][0] == {"id": made[6], "source": "nguồn 0"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=new", True),
        ("status=working", False),
        ("status__in=new,working", True),
        ("stage=new", True),
        ("source=hội chợ", True),
        ("source__ne=hội chợ", False),
        ("campaign__isnull=true", True),
        ("contactable=true", False),
        ("partner_id__isnull=false", False),
        ("created_at__gte=2020-01-01T00:00:00Z", True),
        ("updated_at__lte=2020-01-01T00:00:00Z", False),
        ("q=bao le", True),
        ("q=BẢO", True),
        ("q=trần", False),
    ],
)
def test_every_published_filter_filters(boss: AppClient, query: str, found: bool) -> None:
    lead = typed_in(boss, source="hội chợ")
    answer = boss.get(f"/leads?owner=me&{query}")
    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["items"]] == ([lead["id"]] if found else [])


def test_a_lead_is_found_by_phone_in_any_spelling_and_by_address(boss: AppClient) -> None:
    number, address = mobile(), email()
    lead = typed_in(boss, phones=[number], emails=[address])
    for q in (number, f"0{number[3:]}", f"0{number[3:6]} {number[6:9]} {number[9:]}", address, address.upper()):
        assert [each["id"] for each in boss.get("/leads", params={"q": q}).json()["items"]] == [lead["id"]], q


def test_exact_accents_come_first(boss: AppClient) -> None:
    mark = mobile()[-7:]
    plain = typed_in(boss, full_name=f"Le Anh Duong {mark}")["id"]
    accented = typed_in(boss, full_name=f"Lê Anh Dương {mark}")["id"]
    found = boss.get("/leads", params={"q": f"Dương {mark}"}).json()["items"]
    assert [each["id"] for each in found] == [accented, plain]


@pytest.mark.parametrize(
    "query", ["colour=red", "sort=needs", "status=old", "owner=you", "limit=0", "cursor=x", "source__gte=a"]
)
def test_a_mistyped_parameter_is_refused(boss: AppClient, query: str) -> None:
    assert boss.get(f"/leads?{query}").status_code == 422


def test_every_published_filter_and_sort_has_an_index() -> None:
    assert LEADS.missing_indexes() == []


def test_leads_are_counted_by_source_and_by_status(boss: AppClient) -> None:
    one = boss.as_(seller())
    for source in ("hội chợ", "hội chợ", None):
        typed_in(one, source=source)
    assert one.get("/leads/summary?by=source").json() == {
        "by": "source",
        "items": [{"value": "hội chợ", "count": 2}, {"value": None, "count": 1}],
        "total": 3,
    }
    assert one.get("/leads/summary?by=status").json()["items"] == [{"value": "new", "count": 3}]
    assert one.get("/leads/summary?by=owner").status_code == 422


def test_a_program_of_ours_types_leads_in_for_the_salespeople(sales: Node, boss: AppClient) -> None:
    hire(sales)
    key = Caller(
        kind="key", id=new_id(), scopes=frozenset({"leads:write"}), depths={"lead.create": "all", "lead.read": "all"}
    )
    lead = typed_in(boss.as_(key))
    assert lead["owner_id"] is not None
    assert lead["created_by"] == key.actor

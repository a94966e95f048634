"""The routes that accounts and contacts have alike; what is their own stands at the end."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.accounts.queries import ACCOUNTS
from services.sales.contacts.queries import CONTACTS
from services.sales.opportunities.queries import OPPORTUNITIES
from services.sales.pipelines.queries import PIPELINES
from tests.sales.stage import announced, app_of, director, email, hire, me, mobile, seller, so_far

NAMES = {"accounts": "name", "contacts": "full_name"}
BOTH = pytest.mark.parametrize("path", ["accounts", "contacts"])


@pytest.fixture
def boss(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=director()) as client:
        yield client


def made(client: AppClient, path: str, **fields: Any) -> dict[str, Any]:
    """An account or a contact that this client's user has just typed in."""
    answer = client.post(f"/{path}", json={NAMES[path]: "Hồ Ngọc Hà", "phones": [mobile()]} | fields)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


@BOTH
def test_what_is_typed_in_belongs_to_who_typed_it_and_is_announced(sales: Node, boss: AppClient, path: str) -> None:
    since, number = so_far(sales), mobile()
    answer = boss.post(
        f"/{path}",
        json={
            NAMES[path]: "Hồ Ngọc Hà",
            "phones": [f"0{number[3:]}"],
            "emails": ["HA@Khach.Example"],
            "addresses": [{"line": "12 Lê Lợi", "ward": "Phường Huế", "province": "Thành phố Huế"}],
            "source": "giới thiệu",
            "custom": {"tỉnh": "Huế", "rỗng": None},
        },
    )
    record, noun = answer.json(), path.removesuffix("s")
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/api/v1/{path}/{record['id']}"
    assert (record["owner_id"], record["created_by"]) == (me(boss).id, me(boss).actor)
    assert (record["lifecycle"], record["source"], record["custom"]) == ("prospect", "giới thiệu", {"tỉnh": "Huế"})
    assert (record["phones"][0]["value"], record["emails"][0]["value"]) == (number, "ha@khach.example")
    assert (record["addresses"][0]["country"], record["duplicates"]) == ("VN", 0)
    read = boss.get(f"/{path}/{record['id']}")
    record.pop("duplicates")
    assert (read.json(), read.headers["etag"]) == (record, '"1"')
    (told,) = announced(sales, since)
    assert (told.type, told.subject) == (f"sales.{noun}.created.v1", f"{noun}:{record['id']}")
    assert told.data[noun]["phones"] == [number]
    assert told.data[noun]["addresses"][0]["ward"] == "Phường Huế"


@BOTH
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"colour": "red"}, "/colour"),
        ({"phones": ["không phải số"]}, "/phones/0"),
        ({"emails": [mobile()]}, "/emails/0"),
        ({"addresses": [{"country": "VN"}]}, "/addresses/0"),
        ({"addresses": [{"line": "1", "country": "Việt Nam"}]}, "/addresses/0/country"),
        ({"lifecycle": "bought"}, "/lifecycle"),
    ],
)
def test_bad_fields_are_named(boss: AppClient, path: str, body: dict[str, Any], pointer: str) -> None:
    answer = boss.post(f"/{path}", json=({NAMES[path]: "A"} if body else {}) | body)
    assert answer.status_code == 422, answer.text
    assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"])


@BOTH
def test_a_patch_changes_what_it_names_and_history_says_who(sales: Node, boss: AppClient, path: str) -> None:
    record = made(boss, path, custom={"hạng": "A"}, addresses=[{"line": "1 Lê Lợi"}])
    since, place = so_far(sales), record["addresses"][0]
    body = {"campaign": "tet", "custom": {"hạng": None, "mã": "x"}, "addresses": [{"line": "2"}, {"line": "1 Lê Lợi"}]}
    changed = boss.patch(f"/{path}/{record['id']}", json=body).json()
    assert (changed["campaign"], changed["custom"], changed["version"]) == ("tet", {"mã": "x"}, 2)
    assert (changed["addresses"][1], len(changed["addresses"])) == (place, 2)
    assert boss.patch(f"/{path}/{record['id']}", json=body).json()["version"] == 2
    (told,) = announced(sales, since)
    assert (told.type.split(".")[2], set(told.data["changed"])) == ("updated", {"campaign", "addresses"})
    history = boss.get(f"/{path}/{record['id']}/history").json()["items"]
    assert {each["field"] for each in history} == {"campaign", "addresses", "custom.hạng", "custom.mã"}
    assert {each["changed_by"] for each in history} == {me(boss).actor}


@BOTH
def test_phones_addresses_and_places_come_and_go_one_by_one(boss: AppClient, path: str) -> None:
    record = made(boss, path)
    here, address = f"/{path}/{record['id']}", email()
    added = boss.post(f"{here}/emails", json={"value": address.upper()})
    assert (added.status_code, added.json()["value"]) == (201, address)
    assert boss.post(f"{here}/emails", json={"value": address}).status_code == 200
    assert boss.post(f"{here}/phones", json={"value": mobile(), "primary": True}).json()["primary"]
    assert boss.delete(f"{here}/phones/{record['phones'][0]['id']}").status_code == 204
    assert boss.delete(f"{here}/emails/{added.json()['id']}").status_code == 204
    assert boss.delete(f"{here}/emails/{added.json()['id']}").status_code == 404
    place = boss.post(f"{here}/addresses", json={"province": "Hà Nội"})
    assert (place.status_code, place.json()["province"]) == (201, "Hà Nội")
    again = boss.post(f"{here}/addresses", json={"province": "Hà Nội"})
    assert again.json() == place.json()
    assert boss.delete(f"{here}/addresses/{place.json()['id']}").status_code == 204
    assert boss.delete(f"{here}/addresses/{place.json()['id']}").status_code == 404
    now = boss.get(here).json()
    assert (now["emails"], now["addresses"], [each["primary"] for each in now["phones"]]) == ([], [], [True])


@BOTH
def test_a_stale_writer_is_told_how_it_is_now(boss: AppClient, path: str) -> None:
    here = f"/{path}/{made(boss, path)['id']}"
    assert boss.patch(here, json={"campaign": "a"}).status_code == 200
    for answer in (
        boss.patch(here, json={"campaign": "b"}, headers={"If-Match": '"1"'}),
        boss.delete(here, headers={"If-Match": '"1"'}),
        boss.post(f"{here}/phones", json={"value": mobile()}, headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["current"]["campaign"]) == (412, "a")


@BOTH
def test_what_is_deleted_comes_back_when_restored(sales: Node, boss: AppClient, path: str) -> None:
    here, since = f"/{path}/{made(boss, path)['id']}", so_far(sales)
    assert boss.delete(here).status_code == 204
    assert boss.get(here).status_code == boss.delete(here).status_code == 404
    assert boss.post(f"{here}/restore").json()["id"] in here
    assert boss.post(f"{here}/restore").status_code == 200
    told = [each.type.split(".")[2] for each in announced(sales, since)]
    assert told == ["created", "deleted", "restored"][-len(told) :]
    assert told[-2:] == ["deleted", "restored"]


@BOTH
def test_it_is_given_to_somebody_who_then_sees_it(sales: Node, boss: AppClient, path: str) -> None:
    here, xuan = f"/{path}/{made(boss, path)['id']}", hire(sales)
    stranger = boss.as_(seller(xuan))
    assert stranger.get(here).status_code == 404
    assert boss.post(f"{here}/assign", json={"owner_id": xuan}).json()["owner_id"] == xuan
    assert stranger.get(here).status_code == 200


@BOTH
def test_a_colleagues_twin_is_not_told(boss: AppClient, path: str) -> None:
    record = made(boss.as_(seller()), path)
    assert made(boss.as_(seller()), path, phones=[record["phones"][0]["value"]])["duplicates"] == 0


@BOTH
def test_twins_are_shown_not_refused(boss: AppClient, path: str) -> None:
    number, address = mobile(), email()
    first = made(boss, path, phones=[number])
    second = made(boss, path, phones=[number, "19001234"], emails=[address])
    third = made(boss, path, phones=["19001234"], emails=[address])
    assert [each["duplicates"] for each in (first, second, third)] == [0, 1, 1]
    shown = boss.get(f"/{path}/{second['id']}/duplicates").json()["items"]
    assert [each["id"] for each in shown] == [first["id"], third["id"]]


@BOTH
@pytest.mark.parametrize("q", ["thuy duong", "Thùy Dương", "duong thuy"])
def test_a_search_needs_no_accents(boss: AppClient, path: str, q: str) -> None:
    mine = boss.as_(seller())
    record = made(mine, path, **{NAMES[path]: "Đặng Thùy Dương"})
    made(mine, path, **{NAMES[path]: "Đặng Thùy Anh"})
    assert [each["id"] for each in mine.get(f"/{path}", params={"q": q}).json()["items"]] == [record["id"]]
    national = "0" + record["phones"][0]["value"][3:]
    assert [each["id"] for each in mine.get(f"/{path}", params={"q": national}).json()["items"]] == [record["id"]]


@BOTH
def test_a_list_is_filtered_and_sorted_and_knows_no_other_parameter(boss: AppClient, path: str) -> None:
    mine = boss.as_(seller())
    first = made(mine, path, **{NAMES[path]: "An", "lifecycle": "customer", "source": "zalo"})
    second = made(mine, path, **{NAMES[path]: "Bình"})
    for asked, wanted in (
        ({"lifecycle": "customer"}, [first]),
        ({"source": "zalo"}, [first]),
        ({"source__isnull": "true"}, [second]),
        ({"owner": "me", "sort": NAMES[path]}, [first, second]),
        ({"sort": f"-{NAMES[path]}"}, [second, first]),
    ):
        found = mine.get(f"/{path}", params=asked).json()["items"]
        assert [each["id"] for each in found] == [each["id"] for each in wanted], asked
    assert mine.get(f"/{path}", params={"colour": "red"}).status_code == 422


@pytest.mark.parametrize(
    "listing", [ACCOUNTS, CONTACTS, OPPORTUNITIES, PIPELINES], ids=lambda each: each.model.__noun__
)
def test_every_filter_and_sort_has_an_index(listing: Any) -> None:
    assert listing.missing_indexes() == []


# --- what is their own ----------------------------------------------------------------------------------------------


def test_an_account_has_a_checked_tax_code_that_finds_it_and_its_twins(boss: AppClient) -> None:
    mine = boss.as_(seller())
    head = made(mine, "accounts", tax_code="0100109106", kind="company")
    branch = made(mine, "accounts", tax_code="0100109106001", kind="branch", parent_id=head["id"])
    assert (branch["tax_code"], branch["parent_id"], branch["duplicates"]) == ("0100109106-001", head["id"], 0)
    assert made(mine, "accounts", tax_code="0100109106")["duplicates"] == 1
    found = mine.get("/accounts", params={"q": "0100109106-001"}).json()["items"]
    assert [each["id"] for each in found] == [branch["id"]]
    assert mine.get("/accounts", params={"parent_id": head["id"]}).json()["items"][0]["id"] == branch["id"]
    refused = boss.post("/accounts", json={"name": "A", "tax_code": "0100109107"}, headers={"Accept-Language": "vi"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "/tax_code", "message": "Đây không phải mã số thuế."}]


def test_an_account_is_never_part_of_itself(boss: AppClient) -> None:
    top = made(boss, "accounts")
    middle = made(boss, "accounts", parent_id=top["id"])
    bottom = made(boss, "accounts", parent_id=middle["id"])
    for parent in (top, bottom):
        answer = boss.patch(f"/accounts/{top['id']}", json={"parent_id": parent["id"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "account_inside_itself")


@pytest.mark.parametrize(("path", "field"), [("accounts", "parent_id"), ("contacts", "account_id")])
def test_what_a_record_refers_to_is_there_and_ones_own(boss: AppClient, path: str, field: str) -> None:
    mine, other = boss.as_(seller()), boss.as_(seller())
    of_other = made(other, "accounts")
    for unknown in (new_id(), of_other["id"]):
        answer = mine.post(f"/{path}", json={NAMES[path]: "A", field: unknown})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    own = made(mine, "accounts")
    record = made(mine, path, **{field: own["id"]})
    assert mine.patch(f"/{path}/{record['id']}", json={field: of_other["id"]}).status_code == 422
    boss.post(f"/accounts/{own['id']}/assign", json={"owner_id": me(other).id})
    assert mine.patch(f"/{path}/{record['id']}", json={field: own["id"], "campaign": "x"}).status_code == 200


def test_a_contact_is_a_person_of_an_account_or_by_themselves(boss: AppClient) -> None:
    account = made(boss, "accounts")
    contact = made(
        boss,
        "contacts",
        full_name=None,
        last_name="Nguyễn Thị",
        first_name="Đào",
        account_id=account["id"],
        birthday="1990-03-08",
        gender="female",
        hobbies="cắm hoa",
    )
    assert (contact["full_name"], contact["birthday"], contact["gender"]) == ("Nguyễn Thị Đào", "1990-03-08", "female")
    assert boss.get("/contacts", params={"account_id": account["id"]}).json()["items"][0]["id"] == contact["id"]
    renamed = boss.patch(f"/contacts/{contact['id']}", json={"full_name": "Trần Mai", "account_id": None}).json()
    assert (renamed["first_name"], renamed["last_name"], renamed["account_id"]) == ("Mai", "Trần", None)
    assert boss.post("/contacts", json={"phones": [mobile()]}).status_code == 422

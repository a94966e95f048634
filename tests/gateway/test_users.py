"""Users, roles and teams: what an administrator does with them, and that it counts at once."""

import time
from uuid import uuid4

from tests.gateway.stage import PASSWORD, House


def email() -> str:
    return f"{uuid4()}@example.com"


def test_a_new_user_is_announced_with_roles_and_teams(house: House) -> None:
    team = house.admin.post("/teams", json={"name": f"Đội {uuid4()}"}).json()
    person = house.person("salesperson", "telesales", team_ids=[team["id"]], locale="en")
    created, *more = house.announced(f"user:{person.id}")
    assert (created.type, more) == ("gateway.user.created.v1", [])
    told = created.data["user"]
    assert told["roles"] == ["salesperson", "telesales"]
    assert (told["team_ids"], told["locale"], told["active"]) == ([team["id"]], "en", True)
    assert "password" not in str(created.data)
    assert created.persons == (f"user:{person.id}",)
    assert created.actor is not None and created.actor.startswith("user:")


def test_a_change_carries_the_whole_state_and_what_changed(house: House) -> None:
    person = house.person("salesperson")
    changed = house.admin.patch(f"/users/{person.id}", json={"name": "Lê Thị Hoa", "role_ids": ["director"]})
    assert changed.status_code == 200
    event = house.announced(f"user:{person.id}")[-1]
    assert event.type == "gateway.user.updated.v1"
    assert event.data["user"]["name"] == "Lê Thị Hoa"
    assert event.data["changed"]["roles"] == [["salesperson"], ["director"]]
    assert changed.json()["version"] == event.data["user"]["version"] == 2
    assert changed.headers["etag"] == '"2"'


def test_a_deactivated_user_is_out_within_a_second_and_stays_out(house: House) -> None:
    person = house.person("salesperson")
    mine = person.get("/me").json()["email"]
    token = house.visitor().password(mine, PASSWORD).json()["refresh_token"]
    assert house.admin.post(f"/users/{person.id}/deactivate").status_code == 200
    began = time.monotonic()
    while person.get("/me").status_code != 401:
        assert time.monotonic() - began < 1.0
    assert house.visitor().refresh(token).status_code == 401
    assert house.visitor().password(mine, PASSWORD).status_code == 401
    assert house.announced(f"user:{person.id}")[-1].type == "gateway.user.deactivated.v1"
    again = house.admin.post(f"/users/{person.id}/deactivate")
    assert (again.status_code, again.json()["active"]) == (200, False)
    assert len(house.announced(f"user:{person.id}")) == 2
    assert house.admin.post(f"/users/{person.id}/activate").json()["active"] is True
    assert person.get("/me").status_code == 401
    assert house.visitor().password(mine, PASSWORD).status_code == 200


def test_new_rights_count_within_a_second(house: House) -> None:
    person = house.person("salesperson")
    assert person.get("/users").status_code == 403
    house.admin.patch(f"/users/{person.id}", json={"role_ids": ["administrator"]})
    assert person.get("/users").status_code == 200
    house.admin.patch(f"/users/{person.id}", json={"role_ids": []})
    assert person.get("/users").status_code == 403


def test_the_last_administrator_stays(house: House) -> None:
    me = house.admin.get("/me").json()
    for other in house.admin.get("/users?role=administrator&limit=200").json()["items"]:
        if other["id"] != me["id"] and other["active"]:
            house.admin.post(f"/users/{other['id']}/deactivate")
    for answer in (
        house.admin.post(f"/users/{me['id']}/deactivate"),
        house.admin.patch(f"/users/{me['id']}", json={"role_ids": ["director"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    assert house.admin.get("/users").status_code == 200


def test_an_email_address_belongs_to_one_user(house: House) -> None:
    address = email()
    first = house.admin.post("/users", json={"email": f"  {address.upper()} ", "name": "Một"})
    assert (first.status_code, first.json()["email"]) == (201, address)
    second = house.admin.post("/users", json={"email": address, "name": "Hai"})
    assert (second.status_code, second.json()["code"]) == (409, "email_taken")


def test_a_client_may_choose_the_id_once(house: House) -> None:
    chosen = str(uuid4())
    made = house.admin.post("/users", json={"id": chosen, "email": email(), "name": "Một"})
    assert made.headers["location"].endswith(f"/users/{chosen}")
    assert house.admin.post("/users", json={"id": chosen, "email": email(), "name": "Hai"}).status_code == 409


def test_what_is_not_there_is_named(house: House) -> None:
    for wrong, pointer in (
        ({"role_ids": ["director", "wizard"]}, "/role_ids/1"),
        ({"role_ids": [str(uuid4())]}, "/role_ids/0"),
        ({"team_ids": [str(uuid4())]}, "/team_ids/0"),
        ({"manager_id": str(uuid4())}, "/manager_id"),
        ({"email": "no address"}, "/email"),
        ({"time_zone": "Asia/Sài Gòn"}, "/time_zone"),
        ({"locale": "fr"}, "/locale"),
        ({"password": "short"}, "/password"),
        ({"name": "  "}, "/name"),
    ):
        answer = house.admin.post("/users", json={"email": email(), "name": "x", **wrong})
        assert answer.status_code == 422, wrong
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_stale_write_shows_how_it_is_now(house: House) -> None:
    person = house.person()
    house.admin.patch(f"/users/{person.id}", json={"name": "Mới"})
    stale = house.admin.patch(f"/users/{person.id}", json={"name": "Cũ"}, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["current"]["name"] == "Mới"
    assert "password" not in stale.text


def test_users_are_listed_filtered_and_found(house: House) -> None:
    team = house.admin.post("/teams", json={"name": f"Đội {uuid4()}"}).json()
    people = [house.person("telesales", team_ids=[team["id"]], name=f"Đặng Thị Thu {n}") for n in range(3)]
    seen = house.admin.get(f"/users?team_id={team['id']}&role=telesales&sort=name&limit=2&count=true").json()
    assert [item["name"] for item in seen["items"]] == ["Đặng Thị Thu 0", "Đặng Thị Thu 1"]
    assert seen["total"] == 3
    rest = house.admin.get(
        f"/users?team_id={team['id']}&role=telesales&sort=name&limit=2&count=true&cursor={seen['next_cursor']}"
    ).json()
    assert [item["id"] for item in rest["items"]] == [people[2].id]
    found = house.admin.get(f"/users?q=dang thu&team_id={team['id']}").json()
    assert len(found["items"]) == 3
    assert house.admin.get("/users?colour=red").status_code == 422


def test_custom_fields_merge_by_key(house: House) -> None:
    person = house.person(custom={"a": 1, "b": 2})
    told = house.admin.patch(f"/users/{person.id}", json={"custom": {"b": None, "c": 3}}).json()
    assert told["custom"] == {"a": 1, "c": 3}


def test_history_says_what_changed_and_never_a_password(house: House) -> None:
    person = house.person()
    house.admin.patch(f"/users/{person.id}", json={"name": "Tên mới", "password": "mật khẩu mới 123"})
    told = house.admin.get(f"/users/{person.id}/history").json()["items"]
    assert [(change["field"], change["new"]) for change in told] == [("name", "Tên mới")]
    assert told[0]["changed_by"].startswith("user:")


def test_me_tells_privileges_and_work_areas_sales_first(house: House) -> None:
    person = house.person("salesperson", "marketing_manager")
    me = person.get("/me").json()
    assert me["work_areas"] == ["sales", "marketing"]
    assert me["privileges"]["lead.read"] == "all"
    assert me["privileges"]["lead.write"] == "own"
    assert [role["label"] for role in me["roles"]] == ["Trưởng phòng tiếp thị", "Nhân viên kinh doanh"]
    english = person.patch("/me", json={"locale": "en", "default_work_area": "marketing"}).json()
    assert [role["label"] for role in english["roles"]] == ["Marketing manager", "Salesperson"]
    assert english["default_work_area"] == "marketing"
    assert person.get("/nothing").json()["title"] == "Not found"


def test_teams_form_a_tree_without_circles(house: House) -> None:
    names = [f"{part} {uuid4()}" for part in ("Miền Bắc", "Hà Nội", "Cầu Giấy")]
    top, middle, low = "", "", ""
    top = house.admin.post("/teams", json={"name": names[0]}).json()["id"]
    middle = house.admin.post("/teams", json={"name": names[1], "parent_id": top}).json()["id"]
    low = house.admin.post("/teams", json={"name": names[2], "parent_id": middle}).json()["id"]
    for below in (top, middle, low):
        circle = house.admin.patch(f"/teams/{top}", json={"parent_id": below})
        assert (circle.status_code, circle.json()["code"]) == (409, "team_below_itself")
    assert house.admin.delete(f"/teams/{middle}").json()["code"] == "team_in_use"
    member = house.person(team_ids=[low])
    assert house.admin.delete(f"/teams/{low}").json()["code"] == "team_in_use"
    house.admin.patch(f"/users/{member.id}", json={"team_ids": []})
    assert house.admin.delete(f"/teams/{low}").status_code == 204
    assert house.admin.get(f"/teams/{low}").status_code == 404
    assert house.admin.post("/teams", json={"name": names[2]}).status_code == 201
    assert house.admin.post(f"/teams/{low}/restore").status_code == 409


def test_a_role_of_ones_own_gives_its_rights(house: House) -> None:
    key = f"r{uuid4().hex[:10]}"
    rights = {"lead": {"read": "team", "write": "none"}}
    role = house.admin.post("/roles", json={"key": key, "labels": {"vi": "Cộng tác viên"}, "rights": rights}).json()
    person = house.person(key)
    assert person.get("/me").json()["privileges"] == {"lead.read": "team"}
    house.admin.patch(f"/roles/{role['id']}", json={"rights": {"lead": {"read": "all"}}})
    assert person.get("/me").json()["privileges"] == {"lead.read": "all"}
    assert house.admin.delete(f"/roles/{role['id']}").json()["code"] == "role_in_use"
    house.admin.patch(f"/users/{person.id}", json={"role_ids": []})
    assert house.admin.delete(f"/roles/{role['id']}").status_code == 204
    for wrong in ({"lead": {"read": "everything"}}, {"lead": {"fly": "all"}}, {"Lead": {"read": "all"}}):
        assert house.admin.post("/roles", json={"key": "x9", "labels": {"en": "x"}, "rights": wrong}).status_code == 422


def test_built_in_roles_stay(house: House) -> None:
    roles = {role["key"]: role for role in house.admin.get("/roles?limit=200").json()["items"]}
    assert set(roles) >= {"administrator", "operator", "director", "salesperson", "partner", "customer", "hr"}
    assert all(set(role["labels"]) == {"en", "vi"} for role in roles.values() if role["built_in"])
    assert house.admin.delete(f"/roles/{roles['director']['id']}").json()["code"] == "built_in_role"
    own = f"/roles/{roles['administrator']['id']}"
    assert house.admin.patch(own, json={"rights": {}}).json()["code"] == "built_in_role"
    assert house.admin.patch(own, json={"labels": {"vi": "Trùm"}}).status_code == 200

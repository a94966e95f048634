"""A seller leaves, the relationships stay: X's open work goes to Y with its story, and back."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.installation import Installation, eventually
from tests.stories.stage import Caller, new_seller

DAY = "2026-11-20"
Records = dict[str, dict[str, Any]]


def work_of(seller: Caller) -> Records:
    """What a seller has: a customer with people, deals, an offer, something planned, and a deal that is won."""
    mark = uuid4().hex[:8]
    account = seller.make("/accounts", {"name": f"Công ty TNHH {mark}", "phones": [f"09{uuid4().int % 10**8:08d}"]})
    contact = seller.make("/contacts", {"full_name": "Lê Thị Khách", "account_id": account["id"]})
    lead = seller.make("/leads", {"full_name": f"Nguyễn Văn {mark}", "emails": [f"{mark}@khach.example"]})
    amount = {"amount": "250000000"}
    deal = seller.make("/opportunities", {"name": f"Máy {mark}", "account_id": account["id"], "amount": amount})
    won = seller.make("/opportunities", {"name": f"Đã mua {mark}", "account_id": account["id"], "amount": amount})
    seller.do(f"/opportunities/{won['id']}/win")
    line = {"name": "Lắp đặt", "unit": "lần", "quantity": "1", "unit_price": "15000000", "tax_code": "VAT10"}
    quote = seller.make("/quotes", {"account_id": account["id"], "lines": [line]})
    about = f"account:{account['id']}"
    eventually(lambda: seller.client.get("/timeline", params={"regarding": about}).status_code == 200)
    plan = seller.make(
        "/activities",
        {"kind": "task", "subject": "Gọi lại sau Tết", "regarding": about, "due_at": "2027-02-20T02:00:00Z"},
    )
    done = seller.make("/activities", {"kind": "phone_call", "subject": "Đã gọi hỏi thăm", "regarding": about})
    seller.do(f"/activities/{done['id']}/complete", {"result": "Khách quan tâm"})
    return {
        "accounts": account,
        "contacts": contact,
        "leads": lead,
        "opportunities": deal,
        "quotes": quote,
        "activities": plan,
        "won": won,
        "done": done,
    }


MOVED = ("accounts", "contacts", "leads", "opportunities", "quotes", "activities")


def sees(seller: Caller, records: Records) -> set[int]:
    """How this seller's reads of what is moved are answered."""
    return {seller.client.get(f"/{name}/{records[name]['id']}").status_code for name in MOVED}


def lists(seller: Caller, records: Records) -> set[str]:
    """Which of what is moved is in this seller's lists."""
    return {name for name in MOVED if records[name]["id"] in {each["id"] for each in seller.all(f"/{name}")}}


def told(seller: Caller, records: Records) -> set[str]:
    """The types of the entries on the customer's timeline, as this seller reads it."""
    ref = f"account:{records['accounts']['id']}"
    return {entry["type"] for entry in seller.all("/timeline", regarding=ref)}


@pytest.fixture
def people(relata: Installation, admin: httpx.Client) -> dict[str, Caller]:
    """Sellers X and Y of one team, their manager, a manager of another team, and a third seller."""
    teams = [admin.post("/teams", json={"name": uuid4().hex}).json()["id"] for _ in range(2)]
    roles = {"x": "salesperson", "y": "salesperson", "z": "salesperson", "boss": "sales_manager"}
    found = {}
    for name, role in {**roles, "stranger": "sales_manager"}.items():
        client = new_seller(relata, admin, f"Nhân viên {name.upper()}", role)
        team = teams[name == "stranger"]
        assert admin.patch(f"/users/{client.headers['x-test-user']}", json={"team_ids": [team]}).is_success
        found[name] = Caller(client)
    return found


def id_of(caller: Caller) -> str:
    return str(caller.client.headers["x-test-user"])


def stands(boss: Caller, handover: dict[str, Any], status: str) -> dict[str, Any]:
    """The handover once it stands like this."""
    path = f"/handovers/{handover['id']}"
    eventually(lambda: boss.get(path)["status"] == status, within=30)
    return boss.get(path)


def test_a_seller_leaves_and_the_relationships_stay(people: dict[str, Caller]) -> None:
    x, y, z, boss = (people[name] for name in ("x", "y", "z", "boss"))
    mine, other = work_of(x), work_of(y)
    assert sees(x, mine) == sees(y, other) == {200}
    assert sees(y, mine) == sees(x, other) == {404}
    before = told(x, mine)
    wanted = {"from_user_id": id_of(x), "to_user_id": id_of(y), "note": "Chuyển công tác vào Đà Nẵng"}
    for nobody in ("x", "y", "z"):
        assert people[nobody].client.post("/handovers", json=wanted).status_code == 403
    assert people["stranger"].client.post("/handovers", json=wanted).status_code == 422

    counted = boss.client.post("/handovers", json={**wanted, "dry_run": True})
    assert counted.status_code == 200, counted.text
    counts = {noun: each["found"] for noun, each in counted.json()["counts"].items() if each["found"]}
    assert counts == dict.fromkeys(("account", "contact", "lead", "opportunity", "quote", "activity"), 1)
    assert sees(x, mine) == {200}

    key = {"Idempotency-Key": uuid4().hex}
    asked = boss.client.post("/handovers", json=wanted, headers=key)
    assert asked.status_code == 202, asked.text
    again = boss.client.post("/handovers", json=wanted, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (asked.json(), "true")
    done = stands(boss, asked.json(), "done")
    assert {noun: each["moved"] for noun, each in done["counts"].items() if each["moved"]} == counts

    assert sees(x, mine) == {404}
    assert lists(x, mine) == set()
    assert sees(y, mine) == {200}
    assert lists(y, mine) == set(MOVED)
    assert sees(y, other) == {200}
    # The history says who handed over and why; the timeline is whole, with what X had won and done.
    (why, *_) = [each for each in y.all(f"/accounts/{mine['accounts']['id']}/history") if each["field"] == "handover"]
    assert (why["changed_by"], why["new"]["note"]) == (f"user:{id_of(boss)}", wanted["note"])
    eventually(lambda: told(y, mine) >= before | {"sales.account.assigned.v1", "activities.activity.assigned.v1"})
    assert {"sales.opportunity.won.v1", "activities.activity.completed.v1"} <= before
    assert x.client.get("/timeline", params={"regarding": f"account:{mine['accounts']['id']}"}).status_code == 404
    assert x.get(f"/opportunities/{mine['won']['id']}")["owner_id"] == id_of(x)

    path = f"/handovers/{done['id']}/briefs"
    briefs = {brief["customer"]["id"]: brief for brief in y.all(path, limit=1)}
    brief = briefs[mine["accounts"]["id"]]
    assert set(briefs) == {mine["accounts"]["id"], mine["leads"]["id"]}
    assert (brief["who"]["name"], brief["note"]) == (mine["accounts"]["name"], wanted["note"])
    assert [deal["amount"]["amount"] for deal in brief["deals"]] == ["250000000"]
    assert brief["last_contact"]["subject"] == "Đã gọi hỏi thăm"
    assert brief["next_activity"]["subject"] == "Gọi lại sau Tết"
    for reader in (x, z, people["stranger"]):
        assert reader.client.get(path).status_code == 404

    # Y gives the lead on; everything else goes back.
    assert y.client.post(f"/leads/{mine['leads']['id']}/assign", json={"owner_id": id_of(z)}).is_success
    assert y.client.post(f"/handovers/{done['id']}/undo").status_code == 403
    assert boss.client.post(f"/handovers/{done['id']}/undo").status_code == 202
    returned = stands(boss, done, "returned")
    assert returned["counts"]["lead"]["kept"] == 1
    assert sum(each["returned"] for each in returned["counts"].values()) == len(MOVED) - 1
    assert z.client.get(f"/leads/{mine['leads']['id']}").status_code == 200
    assert lists(x, mine) == set(MOVED) - {"leads"}
    assert lists(y, mine) == set()
    assert sees(y, other) == {200}


def test_whoever_is_deactivated_leaves_a_warning(people: dict[str, Caller], admin: httpx.Client) -> None:
    z = people["z"]
    z.make("/leads", {"full_name": "Khách còn lại"})
    gone = admin.post(f"/users/{id_of(z)}/deactivate")
    assert gone.status_code == 200, gone.text
    assert gone.json()["open_records"] == {"lead": 1}
    assert "1" in gone.json()["warning"]

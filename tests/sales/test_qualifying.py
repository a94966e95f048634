"""From a lead to an opportunity to a customer: each once, whoever asks how often and at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from chassis.access import as_system
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from tests.sales.stage import (
    announced,
    app_of,
    arrive,
    director,
    email,
    me,
    mobile,
    seller,
    so_far,
    submission,
    verdicts,
)

AT_ONCE = 50


@pytest.fixture
def boss(sales: Node) -> Iterator[AppClient]:
    with AppClient(app_of(sales), as_=director()) as client:
        yield client


def made(client: AppClient, path: str, **fields: Any) -> dict[str, Any]:
    """A record that this client's user has just typed in."""
    answer = client.post(path, json=fields)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def new_lead(client: AppClient, **fields: Any) -> dict[str, Any]:
    """A lead whom nobody knows."""
    return made(client, "/leads", **({"full_name": "Nguyễn Thị Đào", "phones": [mobile()]} | fields))


def qualified(client: AppClient, lead: dict[str, Any], **body: Any) -> dict[str, Any]:
    """What this lead becomes."""
    wanted = {"opportunity": {"name": "Máy lọc nước", "amount": {"amount": "12000000"}, "close_date": "2026-12-24"}}
    answer = client.post(f"/leads/{lead['id']}/qualify", json=wanted | body)
    assert answer.status_code == 200, answer.text
    known: dict[str, Any] = answer.json()
    return known


def opportunity(client: AppClient, opportunity_id: str) -> dict[str, Any]:
    """The opportunity as it is now."""
    record: dict[str, Any] = client.get(f"/opportunities/{opportunity_id}").json()
    return record


def won(client: AppClient, opportunity_id: str) -> dict[str, Any]:
    """The opportunity, won."""
    answer = client.post(f"/opportunities/{opportunity_id}/win")
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


def customers(sales: Node) -> tuple[int, int]:
    """How many accounts and contacts there are, deleted ones aside."""
    with sales.read() as tx, as_system(tx, "test"):
        counts = [tx.scalar(select(func.count(model.id))) or 0 for model in (Account, Contact)]
        return counts[0], counts[1]


def all_at_once(ask: Any, times: int = AT_ONCE) -> list[httpx.Response]:
    """This many answers to the same request, asked by as many threads."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: ask(), range(times)))


# --- qualifying -----------------------------------------------------------------------------------------------


def test_a_lead_becomes_an_opportunity_that_carries_the_prospect(sales: Node, boss: AppClient) -> None:
    one = submission(name="Lê Thị Hoa", phone=mobile(), company="Hoa Sen", source="zalo", campaign="tet")
    partner = new_id()
    one = one.model_copy(update={"partner_id": partner})
    arrive(sales, one)
    lead_id = verdicts(sales, one)[one.id][1]
    since, before = so_far(sales), customers(sales)
    known = qualified(boss, {"id": lead_id})
    assert (known["account_id"], known["contact_id"]) == (None, None)
    made = opportunity(boss, known["opportunity_id"])
    assert (made["name"], made["amount"]["amount"], made["close_date"]) == ("Máy lọc nước", "12000000", "2026-12-24")
    assert (made["lead_id"], made["source"], made["campaign"]) == (lead_id, "zalo", "tet")
    assert (made["partner_id"], made["status"]) == (partner, "open")
    assert (made["prospect"]["full_name"], made["prospect"]["phones"]) == ("Lê Thị Hoa", [one.phone])
    lead = boss.get(f"/leads/{lead_id}").json()
    assert (lead["status"], lead["stage"], lead["opportunity_id"]) == ("qualified", "qualified", made["id"])
    assert (made["owner_id"], customers(sales)) == (lead["owner_id"], before)
    created, told = announced(sales, since)
    assert [created.type, told.type] == ["sales.opportunity.created.v1", "sales.lead.qualified.v1"]
    assert (told.data["opportunity_id"], told.data["account_id"]) == (made["id"], None)
    assert told.data["changed"] == {"status": ["new", "qualified"], "stage": ["new", "qualified"]}


def test_qualifying_again_answers_the_same_and_changes_nothing(sales: Node, boss: AppClient) -> None:
    lead = new_lead(boss)
    first = qualified(boss, lead)
    since = so_far(sales)
    won(boss, first["opportunity_id"])
    again = qualified(boss, lead, create_customer=True)
    assert again == first
    assert "sales.lead.qualified.v1" not in [each.type for each in announced(sales, since)]


def test_a_qualified_lead_is_read_only(boss: AppClient) -> None:
    lead = new_lead(boss)
    qualified(boss, lead)
    here = f"/leads/{lead['id']}"
    for method, path, body in (
        ("PATCH", here, {"company": "Khác"}),
        ("POST", f"{here}/contact", None),
        ("POST", f"{here}/disqualify", {"reason": "x"}),
        ("POST", f"{here}/phones", {"value": mobile()}),
        ("DELETE", f"{here}/phones/{lead['phones'][0]['id']}", None),
        ("DELETE", here, None),
    ):
        answer = boss.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "lead_already_qualified"), path
    assert boss.get(here).json()["company"] is None


def test_a_disqualified_lead_is_not_qualified(boss: AppClient) -> None:
    lead = new_lead(boss)
    boss.post(f"/leads/{lead['id']}/disqualify", json={"reason": "x"})
    answer = boss.post(f"/leads/{lead['id']}/qualify", json={"opportunity": {"name": "x"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "lead_already_disqualified")


def test_all_of_it_happens_or_nothing(sales: Node, boss: AppClient) -> None:
    lead, since, before = new_lead(boss), so_far(sales), customers(sales)
    body = {"opportunity": {"name": "x", "stage": "nowhere"}, "create_customer": True}
    since = so_far(sales)
    assert boss.post(f"/leads/{lead['id']}/qualify", json=body).status_code == 422
    assert (announced(sales, since), customers(sales)) == ([], before)
    assert boss.get(f"/leads/{lead['id']}").json()["status"] == "new"


def test_a_customer_who_is_known_is_linked_whoever_owns_them(boss: AppClient) -> None:
    mine, other, number, address = boss.as_(seller()), boss.as_(seller()), mobile(), email()
    contact = made(other, "/contacts", full_name="Lê An", phones=[number])
    account = made(other, "/accounts", name="Hoa Sen", emails=[address])
    by_phone = qualified(mine, new_lead(mine, phones=[number]))
    assert (by_phone["contact_id"], by_phone["account_id"]) == (contact["id"], None)
    by_email = qualified(mine, new_lead(mine, emails=[address.upper()]))
    assert by_email["account_id"] == account["id"]
    assert opportunity(mine, by_phone["opportunity_id"])["prospect"] is None
    assert mine.get(f"/contacts/{contact['id']}").status_code == 404


def test_a_tax_code_says_who_it_is(boss: AppClient) -> None:
    account = made(boss, "/accounts", name="Hoa Sen", tax_code="0101243150")
    lead = new_lead(boss, kind="company", company="HOA SEN JSC")
    assert qualified(boss, lead, tax_code="0101 243 150")["account_id"] == account["id"]
    refused = boss.post(f"/leads/{new_lead(boss)['id']}/qualify", json={"tax_code": "0101243151"})
    assert refused.status_code == 422


def test_a_number_that_may_be_somebody_elses_links_nobody(boss: AppClient) -> None:
    made(boss, "/contacts", full_name="Tổng đài", phones=["19001234", "0838251234"])
    known = qualified(boss, new_lead(boss, phones=["19001234", "0838251234"]))
    assert known["contact_id"] is None


@pytest.mark.parametrize(
    ("fields", "noun"), [({}, "contact"), ({"kind": "company", "company": "Công ty TNHH Hoa Sen"}, "account")]
)
def test_a_customer_is_made_at_once_when_asked_for(
    sales: Node, boss: AppClient, fields: dict[str, Any], noun: str
) -> None:
    lead, before = new_lead(boss, source="zalo", **fields), customers(sales)
    since = so_far(sales)
    known = qualified(boss, lead, create_customer=True)
    customer = boss.get(f"/{noun}s/{known[f'{noun}_id']}").json()
    assert sum(customers(sales)) == sum(before) + 1
    assert (customer["lifecycle"], customer["lead_id"], customer["source"]) == ("prospect", lead["id"], "zalo")
    assert customer["phones"][0]["value"] == lead["phones"][0]["value"]
    assert [each.type for each in announced(sales, since)] == [
        f"sales.{noun}.created.v1",
        "sales.opportunity.created.v1",
        "sales.lead.qualified.v1",
    ]
    now = won(boss, known["opportunity_id"])
    assert now[f"{noun}_id"] == customer["id"]
    assert boss.get(f"/{noun}s/{customer['id']}").json()["lifecycle"] == "customer"


def test_qualifying_needs_the_right_to_open_opportunities(boss: AppClient) -> None:
    mine = boss.as_(seller())
    lead = new_lead(mine)
    without = {name: depth for name, depth in me(mine).depths.items() if name != "opportunity.create"}
    poorer = boss.as_(replace(me(mine), depths=without))
    assert poorer.post(f"/leads/{lead['id']}/qualify", json={}).status_code == 403
    assert boss.as_(seller()).post(f"/leads/{lead['id']}/qualify", json={}).status_code == 404


# --- winning -----------------------------------------------------------------------------------------------


def test_winning_makes_one_contact_of_an_unknown_person(sales: Node, boss: AppClient) -> None:
    lead = new_lead(boss, company="Hoa Sen", title="Kế toán", source="zalo", campaign="tet")
    known, before, since = qualified(boss, lead), customers(sales), so_far(sales)
    now = won(boss, known["opportunity_id"])
    assert customers(sales) == (before[0], before[1] + 1)
    contact = boss.get(f"/contacts/{now['contact_id']}").json()
    assert (contact["full_name"], contact["company"], contact["title"]) == ("Nguyễn Thị Đào", "Hoa Sen", "Kế toán")
    assert (contact["lifecycle"], contact["source"], contact["campaign"]) == ("customer", "zalo", "tet")
    assert (contact["lead_id"], contact["owner_id"]) == (lead["id"], me(boss).id)
    assert (now["status"], now["probability"], now["account_id"]) == ("won", 100, None)
    created, told = announced(sales, since)
    assert [created.type, told.type] == ["sales.contact.created.v1", "sales.opportunity.won.v1"]
    assert told.data["new_customer"] is True
    assert told.data["opportunity"]["contact_id"] == contact["id"]


def test_winning_makes_one_account_of_an_unknown_company(sales: Node, boss: AppClient) -> None:
    lead = new_lead(boss, kind="company", full_name=None, company="Công ty TNHH Hoa Sen")
    known, before = qualified(boss, lead, tax_code="079088054321"), customers(sales)
    now = won(boss, known["opportunity_id"])
    assert customers(sales) == (before[0] + 1, before[1])
    account = boss.get(f"/accounts/{now['account_id']}").json()
    assert (account["name"], account["kind"]) == ("Công ty TNHH Hoa Sen", "household")
    assert (account["tax_code"], account["lifecycle"]) == ("079088054321", "customer")
    assert account["phones"][0]["value"] == lead["phones"][0]["value"]


def test_winning_of_a_known_customer_makes_none_and_they_come_again(sales: Node, boss: AppClient) -> None:
    number = mobile()
    account = made(boss, "/accounts", name="Hoa Sen", phones=[number])
    first, second = (qualified(boss, new_lead(boss, phones=[number]))["opportunity_id"] for _ in range(2))
    before, since = customers(sales), so_far(sales)
    assert won(boss, first)["account_id"] == account["id"]
    assert boss.get(f"/accounts/{account['id']}").json()["lifecycle"] == "customer"
    assert won(boss, first)["account_id"] == account["id"]
    assert boss.get(f"/accounts/{account['id']}").json()["lifecycle"] == "customer"
    boss.post(f"/opportunities/{first}/reopen")
    won(boss, first)
    assert boss.get(f"/accounts/{account['id']}").json()["lifecycle"] == "customer"
    won(boss, second)
    assert boss.get(f"/accounts/{account['id']}").json()["lifecycle"] == "repeat"
    assert customers(sales) == before
    told = [each for each in announced(sales, since) if each.type == "sales.opportunity.won.v1"]
    assert [each.data["new_customer"] for each in told] == [False, False, False]


def test_two_opportunities_of_one_unknown_prospect_make_one_customer(sales: Node, boss: AppClient) -> None:
    number, before = mobile(), customers(sales)
    first, second = (qualified(boss, new_lead(boss, phones=[number]))["opportunity_id"] for _ in range(2))
    one, two = won(boss, first), won(boss, second)
    assert one["contact_id"] == two["contact_id"]
    assert customers(sales) == (before[0], before[1] + 1)
    assert boss.get(f"/contacts/{one['contact_id']}").json()["lifecycle"] == "repeat"


def test_an_opportunity_for_nobody_is_not_won(boss: AppClient) -> None:
    one = made(boss, "/opportunities", name="x")
    answer = boss.post(f"/opportunities/{one['id']}/win")
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_sell_to")
    assert opportunity(boss, one["id"])["status"] == "open"


def test_a_deleted_customer_buys_nothing(boss: AppClient) -> None:
    account = made(boss, "/accounts", name="Hoa Sen")
    one = made(boss, "/opportunities", name="x", account_id=account["id"])
    boss.delete(f"/accounts/{account['id']}")
    answer = boss.post(f"/opportunities/{one['id']}/win")
    assert (answer.status_code, answer.json()["code"]) == (409, "customer_was_deleted")


def test_fifty_wins_at_once_make_one_customer(sales: Node, boss: AppClient) -> None:
    one = qualified(boss, new_lead(boss))["opportunity_id"]
    before, since = customers(sales), so_far(sales)
    answers = all_at_once(lambda: boss.post(f"/opportunities/{one}/win"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["contact_id"] for answer in answers}) == 1
    assert customers(sales) == (before[0], before[1] + 1)
    told = [each.type for each in announced(sales, since)]
    assert told == ["sales.contact.created.v1", "sales.opportunity.won.v1"]


def test_wins_of_many_opportunities_of_one_prospect_at_once_make_one_customer(sales: Node, boss: AppClient) -> None:
    number, before = mobile(), customers(sales)
    leads = [new_lead(boss, phones=[number]) for _ in range(8)]
    paths = [f"/opportunities/{qualified(boss, lead)['opportunity_id']}/win" for lead in leads]
    with ThreadPoolExecutor(len(paths)) as pool:
        answers = list(pool.map(boss.post, paths))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["contact_id"] for answer in answers}) == 1
    assert customers(sales) == (before[0], before[1] + 1)


def test_fifty_qualify_at_once_and_one_opportunity_is_there(sales: Node, boss: AppClient) -> None:
    lead = new_lead(boss)
    since, before = so_far(sales), customers(sales)
    body = {"opportunity": {"name": "Máy lọc nước"}, "create_customer": True}
    answers = all_at_once(lambda: boss.post(f"/leads/{lead['id']}/qualify", json=body))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert customers(sales) == (before[0], before[1] + 1)
    assert len(announced(sales, since)) == 3

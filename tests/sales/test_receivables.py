"""Who owes what by a day, to the đồng, and for how long; and nobody reads a debt that is not theirs."""

import importlib
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update

from chassis.access import as_system
from chassis.context import Context
from chassis.ids import new_id
from chassis.service import Node
from chassis.testing import AppClient
from services.sales.days import today
from services.sales.invoices.model import Invoice
from services.sales.payments.model import Payment, payment_allocations
from tests.sales.documents_stage import Sale, in_days, make_account, open_sale, person
from tests.sales.stage import app_of


def debt(sale: Sale, **query: Any) -> list[dict[str, Any]]:
    """What the customer owes."""
    answer = sale.client.get("/receivables", params={"account_id": sale.account_id, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def amounts(row: dict[str, Any]) -> dict[str, str]:
    """Debt, overdue and every bucket that is not empty."""
    told = {"debt": row["debt"], "overdue": row["overdue"], **row["ageing"]}
    return {name: money["amount"] for name, money in told.items() if money["amount"] != "0"}


def issued(sale: Sale, price: str, *, due: int, days_ago: int = 0) -> dict[str, Any]:
    """An invoice that was issued so many days ago and is due in so many days from today, perhaps less than none."""
    invoice = sale.owed(price)
    with sale.node.begin(Context.fresh("test")) as tx, as_system(tx, "test"):
        on = today() - timedelta(days_ago)
        tx.execute(
            update(Invoice).where(Invoice.id == invoice["id"]).values(issued_on=on, due_on=today() + timedelta(due))
        )
    return invoice


def test_a_debt_is_as_old_as_its_due_day_says(sales: Node) -> None:
    edges = (0, -1, -30, -31, -60, -61, -90, -91)
    with open_sale(sales) as sale:
        for place, due in enumerate(edges):
            issued(sale, str(10 ** (place + 1)), due=due, days_ago=120)
        (row,) = debt(sale)
        assert amounts(row) == {
            "debt": "122222221",
            "overdue": "122222210",
            "current": "11",
            "days_1_30": "1210",
            "days_31_60": "121000",
            "days_61_90": "12100000",
            "days_over_90": "110000000",
        }
        invoices = sale.do("GET", f"/receivables/invoices?account_id={sale.account_id}")["items"]
        assert [each["days_overdue"] for each in invoices] == [-due for due in reversed(edges)]
        by_age = ("current", "days_1_30", "days_1_30", "days_31_60", "days_31_60", "days_61_90", "days_61_90")
        assert [each["bucket"] for each in reversed(invoices)] == [*by_age, "days_over_90"]


def test_the_debt_is_invoices_less_payments_by_any_day(sales: Node) -> None:
    with open_sale(sales) as sale:
        old = issued(sale, "1000000", due=-40, days_ago=60)  # 1,100,000 with its tax
        issued(sale, "200000", due=20, days_ago=10)  # 220,000
        early = sale.paid("300001", paid_on=in_days(-30), allocations=[{"invoice_id": old["id"], "amount": "300001"}])
        sale.paid("800000", paid_on=in_days(-5), allocations=[{"invoice_id": old["id"], "amount": "799999"}])
        assert amounts(debt(sale)[0]) == {"debt": "220000", "current": "220000"}
        assert debt(sale)[0]["credit"] == {"amount": "1", "currency": "VND"}
        by_day = {days: amounts(debt(sale, as_of=in_days(days))[0])["debt"] for days in (-60, -31, -30, -10, -6, -5)}
        assert by_day == {-60: "1100000", -31: "1100000", -30: "799999", -10: "1019999", -6: "1019999", -5: "220000"}
        assert amounts(debt(sale, as_of=in_days(-6))[0])["days_31_60"] == "799999"
        assert debt(sale, as_of=in_days(-61)) == []
        # What was taken back has never paid anything.
        sale.do("POST", f"/payments/{early['id']}/reverse")
        assert amounts(debt(sale)[0]) == {
            "debt": "520001",
            "current": "220000",
            "days_31_60": "300001",
            "overdue": "300001",
        }


def test_customers_come_by_what_they_owe_page_by_page(sales: Node) -> None:
    me = new_id()
    with open_sale(sales, person("own", user_id=me)) as sale:
        with open_sale(sales) as boss:
            for price in ("100", "300", "200", "300"):
                boss.account_id = make_account(sales, me)
                invoice = boss.owed(price)
                with sales.begin(Context.fresh("test")) as tx, as_system(tx, "test"):
                    tx.execute(update(Invoice).where(Invoice.id == invoice["id"]).values(owner_id=me))
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"limit": 1, "currency": "VND"}
        while True:
            page = sale.client.get("/receivables", params=query).json()
            found += page["items"]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert [each["debt"]["amount"] for each in found] == ["330", "330", "220", "110"]
        assert len({each["customer"]["id"] for each in found}) == 4
        invoices = sale.client.get("/receivables/invoices", params={"limit": 3}).json()
        rest = sale.client.get("/receivables/invoices", params={"limit": 3, "cursor": invoices["next_cursor"]}).json()
        assert [len(invoices["items"]), len(rest["items"]), rest["next_cursor"]] == [3, 1, None]
        for wrong in ({"cursor": "x"}, {"as_of": "2026-13-01"}, {"currency": "dong"}, {"account_id": "1"}):
            assert sale.client.get("/receivables", params=wrong).status_code == 422
        assert sale.client.get("/receivables", params={"cursor": query["cursor"], "currency": "USD"}).status_code == 422


def test_nobody_reads_what_another_s_customer_owes(sales: Node) -> None:
    with open_sale(sales) as sale:
        sale.owed()
        for depth, status, items in (("none", 403, None), ("own", 200, []), ("team", 200, [])):
            with AppClient(app_of(sales), as_=person(depth)) as client:
                answer = client.get("/receivables", params={"account_id": sale.account_id})
                assert (answer.status_code, answer.json().get("items")) == (status, items)
        with AppClient(app_of(sales), as_=person("all", "invoice")) as client:
            (row,) = client.get("/receivables", params={"account_id": sale.account_id}).json()["items"]
            assert row["credit"] is None  # they may not see payments


def test_payments_that_were_there_before_count_as_well(sales: Node) -> None:
    """The migration makes the rows that allocating would have made."""
    migration = importlib.import_module("services.sales.migrations.versions.0004_payment_allocations")
    with open_sale(sales) as sale:
        invoice = sale.owed("1000000")
        payment = sale.paid("300000", allocations=[{"invoice_id": invoice["id"], "amount": "299999"}])
        with sales.read() as tx, as_system(tx, "test"):
            stored = tx.scalars(select(Payment).where(Payment.id == payment["id"])).one()
            table = payment_allocations
            kept = tx.execute(select(table).where(table.c.payment_id == payment["id"])).one()
            as_before = SimpleNamespace(id=stored.id, paid_on=stored.paid_on, allocations=stored.allocations)
        (made,) = migration.rows([as_before])
        assert {**made, "amount": made["amount"] / Decimal(10_000)} == dict(kept._mapping)

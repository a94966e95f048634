"""Customers: companies and people, and for each of them everything that is between us."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.cases.queue import cases_of
from gateway.console.colleagues import names_of
from gateway.console.pasts import past_of
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_PAGE = 25
_MOST_INVOICES = 200
_NONE = Page([])


@dataclass(frozen=True)
class Kind:
    """Companies or people: what the API calls them, and what they are asked for."""

    noun: str
    path: str
    name: str
    facts: tuple[str, ...]


COMPANY = Kind("account", "/accounts", "name", ("name", "kind", "tax_code", "industry", "size"))
PERSON = Kind(
    "contact", "/contacts", "full_name", ("full_name", "salutation", "title", "company", "birthday", "account_id")
)


async def list_companies(visit: Visit) -> Response:
    """Companies that this person may see."""
    return await _list(visit, COMPANY)


async def list_people(visit: Visit) -> Response:
    """People that this person may see."""
    return await _list(visit, PERSON)


async def _list(visit: Visit, kind: Kind) -> Response:
    asked = {name: visit.query.get(name, "") for name in ("q", "lifecycle", "owner", "cursor")}
    asked["q"] = asked["q"][:200]
    page = await visit.api.page(kind.path, limit=_PER_PAGE, count=True, **asked)
    names = await names_of(visit, (each["owner_id"] for each in page.items))
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    template = "customers/rows.html" if visit.wants_part else "customers/list.html"
    return visit.show(template, page=page, names=names, kept=kept, asked=asked, kind=kind)


async def show_company(visit: Visit, record_id: str) -> Response:
    """One company."""
    return await _show(visit, COMPANY, record_id)


async def show_person(visit: Visit, record_id: str) -> Response:
    """One person."""
    return await _show(visit, PERSON, record_id)


async def _show(visit: Visit, kind: Kind, record_id: str) -> Response:
    """Who they are, what is under way, what they bought and owe, and what happened."""
    party: Record = await visit.api.get(f"{kind.path}/{record_id}")
    field = f"{kind.noun}_id"

    def of_them(path: str, **more: object) -> Any:
        return if_allowed(visit.api.page(path, **{field: record_id, "limit": 20, **more}), None)

    deals, quotes, orders, invoices, owed, payments, people, past, parent, cases = await asyncio.gather(
        of_them("/opportunities"),
        of_them("/quotes"),
        of_them("/orders"),
        of_them("/invoices"),
        of_them("/invoices", status__in="issued,part_paid", limit=_MOST_INVOICES),
        of_them("/payments", status="received", limit=_MOST_INVOICES),
        of_them("/contacts") if kind is COMPANY else asyncio.sleep(0, _NONE),
        past_of(visit, kind.noun, record_id),
        if_allowed(visit.api.get(f"/accounts/{party['account_id']}"), None)
        if party.get("account_id")
        else asyncio.sleep(0, None),
        cases_of(visit, kind.noun, record_id),
    )
    names = await names_of(visit, [party["owner_id"], *past.people])
    return visit.show(
        "customers/customer.html",
        party=party,
        kind=kind,
        name=party[kind.name],
        deals=deals,
        quotes=quotes,
        orders=orders,
        invoices=invoices,
        debts=debts_of(owed, payments),
        people=people,
        past=past,
        parent=parent,
        cases=cases,
        names=names,
    )


def debts_of(owed: Page | None, payments: Page | None) -> list[Record] | None:
    """What they owe by currency: balances of issued invoices less what they paid ahead. None when it is not known."""
    if owed is None:
        return None
    debts: dict[str, dict[str, Decimal]] = {}
    for invoice in owed.items:
        debt = debts.setdefault(invoice["currency"], {"owed": Decimal(0), "overdue": Decimal(0), "credit": Decimal(0)})
        debt["owed"] += Decimal(invoice["balance"])
        if invoice["overdue"]:
            debt["overdue"] += Decimal(invoice["balance"])
    for payment in payments.items if payments else ():
        currency = payment["amount"]["currency"]
        debt = debts.setdefault(currency, {"owed": Decimal(0), "overdue": Decimal(0), "credit": Decimal(0)})
        debt["credit"] += Decimal(payment["unallocated"])
    return [{"currency": currency, **debt} for currency, debt in debts.items() if any(debt.values())]


async def ask_for_company(visit: Visit) -> Response:
    """The form for a new company."""
    return visit.show("customers/form.html", party=None, kind=COMPANY, account_id="")


async def ask_for_person(visit: Visit) -> Response:
    """The form for a new person, of the company whose page led here."""
    account_id = visit.given("account_id") or visit.query.get("account_id", "")
    return visit.show("customers/form.html", party=None, kind=PERSON, account_id=account_id)


async def create_company(visit: Visit) -> Response:
    """A company as it was typed in."""
    return await _create(visit, COMPANY)


async def create_person(visit: Visit) -> Response:
    """A person as they were typed in."""
    return await _create(visit, PERSON)


async def _create(visit: Visit, kind: Kind) -> Response:
    body = {name: value for name, value in (visit.facts(*kind.facts) | visit.points()).items() if value}
    made = await visit.api.post(kind.path, body, **visit.once())
    sentence = visit.say("The customer was saved.")
    if made["duplicates"]:
        sentence += " " + visit.say("It shares a phone, an e-mail address or the tax code with others.")
    return visit.lead_to(f"{kind.path}/{made['id']}", sentence)


async def edit_company(visit: Visit, record_id: str) -> Response:
    """The form with what is known."""
    party = await visit.api.get(f"/accounts/{record_id}")
    return visit.show("customers/form.html", party=party, kind=COMPANY, account_id="")


async def edit_person(visit: Visit, record_id: str) -> Response:
    """The form with what is known."""
    party = await visit.api.get(f"/contacts/{record_id}")
    return visit.show("customers/form.html", party=party, kind=PERSON, account_id=party["account_id"] or "")


async def change_company(visit: Visit, record_id: str) -> Response:
    """Change what was typed."""
    return await _change(visit, COMPANY, record_id)


async def change_person(visit: Visit, record_id: str) -> Response:
    """Change what was typed."""
    return await _change(visit, PERSON, record_id)


async def _change(visit: Visit, kind: Kind, record_id: str) -> Response:
    body = visit.facts(*kind.facts) | visit.points()
    await visit.api.patch(f"{kind.path}/{record_id}", body, version=visit.given("version"))
    return visit.lead_to(f"{kind.path}/{record_id}", visit.say("The customer was saved."))


ROUTES: list[Entry] = [
    Get("/customers", list_companies),
    Get("/contacts", list_people),
    Get("/accounts/new", ask_for_company),
    Post("/accounts/new", create_company, again=ask_for_company),
    Get("/contacts/new", ask_for_person),
    Post("/contacts/new", create_person, again=ask_for_person),
    Get("/accounts/{record_id:uuid}", show_company),
    Get("/contacts/{record_id:uuid}", show_person),
    Get("/accounts/{record_id:uuid}/edit", edit_company),
    Post("/accounts/{record_id:uuid}/edit", change_company, again=edit_company),
    Get("/contacts/{record_id:uuid}/edit", edit_person),
    Post("/contacts/{record_id:uuid}/edit", change_person, again=edit_person),
]

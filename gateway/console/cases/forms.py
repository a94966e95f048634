"""Taking up a case, and changing what was written down of it."""

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from gateway.console.calling import Page, Record, Refused, if_allowed, is_id
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

FACTS = ("type", "priority", "category", "subject", "description", "order_id", "product_id")
TYPES = ("question", "request", "problem", "complaint", "warranty", "refund")
PRIORITIES = ("low", "normal", "high", "urgent")
_FOUND = 5
_MOST_CHOICES = 200
_NONE = Page([])


@dataclass(frozen=True)
class Customer:
    """Somebody whose case it can be; ``ref`` is ``account:<id>`` or ``contact:<id>``."""

    ref: str
    name: str
    more: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """As the API wants it."""
        noun, _, known = self.ref.partition(":")
        return {f"{noun}_id": known}


async def ask_for_case(visit: Visit) -> Response:
    """The form for a new case, of the customer whose page led here or who is searched for in it."""
    chosen = await _customer(visit, visit.given("customer") or _led_from(visit))
    find = visit.given("find") or visit.query.get("find", "")
    found = [each for each in await _find(visit, find) if chosen is None or each.ref != chosen.ref]
    return await _form(visit, None, chosen, [chosen, *found] if chosen else found, find)


async def find_customers(visit: Visit) -> Response:
    """Customers to choose from, while their name is typed."""
    find = visit.query.get("find", "")
    return visit.show("cases/customers.html", customers=await _find(visit, find), chosen=None, find=find)


async def edit(visit: Visit, case_id: str) -> Response:
    """The form with what is known."""
    case: Record = await visit.api.get(f"/cases/{case_id}")
    noun = "account" if case["account_id"] else "contact"
    known = case[noun]
    chosen = Customer(f"{noun}:{known['id']}", known["name"] or "…") if known else None
    return await _form(visit, case, chosen, [], "")


async def _form(visit: Visit, case: Record | None, chosen: Customer | None, customers: object, find: str) -> Response:
    categories, products, orders = await asyncio.gather(
        if_allowed(visit.api.get("/case_categories"), {"items": []}),
        if_allowed(visit.api.page("/products", active=True, sort="name", limit=_MOST_CHOICES), _NONE),
        if_allowed(visit.api.page("/orders", **chosen.fields, limit=50), _NONE) if chosen else asyncio.sleep(0, _NONE),
    )
    return visit.show(
        "cases/form.html",
        case=case,
        chosen=chosen,
        customers=customers,
        find=find,
        types=TYPES,
        priorities=PRIORITIES,
        categories=[(each["key"], each["label"]) for each in categories["items"]],
        products=_choices(products.items, "name", case, "product"),
        orders=_choices(orders.items, "number", case, "order"),
    )


def _choices(items: list[Record], name: str, case: Record | None, noun: str) -> list[tuple[str, str]]:
    """What can be chosen, with what is chosen already though it is in the list no more."""
    choices = [(each["id"], each[name] or "…") for each in items]
    known = case[noun] if case else None
    if known and known["id"] not in dict(choices):
        choices.insert(0, (known["id"], known["name"] or "…"))
    return choices


async def create(visit: Visit) -> Response:
    """A case as it was typed in."""
    ref = visit.given("customer")
    if visit.given("find") and not ref:
        raise Refused(422, {"detail": visit.say("Choose the customer in the list below the search, or empty it.")})
    noun, _, known = ref.partition(":")
    whose = {f"{noun}_id": known} if noun in ("account", "contact") else {}
    body = {name: value for name, value in visit.facts(*FACTS).items() if value} | whose
    case = await visit.api.post("/cases", body, **visit.once())
    return visit.lead_to(f"/cases/{case['id']}", visit.say("Case {number} was opened.", number=case["number"]))


async def change(visit: Visit, case_id: str) -> Response:
    """Change what was typed; a subject and a type there always are."""
    body = {name: value for name, value in visit.facts(*FACTS).items() if value or name not in ("type", "priority")}
    await visit.api.patch(f"/cases/{case_id}", body, version=visit.given("version"))
    return visit.lead_to(f"/cases/{case_id}", visit.say("The case was saved."))


def _led_from(visit: Visit) -> str:
    named = ((noun, visit.query.get(f"{noun}_id", "")) for noun in ("account", "contact"))
    return next((f"{noun}:{known}" for noun, known in named if known), "")


async def _customer(visit: Visit, ref: str) -> Customer | None:
    """The customer of this name, if this person may see them."""
    noun, _, known = ref.partition(":")
    if noun not in ("account", "contact") or not is_id(known):
        return None
    record = await if_allowed(visit.api.get(f"/{noun}s/{known}"), None)
    return _as_customer(visit, noun, record) if record else None


async def _find(visit: Visit, find: str) -> list[Customer]:
    if not find.strip():
        return []
    asked = {"q": find.strip()[:200], "limit": _FOUND}
    companies, people = await asyncio.gather(
        if_allowed(visit.api.page("/accounts", **asked), _NONE), if_allowed(visit.api.page("/contacts", **asked), _NONE)
    )
    return [_as_customer(visit, "account", each) for each in companies.items] + [
        _as_customer(visit, "contact", each) for each in people.items
    ]


def _as_customer(visit: Visit, noun: str, record: Record) -> Customer:
    name = record["name"] if noun == "account" else record["full_name"]
    phones = [visit.wording.phone(each["value"]) for each in record["phones"][:1]]
    return Customer(f"{noun}:{record['id']}", name, " · ".join(filter(None, [record.get("company") or "", *phones])))


ROUTES: list[Entry] = [
    Get("/cases/new", ask_for_case),
    Post("/cases/new", create, again=ask_for_case),
    Get("/cases/customers", find_customers),
    Get("/cases/{case_id:uuid}/edit", edit),
    Post("/cases/{case_id:uuid}/edit", change, again=edit),
]

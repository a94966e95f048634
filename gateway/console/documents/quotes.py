"""Quotes: writing one, sending it, and what the customer said."""

from starlette.responses import Response

from gateway.console.calling import Record, Refused, if_allowed, is_id
from gateway.console.colleagues import names_of
from gateway.console.documents import lines
from gateway.console.documents.lists import show_list
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PDF = "/quotes/{quote_id}/pdf"
_OF_A_FILE = (b"content-type", b"content-disposition")
_EMPTY = dict.fromkeys(lines.FIELDS, "")


async def list_quotes(visit: Visit) -> Response:
    """The quotes that this person may see."""
    return await show_list(visit, "quote")


async def show_quote(visit: Visit, quote_id: str) -> Response:
    """One quote, and what can be done with it."""
    quote = await visit.api.get(f"/quotes/{quote_id}")
    names = await names_of(visit, [quote["owner_id"]])
    has_pdf = await visit.offers.has(_PDF)
    return visit.show("documents/quote.html", quote=quote, names=names, has_pdf=has_pdf)


async def show_pdf(visit: Visit, quote_id: str) -> Response:
    """The quote as the customer gets it."""
    heard = await visit.api.file(_PDF.format(quote_id=quote_id))
    headers = {name.decode(): value.decode("latin-1") for name, value in heard.headers if name in _OF_A_FILE}
    return Response(heard.body, headers=headers)


async def ask_for_quote(visit: Visit) -> Response:
    """The form for a new quote; for whom comes from the page that led here."""
    buyer = {
        name: visit.given(name) or visit.query.get(name, "") for name in ("opportunity_id", "account_id", "contact_id")
    }
    return await _form(visit, None, buyer)


async def edit(visit: Visit, quote_id: str) -> Response:
    """The form with a draft's lines."""
    return await _form(visit, await visit.api.get(f"/quotes/{quote_id}"), {})


async def _form(visit: Visit, quote: Record | None, buyer: dict[str, str]) -> Response:
    products = (await visit.api.page("/products", active=True, sort="name", limit=200)).items
    rows = lines.typed(visit) if visit.form else lines.of_quote(visit, quote) if quote else []
    rows += [_EMPTY] * (1 if rows else 3)
    customer = await _customer(visit, quote or buyer)
    values: Record = {"quote": quote, "buyer": buyer, "customer": customer, "products": products, "rows": rows}
    return visit.show("documents/quote_form.html", **values)


async def _customer(visit: Visit, buyer: Record) -> str:
    """Who it is for, as far as this person may know."""
    if isinstance(buyer.get("buyer"), dict):
        return str(buyer["buyer"]["name"])
    for name, path, called in (("account_id", "/accounts", "name"), ("contact_id", "/contacts", "full_name")):
        if is_id(buyer.get(name)):
            found = await if_allowed(visit.api.get(f"{path}/{buyer[name]}"), {})
            return str(found.get(called, ""))
    if is_id(buyer.get("opportunity_id")):
        deal = await if_allowed(visit.api.get(f"/opportunities/{buyer['opportunity_id']}"), {})
        return await _customer(visit, {name: deal.get(name) for name in ("account_id", "contact_id")})
    return ""


async def show_line(visit: Visit) -> Response:
    """One more empty line for the form."""
    products = (await visit.api.page("/products", active=True, sort="name", limit=200)).items
    return visit.show("documents/quote_line.html", products=products, row=_EMPTY)


async def create(visit: Visit) -> Response:
    """A draft."""
    buyer = visit.facts("opportunity_id", "account_id", "contact_id", "valid_until")
    body = {name: value for name, value in buyer.items() if value} | _content(visit)
    quote = await visit.api.post("/quotes", body, **visit.once())
    return visit.lead_to(f"/quotes/{quote['id']}", visit.say("The quote was saved."))


async def change(visit: Visit, quote_id: str) -> Response:
    """Other lines of a draft."""
    body = visit.facts("valid_until") | _content(visit)
    await visit.api.patch(f"/quotes/{quote_id}", body, version=visit.given("version"))
    return visit.lead_to(f"/quotes/{quote_id}", visit.say("The quote was saved."))


def _content(visit: Visit) -> Record:
    wanted = lines.wanted(visit)
    if not wanted:
        raise Refused(422, {"detail": visit.say("Choose at least one product.")})
    discount = visit.wording.amount_of(visit.given("discount_percent"))
    return {"lines": wanted, "discount_percent": discount or "0"}


async def send(visit: Visit, quote_id: str) -> Response:
    """It goes to the customer, and is not changed any more."""
    await visit.api.post(f"/quotes/{quote_id}/send", **visit.once())
    return visit.lead_to(f"/quotes/{quote_id}", visit.say("The quote counts as sent."))


async def accept(visit: Visit, quote_id: str) -> Response:
    """The customer wants it: it becomes an order, which is shown next."""
    accepted = await visit.api.post(f"/quotes/{quote_id}/accept", {"as": "order"}, **visit.once())
    return visit.lead_to(f"/orders/{accepted['order_id']}", visit.say("The quote became this order."))


async def reject(visit: Visit, quote_id: str) -> Response:
    """The customer declined."""
    await visit.api.post(f"/quotes/{quote_id}/reject", visit.facts("reason"), **visit.once())
    return visit.lead_to(f"/quotes/{quote_id}", visit.say("The quote is closed."))


async def revise(visit: Visit, quote_id: str) -> Response:
    """A new draft in its place, which is shown next."""
    quote = await visit.api.post(f"/quotes/{quote_id}/revise", **visit.once())
    return visit.lead_to(f"/quotes/{quote['id']}", visit.say("This is the new draft."))


ROUTES: list[Entry] = [
    Get("/quotes", list_quotes),
    Get("/quotes/new", ask_for_quote),
    Post("/quotes/new", create, again=ask_for_quote),
    Get("/quotes/line", show_line),
    Get("/quotes/{quote_id:uuid}", show_quote),
    Get("/quotes/{quote_id:uuid}/pdf", show_pdf),
    Get("/quotes/{quote_id:uuid}/edit", edit),
    Post("/quotes/{quote_id:uuid}/edit", change, again=edit),
    Post("/quotes/{quote_id:uuid}/send", send, again=show_quote),
    Post("/quotes/{quote_id:uuid}/accept", accept, again=show_quote),
    Post("/quotes/{quote_id:uuid}/reject", reject, again=show_quote),
    Post("/quotes/{quote_id:uuid}/revise", revise, again=show_quote),
]

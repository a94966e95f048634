"""Opportunities, which sellers call deals: the board of a pipeline, one deal, and how it ends."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Page, Record, Refused, if_allowed, is_id
from gateway.console.colleagues import choices, names_of
from gateway.console.pasts import past_of
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_LANE = 50
_PER_PAGE = 25
FACTS = ("name", "close_date", "next_step", "priority")
_NONE = Page([])


async def show_board(visit: Visit, **_ids: str) -> Response:
    """The open deals of a pipeline, a lane for each stage."""
    pipelines = (await visit.api.page("/pipelines", limit=50)).items
    if not pipelines:
        return visit.show("deals/no_pipeline.html")
    chosen = visit.given("pipeline") or visit.query.get("pipeline", "")
    usual = next((each for each in pipelines if each["is_default"]), pipelines[0])
    pipeline = next((each for each in pipelines if each["id"] == chosen), usual)
    owner = visit.given("owner") or visit.query.get("owner", "")
    stages = [stage for stage in pipeline["stages"] if not stage["retired"]]
    pages = await asyncio.gather(
        *(
            visit.api.page(
                "/opportunities",
                status="open",
                pipeline_id=pipeline["id"],
                stage=stage["key"],
                owner=owner,
                limit=_PER_LANE,
                count=True,
            )
            for stage in stages
        )
    )
    lanes = [(stage, page, _sums(page.items)) for stage, page in zip(stages, pages, strict=True)]
    names = await names_of(visit, (deal["owner_id"] for page in pages for deal in page.items))
    values: Record = {"lanes": lanes, "names": names, "pipeline": pipeline, "owner": owner}
    if visit.wants_part:
        return visit.show("deals/lanes.html", **values)
    return visit.show("deals/board.html", pipelines=pipelines, **values)


def _sums(deals: list[Record]) -> list[Record]:
    """What these come to, by currency."""
    sums: dict[str, Any] = {}
    for deal in deals:
        currency = deal["amount"]["currency"]
        sums[currency] = sums.get(currency, 0) + float(deal["amount"]["amount"])
    return [{"amount": round(amount, 2), "currency": currency} for currency, amount in sums.items() if amount]


async def move(visit: Visit, deal_id: str) -> Response:
    """To another stage; dragged, the board is answered as it is then."""
    await visit.api.post(f"/opportunities/{deal_id}/advance", visit.facts("stage"), **visit.once())
    if visit.wants_part:
        return await show_board(visit)
    if visit.given("from") == "deal":
        return visit.lead_to(f"/deals/{deal_id}")
    return visit.lead_to("/pipeline", pipeline=visit.given("pipeline"), owner=visit.given("owner"))


async def list_deals(visit: Visit) -> Response:
    """Every deal, closed ones too."""
    asked = {name: visit.query.get(name, "") for name in ("q", "status", "owner", "stage", "sort", "cursor")}
    asked["q"] = asked["q"][:200]
    page = await visit.api.page("/opportunities", limit=_PER_PAGE, count=True, **asked)
    names = await names_of(visit, (deal["owner_id"] for deal in page.items))
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    template = "deals/rows.html" if visit.wants_part else "deals/list.html"
    return visit.show(template, page=page, names=names, kept=kept, asked=asked)


async def show_deal(visit: Visit, deal_id: str) -> Response:
    """One deal: how far it is, for whom, its quotes and orders, what happened."""
    deal: Record = await visit.api.get(f"/opportunities/{deal_id}")
    pipeline, quotes, orders, past, customer, colleagues = await asyncio.gather(
        if_allowed(visit.api.get(f"/pipelines/{deal['pipeline_id']}"), {"stages": [], "name": {}}),
        if_allowed(visit.api.page("/quotes", opportunity_id=deal_id, limit=20), _NONE),
        if_allowed(visit.api.page("/orders", opportunity_id=deal_id, limit=20), _NONE),
        past_of(visit, "opportunity", deal_id),
        customer_of(visit, deal),
        choices(visit) if visit.may("opportunity.assign") else asyncio.sleep(0, []),
    )
    names = await names_of(visit, [deal["owner_id"], *past.people])
    return visit.show(
        "deals/deal.html",
        deal=deal,
        pipeline=pipeline,
        quotes=quotes.items,
        orders=orders.items,
        past=past,
        customer=customer,
        colleagues=colleagues,
        names=names,
    )


async def customer_of(visit: Visit, record: Record) -> Record | None:
    """Who buys: name and page; None while they are nobody's customer, or not this person's to see."""
    for field, path in (("account_id", "/accounts"), ("contact_id", "/contacts")):
        if is_id(record.get(field)):
            found = await if_allowed(visit.api.get(f"{path}/{record[field]}"), None)
            if found:
                return {"name": found.get("name") or found["full_name"], "path": f"{path}/{found['id']}"}
    return None


async def ask_for_deal(visit: Visit) -> Response:
    """The form for a new deal; for whom comes from the page that led here."""
    buyer = {name: visit.given(name) or visit.query.get(name, "") for name in ("account_id", "contact_id")}
    return visit.show("deals/form.html", deal=None, buyer=buyer, customer=await _buyer(visit, buyer))


async def _buyer(visit: Visit, buyer: dict[str, str]) -> Record | None:
    try:
        return await customer_of(visit, buyer)
    except Refused:
        return None


async def create(visit: Visit) -> Response:
    """Open a deal."""
    body = {name: value for name, value in visit.facts(*FACTS, "account_id", "contact_id").items() if value}
    deal = await visit.api.post("/opportunities", body | _amount(visit), **visit.once())
    return visit.lead_to(f"/deals/{deal['id']}", visit.say("The opportunity was saved."))


async def edit(visit: Visit, deal_id: str) -> Response:
    """The form with what is known."""
    deal = await visit.api.get(f"/opportunities/{deal_id}")
    return visit.show("deals/form.html", deal=deal, buyer={}, customer=await customer_of(visit, deal))


async def change(visit: Visit, deal_id: str) -> Response:
    """Change what was typed."""
    body = visit.facts(*FACTS) | _amount(visit)
    await visit.api.patch(f"/opportunities/{deal_id}", body, version=visit.given("version"))
    return visit.lead_to(f"/deals/{deal_id}", visit.say("The opportunity was saved."))


def _amount(visit: Visit) -> Record:
    if amount := visit.wording.amount_of(visit.given("amount")):
        return {"amount": {"amount": amount, "currency": visit.given("currency") or "VND"}}
    return {}


async def win(visit: Visit, deal_id: str) -> Response:
    """They bought; it can be taken back."""
    await visit.api.post(f"/opportunities/{deal_id}/win", **visit.once())
    return visit.lead_to(f"/deals/{deal_id}", visit.say("Won. Congratulations!"), undo=f"/deals/{deal_id}/reopen")


async def lose(visit: Visit, deal_id: str) -> Response:
    """They did not buy; it can be taken back."""
    await visit.api.post(f"/opportunities/{deal_id}/lose", visit.facts("reason"), **visit.once())
    return visit.lead_to(f"/deals/{deal_id}", visit.say("The opportunity is closed."), undo=f"/deals/{deal_id}/reopen")


async def reopen(visit: Visit, deal_id: str) -> Response:
    """It is worked on again."""
    await visit.api.post(f"/opportunities/{deal_id}/reopen", **visit.once())
    return visit.lead_to(f"/deals/{deal_id}", visit.say("The opportunity is open again."))


async def assign(visit: Visit, deal_id: str) -> Response:
    """Give it to somebody."""
    await visit.api.post(f"/opportunities/{deal_id}/assign", visit.facts("owner_id"), **visit.once())
    still = await if_allowed(visit.api.get(f"/opportunities/{deal_id}"), None)
    return visit.lead_to(f"/deals/{deal_id}" if still else "/pipeline", visit.say("The opportunity was assigned."))


ROUTES: list[Entry] = [
    Get("/pipeline", show_board),
    Get("/deals", list_deals),
    Get("/deals/new", ask_for_deal),
    Post("/deals/new", create, again=ask_for_deal),
    Get("/deals/{deal_id:uuid}", show_deal),
    Get("/deals/{deal_id:uuid}/edit", edit),
    Post("/deals/{deal_id:uuid}/edit", change, again=edit),
    Post("/deals/{deal_id:uuid}/move", move, again=show_deal),
    Post("/deals/{deal_id:uuid}/win", win, again=show_deal),
    Post("/deals/{deal_id:uuid}/lose", lose, again=show_deal),
    Post("/deals/{deal_id:uuid}/reopen", reopen, again=show_deal),
    Post("/deals/{deal_id:uuid}/assign", assign, again=show_deal),
]

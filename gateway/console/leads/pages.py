"""Leads: the list that is searched while one types, one lead with its history, and what can be done with it."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.console.calling import Record, Refused, if_allowed, is_id
from gateway.console.colleagues import choices, names_of
from gateway.console.pasts import past_of
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_PAGE = 25
_AT_ONCE = 8
_MOST_CHOSEN = 200
FILTERS = ("q", "status", "source", "owner", "sort", "cursor")
FACTS = ("full_name", "salutation", "company", "title", "source", "campaign", "product_interest", "needs", "rating")


async def list_leads(visit: Visit) -> Response:
    """The leads that this person may see; while they type, the rows alone."""
    asked = {name: visit.query.get(name, "") for name in FILTERS}
    page = await visit.api.page("/leads", limit=_PER_PAGE, count=True, **_known(asked))
    names = await names_of(visit, (lead["owner_id"] for lead in page.items))
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    if visit.wants_part:
        return visit.show("leads/rows.html", page=page, names=names, kept=kept)
    sources = await if_allowed(visit.api.get("/leads/summary", by="source"), {"items": []})
    colleagues = await choices(visit) if visit.may("lead.assign") else []
    sources = [each["value"] for each in sources["items"] if each["value"]]
    return visit.show(
        "leads/list.html", page=page, names=names, kept=kept, asked=asked, sources=sources, colleagues=colleagues
    )


def _known(asked: dict[str, str]) -> dict[str, str]:
    return asked if len(asked["q"]) <= 200 else {**asked, "q": asked["q"][:200]}


async def assign_many(visit: Visit) -> Response:
    """Give the chosen leads to somebody, each by itself: what cannot be given is counted and said."""
    chosen = [each for each in visit.form.get("lead", []) if is_id(each)][:_MOST_CHOSEN]
    if not chosen or not visit.given("owner_id"):
        raise Refused(422, {"detail": visit.say("Choose leads and somebody to give them to.")})
    turns = asyncio.Semaphore(_AT_ONCE)

    async def assign(lead_id: str) -> Refused | None:
        async with turns:
            try:
                body = {"owner_id": visit.given("owner_id")}
                key = f"{visit.given('key')}:{lead_id}"[:200]
                await visit.api.post(f"/leads/{lead_id}/assign", body, key=key)
            except Refused as refused:
                return refused
            return None

    refusals = [each for each in await asyncio.gather(*map(assign, chosen)) if each]
    if len(refusals) == len(chosen):
        raise refusals[0]
    sentence = visit.say("{count} leads were assigned.", count=len(chosen) - len(refusals))
    if refusals:
        why = visit.wording.problem(refusals[0].status, refusals[0].code, refusals[0].detail)
        sentence += " " + visit.say("{count} were not: {why}", count=len(refusals), why=why)
    return visit.lead_to("/leads", sentence)


async def show_lead(visit: Visit, lead_id: str) -> Response:
    """One lead: who it is, what happened, what can be done."""
    lead: Record = await visit.api.get(f"/leads/{lead_id}")
    twins, past, colleagues = await asyncio.gather(
        if_allowed(visit.api.page(f"/leads/{lead_id}/duplicates"), None),
        past_of(visit, "lead", lead_id),
        choices(visit) if visit.may("lead.assign") else _nobody(),
    )
    names = await names_of(visit, [lead["owner_id"], *past.people])
    return visit.show(
        "leads/lead.html",
        lead=lead,
        twins=twins.items if twins else [],
        past=past,
        names=names,
        colleagues=colleagues,
    )


async def _nobody() -> list[tuple[str, str]]:
    return []


async def ask_for_lead(visit: Visit) -> Response:
    """The form for a new lead."""
    return visit.show("leads/form.html", lead=None)


async def create(visit: Visit) -> Response:
    """A lead as it was typed in; whether the person is known already is said on its page."""
    body = {name: value for name, value in visit.facts(*FACTS).items() if value} | visit.points()
    if visit.given("company") and not visit.given("full_name"):
        body["kind"] = "company"
    lead = await visit.api.post("/leads", body | {"contactable": bool(visit.given("contactable"))}, **visit.once())
    sentence = visit.say("The lead was saved.")
    if lead["duplicates"]:
        sentence += " " + visit.say("It shares a phone or an e-mail address with others: look at them first.")
    return visit.lead_to(f"/leads/{lead['id']}", sentence)


async def edit(visit: Visit, lead_id: str) -> Response:
    """The form with what is known."""
    return visit.show("leads/form.html", lead=await visit.api.get(f"/leads/{lead_id}"))


async def change(visit: Visit, lead_id: str) -> Response:
    """Change what was typed; what was left alone stays as it is."""
    body = visit.facts(*FACTS) | visit.points() | {"contactable": bool(visit.given("contactable"))}
    if not body.get("full_name"):
        body.pop("full_name", None)
    await visit.api.patch(f"/leads/{lead_id}", body, version=visit.given("version"))
    return visit.lead_to(f"/leads/{lead_id}", visit.say("The lead was saved."))


async def contact(visit: Visit, lead_id: str) -> Response:
    """Somebody was reached."""
    await visit.api.post(f"/leads/{lead_id}/contact", **visit.once())
    return visit.lead_to(f"/leads/{lead_id}", visit.say("The lead is being worked on."))


async def qualify(visit: Visit, lead_id: str) -> Response:
    """It becomes an opportunity, which is shown next."""
    opportunity: dict[str, Any] = {name: value for name, value in visit.facts("name", "close_date").items() if value}
    if amount := visit.wording.amount_of(visit.given("amount")):
        opportunity["amount"] = {"amount": amount, "currency": "VND"}
    body = {"opportunity": opportunity, "create_customer": bool(visit.given("create_customer"))}
    made = await visit.api.post(f"/leads/{lead_id}/qualify", body, **visit.once())
    return visit.lead_to(f"/deals/{made['opportunity_id']}", visit.say("The lead became this opportunity."))


async def disqualify(visit: Visit, lead_id: str) -> Response:
    """It will not become a customer."""
    await visit.api.post(f"/leads/{lead_id}/disqualify", visit.facts("reason"), **visit.once())
    return visit.lead_to(f"/leads/{lead_id}", visit.say("The lead is closed."))


async def assign(visit: Visit, lead_id: str) -> Response:
    """Give it to somebody; whoever gave it away may no longer see it."""
    await visit.api.post(f"/leads/{lead_id}/assign", visit.facts("owner_id"), **visit.once())
    still = await if_allowed(visit.api.get(f"/leads/{lead_id}"), None)
    return visit.lead_to(f"/leads/{lead_id}" if still else "/leads", visit.say("The lead was assigned."))


async def delete(visit: Visit, lead_id: str) -> Response:
    """Out of all lists; it can be taken back."""
    await visit.api.delete(f"/leads/{lead_id}", version=visit.given("version"))
    return visit.lead_to("/leads", visit.say("The lead was deleted."), undo=f"/leads/{lead_id}/restore")


async def restore(visit: Visit, lead_id: str) -> Response:
    """Take the deletion back."""
    await visit.api.post(f"/leads/{lead_id}/restore", **visit.once())
    return visit.lead_to(f"/leads/{lead_id}", visit.say("The lead is back."))


ROUTES: list[Entry] = [
    Get("/leads", list_leads),
    Get("/leads/new", ask_for_lead),
    Post("/leads/new", create, again=ask_for_lead),
    Post("/leads/assign", assign_many, again=list_leads),
    Get("/leads/{lead_id:uuid}", show_lead),
    Get("/leads/{lead_id:uuid}/edit", edit),
    Post("/leads/{lead_id:uuid}/edit", change, again=edit),
    Post("/leads/{lead_id:uuid}/contact", contact, again=show_lead),
    Post("/leads/{lead_id:uuid}/qualify", qualify, again=show_lead),
    Post("/leads/{lead_id:uuid}/disqualify", disqualify, again=show_lead),
    Post("/leads/{lead_id:uuid}/assign", assign, again=show_lead),
    Post("/leads/{lead_id:uuid}/delete", delete, again=show_lead),
    Post("/leads/{lead_id:uuid}/restore", restore),
]

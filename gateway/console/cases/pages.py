"""One case: what it is about, what was said, how its clocks stand, and what can be done with it."""

import asyncio

from starlette.responses import Response

from gateway.console.calling import Page, Record, Refused, if_allowed, is_id
from gateway.console.cases import clocks, forms, queue
from gateway.console.cases.knowledge import suggestions
from gateway.console.colleagues import choices, names_of
from gateway.console.pasts import past_of
from gateway.console.routes import Entry, Get, Handler, Post
from gateway.console.visits import Visit

_MESSAGES = 50
_MOST_LINKED = 10
# What is written down in a case: who hears it, and who said it.
SAYINGS = {
    "note": {"visibility": "internal", "direction": "out"},
    "reply": {"visibility": "public", "direction": "out"},
    "heard": {"visibility": "public", "direction": "in"},
}


async def show_case(visit: Visit, case_id: str) -> Response:
    """One case."""
    case: Record = await visit.api.get(f"/cases/{case_id}")
    before = visit.query.get("before", "")
    said, past, colleagues, into, categories = await asyncio.gather(
        visit.api.page(f"/cases/{case_id}/messages", sort="-created_at", limit=_MESSAGES, cursor=before),
        past_of(visit, "case", case_id),
        choices(visit) if visit.may("case.assign") or visit.may("case.write") else asyncio.sleep(0, []),
        _short(visit, case["merged_into_id"]),
        if_allowed(visit.api.get("/case_categories"), {"items": []}),
    )
    authors = [by.partition(":")[2] for each in said.items if (by := each["author"] or "").startswith("user:")]
    return visit.show(
        "cases/case.html",
        case=case,
        said=Page(said.items[::-1], said.next_cursor),
        past=past,
        names=await names_of(visit, [case["owner_id"], *authors, *past.people]),
        colleagues=colleagues,
        into=into,
        category={each["key"]: each["label"] for each in categories["items"]}.get(case["category"], case["category"]),
        clocks=clocks,
    )


async def _short(visit: Visit, case_id: str | None) -> Record | None:
    return await if_allowed(visit.api.get(f"/cases/{case_id}"), None) if case_id else None


async def suggest(visit: Visit, case_id: str) -> Response:
    """Articles that may help, for what was typed or for what the case is about."""
    case: Record = await visit.api.get(f"/cases/{case_id}")
    find = visit.query.get("find", "")
    articles = await suggestions(visit, find, case["subject"])
    chosen = visit.query.get("chosen", "").split(",")
    return visit.show("cases/knowledge.html", articles=articles, find=find, case=case, chosen=chosen)


async def write(visit: Visit, case_id: str) -> Response:
    """Note something among ourselves, answer the customer, or write down what they said."""
    saying = SAYINGS.get(visit.given("saying"), SAYINGS["note"])
    body = {"text": visit.given("text"), **saying}
    await visit.api.post(f"/cases/{case_id}/messages", body, key=visit.given("key"))
    return visit.lead_to(f"/cases/{case_id}", visit.say("It is written down."))


async def take(visit: Visit, case_id: str) -> Response:
    """I work on it from now on."""
    await visit.api.post(f"/cases/{case_id}/assign", {"owner_id": visit.me["id"]}, **visit.once())
    return visit.lead_to(f"/cases/{case_id}", visit.say("The case is yours."))


async def assign(visit: Visit, case_id: str) -> Response:
    """Somebody works on it; whoever gave it away may no longer see it."""
    await visit.api.post(f"/cases/{case_id}/assign", visit.facts("owner_id"), **visit.once())
    return await _after(visit, case_id, visit.say("The case was assigned."))


async def escalate(visit: Visit, case_id: str) -> Response:
    """Somebody who can do more is to look at it."""
    body = {
        name: visit.given(field)
        for name, field in (("owner_id", "escalate_to"), ("reason", "reason"))
        if visit.given(field)
    }
    await visit.api.post(f"/cases/{case_id}/escalate", body, **visit.once())
    return await _after(visit, case_id, visit.say("The case was escalated."))


async def _after(visit: Visit, case_id: str, sentence: str) -> Response:
    still = await if_allowed(visit.api.get(f"/cases/{case_id}"), None)
    return visit.lead_to(f"/cases/{case_id}" if still else "/cases", sentence)


async def open_case(visit: Visit, case_id: str) -> Response:
    """Work on it begins, or goes on."""
    return await _move(visit, case_id, "open", visit.say("The case is being worked on."))


async def wait(visit: Visit, case_id: str) -> Response:
    """The customer is asked for something; the clocks stand."""
    return await _move(visit, case_id, "wait", visit.say("The case waits for the customer. Its clocks stand still."))


async def close(visit: Visit, case_id: str) -> Response:
    """Nothing more is expected of it."""
    return await _move(visit, case_id, "close", visit.say("The case is closed."))


async def reopen(visit: Visit, case_id: str) -> Response:
    """It was not over after all."""
    return await _move(visit, case_id, "reopen", visit.say("The case is open again."))


async def _move(visit: Visit, case_id: str, verb: str, sentence: str) -> Response:
    await visit.api.post(f"/cases/{case_id}/{verb}", **visit.once())
    return visit.lead_to(f"/cases/{case_id}", sentence)


async def resolve(visit: Visit, case_id: str) -> Response:
    """The customer has their answer; the articles that helped are named after that."""
    await visit.api.post(f"/cases/{case_id}/resolve", {"resolution": visit.given("resolution")}, **visit.once())
    sentence = visit.say("The case is resolved.")
    for article_id in [each for each in visit.form.get("article_id", []) if is_id(each)][:_MOST_LINKED]:
        try:
            await visit.api.post(f"/cases/{case_id}/articles", {"article_id": article_id})
        except Refused as refused:
            sentence += " " + visit.wording.problem(refused.status, refused.code, refused.detail)
    return visit.lead_to(f"/cases/{case_id}", sentence)


async def unlink(visit: Visit, case_id: str, article_id: str) -> Response:
    """This article did not help."""
    await visit.api.delete(f"/cases/{case_id}/articles/{article_id}", version=visit.given("version"))
    return visit.lead_to(f"/cases/{case_id}", visit.say("The article is no longer named here."))


async def merge(visit: Visit, case_id: str) -> Response:
    """It is the same matter as another case, which goes on."""
    found = await visit.api.page("/cases", number=visit.given("into")[:30] or "-", limit=1)
    if not found.items:
        message = visit.say("There is no case of this number that you may see.")
        raise Refused(422, {"detail": message, "errors": [{"pointer": "/into", "message": message}]})
    into = found.items[0]["id"]
    await visit.api.post(f"/cases/{case_id}/merge", {"into": into}, **visit.once())
    return visit.lead_to(f"/cases/{into}", visit.say("The case went into this one."))


_CASE = "/cases/{case_id:uuid}"
_DEEDS: dict[str, Handler] = {
    "messages": write,
    "take": take,
    "assign": assign,
    "escalate": escalate,
    "open": open_case,
    "wait": wait,
    "resolve": resolve,
    "close": close,
    "reopen": reopen,
    "merge": merge,
    "articles/{article_id:uuid}/unlink": unlink,
}


async def show_again(visit: Visit, case_id: str, **_others: str) -> Response:
    """The case, when something was refused."""
    return await show_case(visit, case_id)


ROUTES: list[Entry] = [
    *queue.ROUTES,
    *forms.ROUTES,
    Get(_CASE, show_case),
    Get(_CASE + "/knowledge", suggest),
    *(Post(f"{_CASE}/{verb}", do, again=show_again) for verb, do in _DEEDS.items()),
]

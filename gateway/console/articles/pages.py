"""Articles of the knowledge base: finding and reading them, and their way from a draft to what everybody finds."""

import asyncio

from starlette.responses import Response

from gateway.console.calling import Record
from gateway.console.colleagues import names_of
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_PER_PAGE = 25
FILTERS = ("q", "status", "language", "cursor")
_MOST_TAGS = 20


async def list_articles(visit: Visit) -> Response:
    """Readers find what is published, and whoever writes everything."""
    asked = {name: visit.query.get(name, "")[: 200 if name == "q" else None] for name in FILTERS}
    page = await visit.api.page("/articles", limit=_PER_PAGE, count=True, **asked)
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    template = "articles/rows.html" if visit.wants_part else "articles/list.html"
    return visit.show(template, page=page, kept=kept, asked=asked)


async def show_article(visit: Visit, article_id: str) -> Response:
    """One article, and where it is on its way."""
    article: Record = await visit.api.get(f"/articles/{article_id}")
    revisions, names = await asyncio.gather(
        visit.api.page("/articles", number=article["number"], limit=20), names_of(visit, map(_user, _writers(article)))
    )
    others = [each for each in revisions.items if each["id"] != article_id]
    return visit.show("articles/article.html", article=article, others=others, names=names)


def _writers(article: Record) -> list[str | None]:
    return [article["author"], article["published_by"]]


def _user(actor: str | None) -> str | None:
    return actor.partition(":")[2] if actor and actor.startswith("user:") else None


async def ask_for_article(visit: Visit) -> Response:
    """The form for a new draft."""
    return visit.show("articles/form.html", article=None)


async def create(visit: Visit) -> Response:
    """A draft as it was typed in."""
    body = {name: value for name, value in _typed(visit).items() if value}
    article = await visit.api.post("/articles", body, **visit.once())
    return visit.lead_to(f"/articles/{article['id']}", visit.say("The draft was saved."))


async def edit(visit: Visit, article_id: str) -> Response:
    """The form with the text as it is."""
    return visit.show("articles/form.html", article=await visit.api.get(f"/articles/{article_id}"))


async def change(visit: Visit, article_id: str) -> Response:
    """Another text."""
    await visit.api.patch(f"/articles/{article_id}", _typed(visit), version=visit.given("version"))
    return visit.lead_to(f"/articles/{article_id}", visit.say("The draft was saved."))


def _typed(visit: Visit) -> Record:
    body = {name: value or "" for name, value in visit.facts("title", "body", "language").items()}
    tags = [tag for each in visit.given("tags").split(",") if (tag := each.strip())]
    return body | ({"tags": tags[: _MOST_TAGS + 1]} if "tags" in visit.form else {})


async def submit(visit: Visit, article_id: str) -> Response:
    """Somebody else is to read it."""
    return await _move(visit, article_id, "submit", visit.say("The article was handed in for review."))


async def publish(visit: Visit, article_id: str) -> Response:
    """Everybody finds it."""
    return await _move(visit, article_id, "publish", visit.say("The article is published."))


async def archive(visit: Visit, article_id: str) -> Response:
    """Nobody finds it any more."""
    return await _move(visit, article_id, "archive", visit.say("The article is archived."))


async def _move(visit: Visit, article_id: str, verb: str, sentence: str) -> Response:
    await visit.api.post(f"/articles/{article_id}/{verb}", **visit.once())
    return visit.lead_to(f"/articles/{article_id}", sentence)


async def decline(visit: Visit, article_id: str) -> Response:
    """Back to whoever wrote it."""
    await visit.api.post(f"/articles/{article_id}/decline", {"note": visit.given("note")}, **visit.once())
    return visit.lead_to(f"/articles/{article_id}", visit.say("The article went back to its author."))


async def revise(visit: Visit, article_id: str) -> Response:
    """A draft that will take its place, which is shown next."""
    draft = await visit.api.post(f"/articles/{article_id}/revise", key=visit.given("key"))
    return visit.lead_to(f"/articles/{draft['id']}/edit", visit.say("This is the new draft."))


_ARTICLE = "/articles/{article_id:uuid}"
ROUTES: list[Entry] = [
    Get("/articles", list_articles),
    Get("/articles/new", ask_for_article),
    Post("/articles/new", create, again=ask_for_article),
    Get(_ARTICLE, show_article),
    Get(_ARTICLE + "/edit", edit),
    Post(_ARTICLE + "/edit", change, again=edit),
    Post(_ARTICLE + "/submit", submit, again=show_article),
    Post(_ARTICLE + "/publish", publish, again=show_article),
    Post(_ARTICLE + "/decline", decline, again=show_article),
    Post(_ARTICLE + "/archive", archive, again=show_article),
    Post(_ARTICLE + "/revise", revise, again=show_article),
]

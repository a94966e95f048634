"""Lists of quotes, orders and invoices: they differ in little more than what they are called."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.console.colleagues import names_of
from gateway.console.visits import Visit
from gateway.console.words import WORDS

_PER_PAGE = 25


@dataclass(frozen=True)
class Kind:
    """A kind of document: whose words it has, where it is, what it is called, how one comes about."""

    family: str
    path: str
    title: str
    none: str
    symbol: str


KINDS = {
    "quote": Kind("quote", "/quotes", "Quotes", "Open an opportunity and write a quote there.", "file-earmark-text"),
    "order": Kind("order", "/orders", "Orders", "A quote that is accepted becomes an order.", "bag-check"),
    "invoice": Kind("invoice", "/invoices", "Invoices", "Open a delivered order and invoice it there.", "receipt"),
}


async def show_list(visit: Visit, family: str) -> Response:
    """A page of documents; while filters are chosen, the rows alone."""
    kind = KINDS[family]
    asked = {name: visit.query.get(name, "") for name in ("q", "status", "owner", "cursor")}
    if family == "invoice":
        asked["overdue"] = visit.query.get("overdue", "")
    asked["q"] = asked["q"][:200]
    page = await visit.api.page(kind.path, limit=_PER_PAGE, count=True, **asked)
    names = await names_of(visit, (each["owner_id"] for each in page.items))
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    statuses = [(status, visit.wording.word(family, status)) for status in WORDS[family]]
    template = "documents/rows.html" if visit.wants_part else "documents/list.html"
    return visit.show(template, page=page, names=names, kept=kept, asked=asked, kind=kind, statuses=statuses)

"""Who owes what, and for how long: the largest debt first, as of a day."""

from datetime import date

from starlette.responses import Response

from gateway.console.calling import Page
from gateway.console.pasts import page_of
from gateway.console.routes import Entry, Get
from gateway.console.visits import Visit

_PER_PAGE = 25
# Parts of a debt by how long it has been due, and what people call them.
AGES = (
    ("current", "Not due yet"),
    ("days_1_30", "1–30 days"),
    ("days_31_60", "31–60 days"),
    ("days_61_90", "61–90 days"),
    ("days_over_90", "Over 90 days"),
)


async def list_debts(visit: Visit) -> Response:
    """Customers who owe something, with the age of their debt."""
    day = _day(visit.query.get("as_of", ""))
    page: Page = await visit.api.page(
        "/receivables", as_of=day, limit=_PER_PAGE, cursor=visit.query.get("cursor") or None
    )
    debts = [(each, page_of(each["customer"]["type"], each["customer"]["id"])) for each in page.items]
    return visit.show("debts/list.html", page=page, debts=debts, ages=AGES, day=day, kept={"as_of": day} if day else {})


def _day(text: str) -> str | None:
    """The day asked for; None for today, and for what is no day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


ROUTES: list[Entry] = [Get("/debts", list_debts)]

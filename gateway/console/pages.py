"""Every page of the console. A folder of pages brings a list of its own."""

from starlette.responses import Response

from gateway.console.activities.pages import ROUTES as ACTIVITIES
from gateway.console.articles.pages import ROUTES as ARTICLES
from gateway.console.calling import Refused
from gateway.console.cases.pages import ROUTES as CASES
from gateway.console.colleagues import names_of
from gateway.console.customers.pages import ROUTES as CUSTOMERS
from gateway.console.deals.pages import ROUTES as DEALS
from gateway.console.debts.pages import ROUTES as DEBTS
from gateway.console.documents.invoices import ROUTES as INVOICES
from gateway.console.documents.orders import ROUTES as ORDERS
from gateway.console.documents.quotes import ROUTES as QUOTES
from gateway.console.flow.pages import ROUTES as FLOW
from gateway.console.handovers.pages import ROUTES as HANDOVERS
from gateway.console.leads.pages import ROUTES as LEADS
from gateway.console.navigation import first_place
from gateway.console.pasts import API_OF, past_of
from gateway.console.reports.pages import ROUTES as REPORTS
from gateway.console.routes import Entry, Found, Get, Table
from gateway.console.sign_ins.pages import ROUTES as SIGN_INS
from gateway.console.visits import Visit


async def enter(visit: Visit) -> Response:
    """The first page that this person can use."""
    return visit.lead_to(first_place(visit.me))


async def show_me(visit: Visit) -> Response:
    """Who I am and what I may do."""
    return visit.show("templates/me.html")


async def show_past(visit: Visit, kind: str, record_id: str) -> Response:
    """What happened to a record, as a part of its page that is asked for again."""
    if kind not in API_OF:
        raise Refused(404, {})
    past = await past_of(visit, kind, record_id)
    visit.flash = None
    return visit.show("templates/past.html", past=past, names=await names_of(visit, past.people))


ROUTES: list[Entry] = [
    Get("/past/{kind}/{record_id:uuid}", show_past),
    Get("/", enter),
    Get("/me", show_me),
    *SIGN_INS,
    *ACTIVITIES,
    *LEADS,
    *DEALS,
    *CUSTOMERS,
    *HANDOVERS,
    *CASES,
    *ARTICLES,
    *QUOTES,
    *ORDERS,
    *INVOICES,
    *DEBTS,
    *REPORTS,
    *FLOW,
]


_TABLE = Table(ROUTES)


def has_page(path: str) -> bool:
    """Whether there is a page at this path, after ``/app``."""
    return isinstance(_TABLE.find("GET", path), Found)

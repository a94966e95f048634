"""The routes of quotes. Each says which right it needs, finds the quote as the caller, calls one action or query."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.caller import Caller
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.i18n import Catalogue, Language, say
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, owner_of_new, to_change, to_read
from events.sales import Buyer
from services.sales.customers.queries import buyer_of
from services.sales.days import today
from services.sales.opportunities.model import Opportunity
from services.sales.quotes import actions
from services.sales.quotes.model import CustomerUnknown, Quote
from services.sales.quotes.queries import QUOTES
from services.sales.quotes.schemas import (
    AcceptedView,
    AcceptQuote,
    CreateQuote,
    PatchQuote,
    QuoteView,
    Reader,
    RejectQuote,
)
from services.sales.taxes.queries import taxes_of

router = Router(tags=["quotes"])


@router.get("/quotes", listing=QUOTES)
def list_quotes(tx: Session, asked: ListRequest, catalogue: Catalogue, language: Language) -> Page[QuoteView]:
    """The quotes that the caller may see."""
    must_have(tx, Quote, "read")
    return QUOTES.page(tx, asked, _reader(tx, catalogue, language).view)


@router.post("/quotes", status_code=201)
def create_quote(tx: Session, caller: Caller, body: CreateQuote, catalogue: Catalogue, language: Language) -> QuoteView:
    """Draft a quote; 409 `customer_unknown` for an opportunity whose customer is not known yet."""
    must_have(tx, Quote, "create")
    quote = actions.create_quote(
        tx,
        buyer=_buyer(tx, body),
        wanted=[line.wanted() for line in body.lines],
        owner_id=owner_of_new(tx, caller, Quote, body.owner_id),
        day=today(),
        facts=body.facts(),
        opportunity_id=str(body.opportunity_id) if body.opportunity_id else None,
        quote_id=str(body.id) if body.id else None,
    )
    return _reader(tx, catalogue, language).view(quote)


@router.get("/quotes/{quote_id}")
def read_quote(tx: Session, quote_id: UUID, catalogue: Catalogue, language: Language) -> QuoteView:
    """One quote."""
    return _reader(tx, catalogue, language).view(to_read(tx, Quote, quote_id))


@router.patch("/quotes/{quote_id}")
def change_quote(
    tx: Session, quote_id: UUID, body: PatchQuote, if_match: IfMatch, catalogue: Catalogue, language: Language
) -> QuoteView:
    """Change a draft (merge patch); 409 for a quote that was sent: revise that."""
    reader = _reader(tx, catalogue, language)
    quote = to_change(tx, Quote, quote_id, if_match, view=reader.view)
    wanted = [line.wanted() for line in body.lines] if "lines" in body.model_fields_set else None
    return reader.view(actions.change_quote(tx, quote, facts=body.facts(), wanted=wanted, day=today()))


@router.post("/quotes/{quote_id}/send")
def send_quote(tx: Session, quote_id: UUID, if_match: IfMatch, catalogue: Catalogue, language: Language) -> QuoteView:
    """The customer has it; it cannot be changed any more."""
    reader = _reader(tx, catalogue, language)
    quote = to_change(tx, Quote, quote_id, if_match, view=reader.view)
    return reader.view(actions.send_quote(tx, quote, day=today()))


@router.post("/quotes/{quote_id}/accept")
def accept_quote(
    tx: Session, quote_id: UUID, body: AcceptQuote, if_match: IfMatch, catalogue: Catalogue, language: Language
) -> AcceptedView:
    """The customer agreed: the quote becomes one order, however often this is asked."""
    reader = _reader(tx, catalogue, language)
    quote = to_change(tx, Quote, quote_id, if_match, view=reader.view)
    return AcceptedView(order_id=actions.accept_quote(tx, quote, day=today()))


@router.post("/quotes/{quote_id}/reject")
def reject_quote(
    tx: Session, quote_id: UUID, body: RejectQuote, if_match: IfMatch, catalogue: Catalogue, language: Language
) -> QuoteView:
    """The customer declined."""
    reader = _reader(tx, catalogue, language)
    quote = to_change(tx, Quote, quote_id, if_match, view=reader.view)
    return reader.view(actions.reject_quote(tx, quote, reason=body.reason))


@router.post("/quotes/{quote_id}/revise")
def revise_quote(tx: Session, quote_id: UUID, if_match: IfMatch, catalogue: Catalogue, language: Language) -> QuoteView:
    """A new draft under the same number takes this quote's place; asked again it is the same draft."""
    reader = _reader(tx, catalogue, language)
    quote = to_change(tx, Quote, quote_id, if_match, view=reader.view)
    return reader.view(actions.revise_quote(tx, quote, day=today()))


@router.get("/quotes/{quote_id}/history")
def read_quote_history(tx: Session, quote_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a quote, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Quote, quote_id), limit=limit, cursor=cursor)


def _reader(tx: Session, catalogue: Catalogue, language: Language) -> Reader:
    return Reader(taxes_of(tx), catalogue, language)


def _buyer(tx: Session, body: CreateQuote) -> Buyer:
    account_id, contact_id = (str(each) if each else None for each in (body.account_id, body.contact_id))
    if body.opportunity_id is None or account_id or contact_id:
        if body.opportunity_id is not None:
            to_read(tx, Opportunity, body.opportunity_id)
        return buyer_of(tx, account_id=account_id, contact_id=contact_id)
    opportunity = to_read(tx, Opportunity, body.opportunity_id)
    if opportunity.account_id is None and opportunity.contact_id is None:
        message = say("The customer of this opportunity is not known yet. Win it, or name an account or a contact.")
        raise CustomerUnknown(message)
    with as_system(tx, "who may sell to an opportunity's customer may write down who that is"):
        return buyer_of(tx, account_id=opportunity.account_id, contact_id=opportunity.contact_id)

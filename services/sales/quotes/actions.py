"""What people do with quotes. Each checks no rights: its caller found the quote as the one who asks."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.sales import (
    Buyer,
    QuoteAccepted,
    QuoteCreated,
    QuoteExpired,
    QuoteRejected,
    QuoteSent,
    QuoteSuperseded,
    QuoteUpdated,
)
from services.sales.lines.pricing import Wanted, charge, copied, price
from services.sales.numbers.actions import next_number
from services.sales.orders.actions import order_from_quote
from services.sales.people.actions import hand_to
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.quotes.queries import overdue_quotes, revision_of


def create_quote(
    tx: Session,
    *,
    buyer: Buyer,
    wanted: Sequence[Wanted],
    owner_id: str | None,
    day: date,
    facts: Mapping[str, Any],
    opportunity_id: str | None = None,
    quote_id: str | None = None,
) -> Quote:
    """A draft. ``facts`` are columns by name, ``currency`` and ``discount_percent`` among them."""
    quote = Quote(id=quote_id or new_id(), opportunity_id=opportunity_id, discount_percent=Decimal(0), currency="VND")
    set_fields(quote, facts, by_key=())
    quote.charge(*price(tx, wanted, currency=quote.currency, discount_percent=quote.discount_percent, day=day))
    quote.sell_to(buyer)
    if owner_id is not None:
        hand_to(tx, quote, owner_id)
    quote.number = next_number(tx, "Q", day)
    announce_new(tx, quote, QuoteCreated)
    return quote


def change_quote(
    tx: Session, quote: Quote, *, facts: Mapping[str, Any], wanted: Sequence[Wanted] | None, day: date
) -> Quote:
    """Change a draft; ``wanted`` replaces its lines. Saying the same is no change. Raises QuoteNotDraft."""
    quote.must_be_draft()
    change = Change(quote)
    charge(tx, quote, wanted=wanted, discount_percent=facts.get("discount_percent"), day=day)
    set_fields(quote, {name: value for name, value in facts.items() if name != "discount_percent"})
    if tx.is_modified(quote):
        change.announce(tx, QuoteUpdated)
    return quote


def send_quote(tx: Session, quote: Quote, *, day: date) -> Quote:
    """The customer has it. Again changes nothing; raises QuoteHasExpired and the like."""
    change = Change(quote)
    if quote.send(day):
        change.announce(tx, QuoteSent)
    return quote


def accept_quote(tx: Session, quote: Quote, *, day: date) -> str:
    """The order that this quote becomes, drafted; however often it is accepted, it is one. The quote must be locked.

    Raises QuoteNotSent, QuoteHasExpired, QuoteWasRejected or QuoteWasSuperseded.
    """
    if not quote.may_be_accepted(day):
        assert quote.order_id is not None
        return quote.order_id
    change = Change(quote)
    lines = copied(quote.priced_lines)
    order = order_from_quote(
        tx,
        quote_id=quote.id,
        opportunity_id=quote.opportunity_id,
        buyer=quote.who_buys,
        currency=quote.currency,
        discount_percent=quote.discount_percent,
        lines=lines,
        totals=quote.comes_to,
        owner=(quote.owner_id, quote.team_id),
        day=day,
    )
    quote.accept(order.id)
    change.announce(tx, QuoteAccepted)
    return order.id


def reject_quote(tx: Session, quote: Quote, *, reason: str) -> Quote:
    """The customer declined. Again changes nothing; raises QuoteNotSent, QuoteAlreadyAccepted and the like."""
    change = Change(quote)
    if quote.reject(reason):
        change.announce(tx, QuoteRejected)
    return quote


def revise_quote(tx: Session, quote: Quote, *, day: date) -> Quote:
    """A new draft that says the same and takes this one's place; again answers that draft.

    A last day that has passed is not kept. Raises QuoteNotSent or QuoteAlreadyAccepted.
    """
    change = Change(quote)
    if not quote.supersede():
        revision = revision_of(tx, quote)
        assert revision is not None
        return revision
    change.announce(tx, QuoteSuperseded)
    revision = Quote(
        id=new_id(),
        number=quote.number,
        revision=quote.revision + 1,
        supersedes_id=quote.id,
        opportunity_id=quote.opportunity_id,
        currency=quote.currency,
        discount_percent=quote.discount_percent,
        valid_until=None if quote.has_expired(day) else quote.valid_until,
        owner_id=quote.owner_id,
        team_id=quote.team_id,
        custom=dict(quote.custom),
    )
    revision.sell_to(quote.who_buys)
    revision.charge(copied(quote.priced_lines), quote.comes_to)
    announce_new(tx, revision, QuoteCreated)
    return revision


def expire_quotes(tx: Session, *, day: date, at_most: int = 500) -> int:
    """Some of the quotes whose last day has passed without an answer expire; answers how many."""
    quotes = overdue_quotes(tx, day, at_most=at_most)
    for quote in quotes:
        change = Change(quote)
        if quote.status == QuoteStatus.SENT:
            quote.expire()
            change.announce(tx, QuoteExpired)
    return len(quotes)

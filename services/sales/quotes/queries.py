"""Looking for quotes, and what there is to say about one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.i18n import Text, say
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.taxes.queries import Taxes

QUOTES = Listing(
    model=Quote,
    sorts=("created_at", "updated_at", "number"),
    default_sort="-created_at",
    filters={
        "status": Filter(Quote.status, QuoteStatus),
        "number": Filter(Quote.number),
        "opportunity_id": Filter(Quote.opportunity_id),
        "account_id": Filter(Quote.account_id),
        "contact_id": Filter(Quote.contact_id),
        "order_id": Filter(Quote.order_id),
        "valid_until": Filter(Quote.valid_until),
        **owned_filters(Quote),
    },
    search=Search(Quote, Quote.number),
)


@dataclass(slots=True, frozen=True)
class QuoteWarning:
    """Something about a line that its reader should know."""

    code: str
    line_id: str
    text: Text


def warnings_of(quote: Quote, taxes: Taxes, day: date) -> list[QuoteWarning]:
    """Lines whose tax would be another one by the day on which they are delivered.

    Where no delivery was agreed, a quote accepted on its last day is delivered after it.
    """
    found = []
    for line in quote.priced_lines:
        delivered = line.delivery_on or quote.valid_until
        last = taxes.last_day(line.tax_code, day)
        if last is None or delivered is None or delivered <= last:
            continue
        then = taxes.on(line.tax_code, delivered)
        text = say(
            "{name}: {code} ends on {last}. Delivered later, it is invoiced with {then}.",
            name=line.name,
            code=line.tax_code,
            last=last.isoformat(),
            then=then.code,
        )
        found.append(QuoteWarning("tax_ends_before_delivery", line.id, text))
    return found


def revision_of(tx: Session, quote: Quote) -> Quote | None:
    """The quote that has taken this one's place."""
    return tx.scalars(select(Quote).where(Quote.supersedes_id == quote.id)).one_or_none()


def overdue_quotes(tx: Session, day: date, *, at_most: int) -> Sequence[Quote]:
    """Some of the quotes that were sent and whose last day was before this one, locked; others' locks are passed by."""
    chosen = select(Quote).where(Quote.status == QuoteStatus.SENT, Quote.valid_until < day)
    return tx.scalars(chosen.order_by(Quote.id).limit(at_most).with_for_update(skip_locked=True)).all()

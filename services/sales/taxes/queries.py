"""Which tax applies on which day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Invalid
from chassis.filters import Filter
from chassis.i18n import say
from chassis.paging import Listing
from services.sales.taxes.model import TaxCode

TAX_CODES = Listing(model=TaxCode, sorts=("code",), default_sort="code", filters={"code": Filter(TaxCode.code)})


class UnknownTaxCode(Invalid):
    """No tax has this code."""

    code = "unknown_tax_code"


@dataclass(slots=True, frozen=True)
class Tax:
    """A tax as it applies on some day: ``rate`` in percent."""

    code: str
    rate: Decimal


class Taxes:
    """Every tax there is; there are few, so one look-up serves a whole document."""

    def __init__(self, rows: Sequence[TaxCode]) -> None:
        self._rows = sorted(rows, key=lambda row: row.valid_from)

    def on(self, code: str, day: date) -> Tax:
        """What is charged under this code on this day, which may be another code; raises UnknownTaxCode."""
        wanted = code
        for _ in range(len(self._rows) + 1):
            rows = [row for row in self._rows if row.code == wanted]
            applying = [row for row in rows if row.applies_on(day)]
            if applying:
                return Tax(wanted, applying[-1].rate)
            followed = rows[-1].then_code if rows else None
            if followed is None:
                break
            wanted = followed
        raise UnknownTaxCode(say("No tax with the code {code} applies on {day}.", code=code, day=day.isoformat()))

    def last_day(self, code: str, since: date) -> date | None:
        """The last day of this code's present validity; None when no end is known."""
        return next((row.valid_to for row in self._rows if row.code == code and row.applies_on(since)), None)


def taxes_of(tx: Session) -> Taxes:
    """The taxes as they stand."""
    return Taxes(list(tx.scalars(select(TaxCode))))

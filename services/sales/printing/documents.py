"""What a printed quote says, in the language of its reader; how it looks is in ``quote.typ``."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from chassis.i18n import Catalogue, Text, say
from chassis.money import plain, rounded
from chassis.settings import Company
from events.sales import Address, Buyer, Line
from services.sales.days import ZONE
from services.sales.printing.words import in_words
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.quotes.queries import warnings_of
from services.sales.taxes.queries import Taxes

_WORDS = {
    "quote": say("QUOTATION"),
    "draft": say("Draft: not an offer yet"),
    "number": say("No."),
    "revision": say("Revision"),
    "date": say("Date"),
    "valid_until": say("Valid until"),
    "for": say("For"),
    "intro": say("Thank you for your interest. We are pleased to offer:"),
    "item": say("Description"),
    "unit": say("Unit"),
    "quantity": say("Qty"),
    "price": say("Unit price"),
    "discount": say("Disc."),
    "tax": say("VAT"),
    "amount": say("Amount"),
    "total": say("Total"),
    "in_words": say("In words:"),
    "customer_signs": say("FOR THE CUSTOMER"),
    "we_sign": say("FOR THE SELLER"),
    "sign": say("(signature, full name, stamp)"),
}
_UNTAXED = {"KCT": say("exempt"), "KKKNT": say("not declared")}


class Writer:
    """Writes numbers, days and words as people of one language read them."""

    def __init__(self, catalogue: Catalogue, language: str, currency: str) -> None:
        self.catalogue, self.language, self.currency = catalogue, language, currency

    def text(self, text: Text) -> str:
        """In the reader's language."""
        return self.catalogue.text(text, self.language)

    def number(self, value: Decimal) -> str:
        """``1.250.000,5`` in Vietnamese, ``1,250,000.5`` in English."""
        grouped = f"{Decimal(plain(value)):,f}"
        return grouped.translate(str.maketrans(",.", ".,")) if self.language == "vi" else grouped

    def money(self, value: Decimal) -> str:
        """To the currency's coin."""
        return self.number(rounded(value, self.currency))

    def day(self, value: date) -> str:
        """``24/12/2026`` in Vietnamese, ``24 Dec 2026`` in English."""
        return f"{value:%d/%m/%Y}" if self.language == "vi" else f"{value:%d %b %Y}"

    def rate(self, code: str, rate: Decimal) -> str:
        """A tax by its rate, or by what it is instead."""
        return self.text(_UNTAXED[code]) if code in _UNTAXED else f"{self.number(rate)}%"


def printed_quote(
    quote: Quote, *, company: Company, seller: str | None, taxes: Taxes, day: date, writer: Writer
) -> dict[str, Any]:
    """The values of the template."""
    buyer, totals = quote.who_buys, quote.comes_to
    words = {name: writer.text(text) for name, text in _WORDS.items()}
    notes = [writer.text(warning.text) for warning in warnings_of(quote, taxes, day)]
    made_on = quote.created_at.astimezone(ZoneInfo(ZONE)).date()
    groups = [
        {
            "label": writer.text(say("VAT {rate}", rate=writer.rate(group.tax_code, group.rate)))
            + f" ({writer.money(group.net)})",
            "amount": writer.money(group.tax),
        }
        for group in totals.groups
    ]
    if quote.discount_percent:
        rate = f"{writer.number(quote.discount_percent)}%"
        notes = [writer.text(say("The amounts include a discount of {rate} on the whole.", rate=rate)), *notes]
    return {
        "language": writer.language,
        "title": f"{words['quote']} {quote.number}",
        "words": words,
        "company": {"name": company.name, "lines": _company_lines(company, writer)},
        "number": quote.number,
        "revision": quote.revision,
        "date": writer.day(made_on),
        "valid_until": writer.day(quote.valid_until) if quote.valid_until else None,
        "draft": quote.status == QuoteStatus.DRAFT,
        "buyer": {"name": buyer.name, "lines": _buyer_lines(buyer, writer)},
        "discounts": any(line.discount_percent for line in quote.priced_lines),
        "lines": [_line(line, writer) for line in quote.priced_lines],
        "sums": [{"label": writer.text(say("Net")), "amount": writer.money(totals.net)}, *groups],
        "total": f"{writer.money(totals.total)} {quote.currency}",
        "in_words": in_words(totals.total, quote.currency) if writer.language == "vi" else "",
        "notes": notes,
        "prepared_by": seller or "",
    }


def _line(line: Line, writer: Writer) -> dict[str, str]:
    known: list[str] = [line.code] if line.code else []
    if line.delivery_on is not None:
        known.append(writer.text(say("delivery {day}", day=writer.day(line.delivery_on))))
    return {
        "name": line.name,
        "details": " · ".join(known),
        "unit": line.unit,
        "quantity": writer.number(line.quantity),
        "price": writer.number(line.unit_price),
        "discount": f"{writer.number(line.discount_percent)}%" if line.discount_percent else "",
        "tax": writer.rate(line.tax_code, line.tax_rate),
        "amount": writer.money(line.net),
    }


def _labelled(writer: Writer, facts: Mapping[Text, str | None]) -> list[str]:
    return [f"{writer.text(label)}: {value}" for label, value in facts.items() if value]


def _company_lines(company: Company, writer: Writer) -> list[str]:
    facts = {say("Tax code"): company.tax_code, say("Phone"): company.phone, say("E-mail"): company.email}
    lines = [company.address, " · ".join(_labelled(writer, facts)), company.website]
    return [line for line in (*lines, *_labelled(writer, {say("Bank account"): company.bank_account})) if line]


def _buyer_lines(buyer: Buyer, writer: Writer) -> list[str]:
    facts = {say("Phone"): buyer.phone, say("E-mail"): buyer.email}
    lines = [*_labelled(writer, {say("Tax code"): buyer.tax_code})]
    if address := _written(buyer.address):
        lines += _labelled(writer, {say("Address"): address})
    return [*lines, *filter(None, [" · ".join(_labelled(writer, facts))])]


def _written(address: Address | None) -> str:
    return ", ".join(filter(None, (address.line, address.ward, address.province))) if address else ""

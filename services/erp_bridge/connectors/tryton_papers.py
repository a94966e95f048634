"""Our documents as Tryton wants them, and what of Tryton's own records they need: taxes, accounts, units, addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from chassis.i18n import Text, say
from chassis.money import DECIMALS, plain
from services.erp_bridge.connectors.base import Document, Line, Party, Tax
from services.erp_bridge.connectors.tryton_rpc import Rpc

_PRICE = Decimal("0.0001")


class Missing(Exception):
    """Tryton lacks something that somebody has to set up there or name here."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Masters:
    """Records of Tryton's own, looked up when first needed and remembered for a while."""

    rpc: Rpc
    taxes: Mapping[str, str]
    revenue_account: str | None

    def tax(self, tax: Tax) -> int | None:
        """Tryton's tax for ours; none for what bears no tax and has no counterpart there. Raises Missing."""
        return self._tax(tax.code, tax.rate)

    def tax_of(self, line: Line) -> list[int]:
        """The taxes of a line."""
        found = self._tax(line.tax_code, line.tax_rate)
        return [] if found is None else [found]

    def _tax(self, code: str, rate: Decimal) -> int | None:
        named = self.taxes.get(code)
        wanted: list[Any] = [["parent", "=", None], ["company", "=", self.rpc.company]]
        if named is not None:
            wanted.append(["name", "=", named])
        else:
            wanted += [["type", "=", "percentage"], ["rate", "=", rate / 100]]
        found = self._first(("tax", named, rate), "account.tax", wanted)
        if found is None and (named is not None or rate != 0):
            raise Missing(
                say(
                    "Tryton has no tax for {code} ({rate} %). Add it there, or name one in the connection's settings.",
                    code=named or code,
                    rate=plain(rate),
                )
            )
        return found

    @property
    def revenue(self) -> int:
        """The account that sales go to; raises Missing."""
        wanted: list[Any] = [["company", "=", self.rpc.company], ["closed", "!=", True]]
        wanted.append(["code", "=", self.revenue_account] if self.revenue_account else ["type.revenue", "=", True])
        return self._must(
            ("revenue", self.revenue_account), "account.account", wanted, say("Tryton has no revenue account.")
        )

    @property
    def receivable(self) -> int:
        """The account of what customers owe; raises Missing."""
        wanted = [
            ["company", "=", self.rpc.company],
            ["type.receivable", "=", True],
            ["party_required", "=", True],
            ["closed", "!=", True],
        ]
        return self._must("receivable", "account.account", wanted, say("Tryton has no receivables account."))

    @property
    def journal(self) -> int:
        """The journal of sales; raises Missing."""
        missing = say("Tryton has no revenue journal.")
        return self._must("journal", "account.journal", [["type", "=", "revenue"]], missing)

    def check(self) -> None:
        """Raise Missing when Tryton lacks what every invoice needs."""
        found = (self.revenue, self.receivable, self.journal)
        assert all(found)

    def currency(self, code: str) -> int:
        """A currency by its code; raises Missing."""
        missing = say("Tryton does not know the currency {code}.", code=code)
        return self._must(("currency", code), "currency.currency", [["code", "=", code]], missing)

    def address_of(self, party: Party) -> dict[str, Any]:
        """Where the buyer is; the country only if Tryton has its list of countries."""
        city = ", ".join(part for part in (party.ward, party.province) if part)
        values: dict[str, Any] = {"street_unstructured": party.street or "", "city": city}
        country = self._first(("country", party.country), "country.country", [["code", "=", party.country]])
        return values | ({"country": country} if country else {})

    def _must(self, key: Any, model: str, wanted: list[Any], missing: Text) -> int:
        found = self._first(key, model, wanted)
        if found is None:
            raise Missing(missing)
        return found

    def _first(self, key: Any, model: str, wanted: list[Any]) -> int | None:
        def look() -> int | None:
            found = self.rpc.read(f"{model}.search", wanted, 0, 1, [["id", "ASC"]])
            return int(found[0]) if found else None

        answer: int | None = self.rpc.remembered(key, look)
        return answer


def identifiers_of(party: Party) -> list[dict[str, Any]]:
    """Our id, and the tax code; without a type, for Tryton knows none for Vietnam."""
    codes = (party.reference, party.tax_code)
    return [{"type": None, "code": code} for code in codes if code]


def contact_of(party: Party) -> list[dict[str, str]]:
    """How to reach the buyer."""
    reach = (("email", party.email), ("phone", party.phone))
    return [{"type": kind, "value": value} for kind, value in reach if value]


def sale_of(order: Document, masters: Masters, party: int, address: int | None) -> dict[str, Any]:
    """A sale that makes neither invoice nor shipment by itself: those come from us."""
    return {
        "company": masters.rpc.company,
        "party": party,
        "invoice_address": address,
        "shipment_address": address,
        "currency": masters.currency(order.currency),
        "sale_date": order.dated,
        "reference": order.reference,
        "description": order.number,
        "invoice_method": "manual",
        "shipment_method": "manual",
        "lines": [["create", [_line(line, order.currency, masters) for line in order.lines]]],
    }


def invoice_of(invoice: Document, masters: Masters, party: int, address: int | None) -> dict[str, Any]:
    """A customer's invoice, to be posted when its amounts have been compared."""
    currency = masters.currency(invoice.currency)
    own = {"account": masters.revenue, "currency": currency}
    return {
        "type": "out",
        "company": masters.rpc.company,
        "party": party,
        "invoice_address": address,
        "currency": currency,
        "account": masters.receivable,
        "journal": masters.journal,
        "invoice_date": invoice.dated,
        "payment_term_date": invoice.due_on or invoice.dated,
        "reference": invoice.reference,
        "description": invoice.number,
        "lines": [["create", [_line(line, invoice.currency, masters) | own for line in invoice.lines]]],
    }


def _line(line: Line, currency: str, masters: Masters) -> dict[str, Any]:
    quantity, price, name = _exact(line, currency)
    taxes = masters.tax_of(line)
    return {
        "type": "line",
        "quantity": float(quantity),  # Tryton's own type; up to 15 digits survive it
        "unit_price": price,
        "description": name,
        **({"taxes": [["add", taxes]]} if taxes else {}),
    }


def _exact(line: Line, currency: str) -> tuple[Decimal, Decimal, str]:
    """Quantity, price and words such that Tryton's quantity × price is ``net`` to the coin."""
    name = f"{line.code} {line.name}" if line.code else line.name
    if line.quantity:
        price = (line.net / line.quantity).quantize(_PRICE, ROUND_HALF_EVEN)
        coin = Decimal(1).scaleb(-DECIMALS.get(currency, 2))
        if (price * line.quantity).quantize(coin, ROUND_HALF_EVEN) == line.net:
            return line.quantity, price, name
    # No price of four places gives this net: one piece of the whole, and the words keep what was sold.
    return Decimal(1), line.net, f"{name} ({plain(line.quantity)} {line.unit})"

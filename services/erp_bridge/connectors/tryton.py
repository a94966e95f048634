"""Tryton as an ERP: parties, sales and customer invoices, posted; payments read back.

Our id stands in ``reference`` of a sale and an invoice, and among the identifiers of a party. Each is looked for before
it is made, and one that was left half-way is finished. No amount is left to chance: see ``tryton_papers.py``.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SecretStr, StringConstraints

from chassis.i18n import Text, say
from chassis.money import plain
from services.erp_bridge.connectors.base import (
    CannotRead,
    Changes,
    ConnectorSettings,
    Document,
    Http,
    Kind,
    Outcome,
    Party,
    Refused,
    Retry,
    Sent,
    Unknown,
)
from services.erp_bridge.connectors.tryton_changes import read_changes
from services.erp_bridge.connectors.tryton_papers import (
    Masters,
    Missing,
    contact_of,
    identifiers_of,
    invoice_of,
    sale_of,
)
from services.erp_bridge.connectors.tryton_rpc import Busy, NoWord, Rpc, Says

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_SALE, _INVOICE, _PARTY = "sale.sale", "account.invoice", "party.party"
_SOLD = ("confirmed", "processing", "done")
_POSTED = ("posted", "paid")


class TrytonSettings(ConnectorSettings):
    """Where the Tryton is and who we are there. ``taxes`` names a Tryton tax for a tax code of ours.

    Without a name a tax is found by its rate; ``revenue_account`` is an account's code, else the first of that type.
    """

    url: _Name
    database: Annotated[_Name, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    user: _Name
    password: SecretStr
    taxes: Annotated[dict[str, _Name], Field(max_length=50)] = Field(default_factory=dict)
    revenue_account: _Name | None = None


@dataclass(frozen=True)
class Tryton:
    """One Tryton, as one of its users."""

    Settings: ClassVar[type[ConnectorSettings]] = TrytonSettings
    rpc: Rpc
    masters: Masters

    @classmethod
    def open(cls, settings: TrytonSettings, means: Http) -> Self:
        """The Tryton of these settings, reached by this HTTP."""
        rpc = Rpc(means, settings.url, settings.database, settings.user, settings.password.get_secret_value())
        return cls(rpc, Masters(rpc, settings.taxes, settings.revenue_account))

    def test(self) -> Text:
        """Sign in and see the company; raises CannotRead."""
        try:
            (company,) = self.rpc.read("company.company.read", [self.rpc.company], ["rec_name"])
            self.masters.check()
            return say("Connected to {company} in Tryton.", company=company["rec_name"])
        except (Busy, Says, Missing) as error:
            raise CannotRead(str(error)) from error

    def push_party(self, party: Party) -> Outcome:
        """Have the buyer there, by its identifier; a changed name is changed there."""

        def have() -> Outcome:
            known = str(self._party(party)[0])
            return Sent(known, party_id=known)

        return _said(have)

    def push(self, document: Document) -> Outcome:
        """The buyer, then the sale or the invoice: made if it is not there, finished if it is half-way there."""
        return _said(lambda: self._push(document))

    def look_up(self, kind: Kind, reference: str) -> Sent | None:
        """The confirmed sale or posted invoice with our reference; raises CannotRead."""
        try:
            found = self._find(kind, reference)
        except (Busy, Says) as error:
            raise CannotRead(str(error)) from error
        return _as_sent(found) if found and found["state"] in (_SOLD if kind == "order" else _POSTED) else None

    def changes(self, cursor: str | None) -> Changes:
        """Sales and invoices of ours written since the cursor, with all their payments; raises CannotRead."""
        try:
            return read_changes(self.rpc, cursor)
        except (Busy, Says) as error:
            raise CannotRead(str(error)) from error

    # --- pushing -------------------------------------------------------------------------------------------------

    def _push(self, document: Document) -> Outcome:
        party, address = self._party(document.party)
        if document.kind == "order":
            return self._sell(document, party, address)
        return self._invoice(document, party, address)

    def _party(self, party: Party) -> tuple[int, int | None]:
        """Its id and that of its address."""
        fields = ["name", "addresses", "_timestamp"]
        found = self.rpc.read(f"{_PARTY}.search_read", [["identifiers.code", "=", party.reference]], 0, 2, None, fields)
        if found:
            known = found[0]
            if known["name"] != party.name:
                seen = {"_timestamp": {f"{_PARTY},{known['id']}": known["_timestamp"]}}
                self.rpc.write(f"{_PARTY}.write", [known["id"]], {"name": party.name}, context=seen)
            return known["id"], next(iter(known["addresses"]), None)
        made = self._make_party(party)
        (read,) = self.rpc.read(f"{_PARTY}.read", [made], ["addresses"])
        return made, next(iter(read["addresses"]), None)

    def _make_party(self, party: Party) -> int:
        values = {
            "name": party.name,
            "identifiers": [["create", identifiers_of(party)]],
            "addresses": [["create", [self.masters.address_of(party)]]],
            "contact_mechanisms": [["create", contact_of(party)]],
        }
        # A Tryton on SQLite counts parties without a lock and refuses one of two that come at once.
        with self.rpc.one_at_a_time:
            (made,) = self.rpc.write(f"{_PARTY}.create", [values])
        return int(made)

    def _find(self, kind: Kind, reference: str) -> dict[str, Any] | None:
        """The document with our reference, unless it was cancelled there."""
        wanted: list[Any] = [["reference", "=", reference], ["state", "!=", "cancelled"]]
        amounts = ["untaxed_amount", "tax_amount", "total_amount"]
        fields = ["number", "state", "party", "_timestamp", *amounts]
        model = _SALE
        if kind == "invoice":
            wanted.append(["type", "=", "out"])
            model, fields = _INVOICE, [*fields, "taxes"]
        found = self.rpc.read(f"{model}.search_read", wanted, 0, 2, [["id", "ASC"]], fields)
        return found[0] if found else None

    def _sell(self, order: Document, party: int, address: int | None) -> Outcome:
        sale = self._find("order", order.reference)
        if sale is None:
            self.rpc.write(f"{_SALE}.create", [sale_of(order, self.masters, party, address)])
            sale = self._found_again(order)
        if sale["untaxed_amount"] != order.net:
            return _differs(order, sale)
        steps = {"draft": ("quote", "confirm"), "quotation": ("confirm",)}
        for step in steps.get(sale["state"], ()):
            self._go_on(f"{_SALE}.{step}", sale["id"], order, _SOLD if step == "confirm" else ("quotation", *_SOLD))
        note = None
        if sale["tax_amount"] != order.tax:
            # A sale has no tax of its own to mend; the invoices do, and they are mended.
            note = say(
                "Tryton rounds the tax of {number} to {theirs}, not {ours}; its invoices will agree.",
                number=order.number,
                theirs=plain(sale["tax_amount"]),
                ours=plain(order.tax),
            )
        return _as_sent(self._found_again(order), note)

    def _invoice(self, invoice: Document, party: int, address: int | None) -> Outcome:
        there = self._find("invoice", invoice.reference)
        if there is not None and there["state"] in _POSTED:
            return _as_sent(there)
        if there is None:
            self.rpc.write(f"{_INVOICE}.create", [invoice_of(invoice, self.masters, party, address)])
            there = self._found_again(invoice)
        self._mend_taxes(invoice, there)
        there = self._found_again(invoice)
        if (there["untaxed_amount"], there["tax_amount"], there["total_amount"]) != (
            invoice.net,
            invoice.tax,
            invoice.total,
        ):
            return _differs(invoice, there)
        self._go_on(f"{_INVOICE}.post", there["id"], invoice, _POSTED)
        posted = self._found_again(invoice)
        if posted["state"] not in _POSTED:
            return Refused(
                say("Tryton did not post {number}: it is still {state}.", number=invoice.number, state=posted["state"])
            )
        return _as_sent(posted)

    def _go_on(self, step: str, tryton_id: int, document: Document, there: tuple[str, ...]) -> None:
        """One step of its workflow. No refusal when it has been made meanwhile: who died before us had asked for it."""
        try:
            self.rpc.write(step, [tryton_id])
        except Says:
            if self._found_again(document)["state"] not in there:
                raise

    def _mend_taxes(self, invoice: Document, there: dict[str, Any]) -> None:
        """Write our tax where Tryton's own rounding came to another coin: half to even there, half up here."""
        rows = self.rpc.read(f"{_INVOICE}.tax.read", there["taxes"], ["tax", "amount", "_timestamp"])
        due: dict[int, Decimal] = {}
        for tax in invoice.taxes:
            theirs = self.masters.tax(tax)
            if theirs is not None:
                due[theirs] = due.get(theirs, Decimal(0)) + tax.tax
        for row in rows:
            ours = due.get(row["tax"])
            if ours is not None and ours != row["amount"]:
                seen = {"_timestamp": {f"{_INVOICE}.tax,{row['id']}": row["_timestamp"]}}
                self.rpc.write(f"{_INVOICE}.tax.write", [row["id"]], {"amount": ours}, context=seen)

    def _found_again(self, document: Document) -> dict[str, Any]:
        found = self._find(document.kind, document.reference)
        if found is None:
            raise NoWord(f"Tryton does not show {document.number}, which it has just made")
        return found


def _as_sent(found: dict[str, Any], note: Text | None = None) -> Sent:
    return Sent(str(found["id"]), found["number"], found["state"], party_id=str(found["party"]), note=note)


def _differs(document: Document, there: dict[str, Any]) -> Refused:
    return Refused(
        say(
            "{number} comes to {theirs} in Tryton and to {ours} here. Delete its draft there and send it again.",
            number=document.number,
            theirs=plain(there["total_amount"]),
            ours=plain(document.total),
        )
    )


def _said(work: Any) -> Outcome:
    """What came of the work, as the contract says it."""
    try:
        outcome: Outcome = work()
        return outcome
    except Busy as error:
        return Retry(str(error), error.after)
    except NoWord as error:
        return Unknown(str(error))
    except Missing as error:
        return Refused(error.reason)
    except Says as error:
        return Refused(say("Tryton refuses it: {words}", words=str(error)))

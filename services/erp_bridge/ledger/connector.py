"""The book as an ERP: the same contract as a foreign one, its calls being transactions on our own database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Self

from sqlalchemy.orm import Session

from chassis.i18n import Text, say
from services.erp_bridge.connectors.base import (
    Booked,
    Changes,
    ConnectorSettings,
    Document,
    Kind,
    Now,
    Outcome,
    Party,
    Refused,
    Sent,
)
from services.erp_bridge.ledger.actions import take_in
from services.erp_bridge.ledger.model import LedgerDocument, LedgerPayment
from services.erp_bridge.ledger.queries import changed_after, get_document

_PAGE = 200


class LedgerSettings(ConnectorSettings):
    """The ledger needs to know nothing."""


@dataclass(frozen=True)
class Books:
    """How the ledger gets at its database: a transaction that writes, and one that looks."""

    begin: Callable[[], AbstractContextManager[Session]]
    read: Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Ledger:
    """The embedded book. Always there, never slow, refuses only what would not balance."""

    Settings: ClassVar[type[ConnectorSettings]] = LedgerSettings
    books: Books

    @classmethod
    def open(cls, settings: LedgerSettings, means: Books) -> Self:
        """The one book of this installation."""
        return cls(means)

    def test(self) -> Text:
        """It is always there."""
        return say("The ledger is part of Relata.")

    def push_party(self, party: Party) -> Outcome:
        """The book names its customers as we do."""
        return Sent(party.reference, party_id=party.reference)

    def push(self, document: Document) -> Outcome:
        """One transaction of the book's own; see ``take_in``."""
        if document.net + document.tax != document.total:
            return Refused(say("Net and tax of {number} do not add up to its total.", number=document.number))
        with self.books.begin() as tx:
            return _sent(take_in(tx, document))

    def look_up(self, kind: Kind, reference: str) -> Sent | None:
        """The document with our reference."""
        with self.books.read() as tx:
            known = get_document(tx, kind, reference)
            return _sent(known) if known else None

    def changes(self, cursor: str | None) -> Changes:
        """Invoices whose payments changed after the cursor, a position of the book's."""
        with self.books.read() as tx:
            found = changed_after(tx, int(cursor or 0), _PAGE)
            latest = {document.id: _now(document, paid) for _, document, paid in found}
        end = str(found[-1][0]) if found else cursor or "0"
        return Changes(tuple(latest.values()), end, more=len(found) == _PAGE)


def _sent(document: LedgerDocument) -> Sent:
    return Sent(document.id, document.number, document.state, party_id=document.customer)


def _now(document: LedgerDocument, paid: list[LedgerPayment]) -> Now:
    payments = tuple(
        Booked(each.id, each.amount, each.currency, each.paid_on, each.method, each.reference) for each in paid
    )
    return Now("invoice", document.reference, document.id, document.state, payments)

"""A small double-entry book for who has no ERP: accounts of Circular 99/2025, entries that balance, payments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.clock import UtcDateTime, utcnow
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.ids import new_id
from chassis.money import Amount, plain
from services.erp_bridge.tables import Base, Json


class Account(StrEnum):
    """The accounts the book needs."""

    RECEIVABLES = "131"
    REVENUE = "511"
    VAT_PAYABLE = "33311"
    BANK = "112"


class DoesNotBalance(AssertionError):
    """Debits and credits of an entry differ; a bug, not bad input."""


class PaysTooMuch(Conflict):
    """More than is left to pay."""

    code = "pays_too_much"


@dataclass(frozen=True)
class Posting:
    """One side of an entry: a positive amount on one of the two."""

    account: Account
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)


class LedgerDocument(Base):
    """An order or invoice as the book was given it. ``times_pushed`` counts how often it was given.

    ``reference`` is the sender's id of it, unique per kind: the same document given again is the same row.
    """

    __tablename__ = "ledger_documents"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    number: Mapped[str] = mapped_column(String(60))
    customer: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    dated: Mapped[date] = mapped_column(Date)
    net: Mapped[Decimal] = mapped_column(Amount)
    tax: Mapped[Decimal] = mapped_column(Amount)
    total: Mapped[Decimal] = mapped_column(Amount)
    paid: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    times_pushed: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    @property
    def balance(self) -> Decimal:
        """What is left to pay."""
        return self.total - self.paid

    @property
    def state(self) -> str:
        """As the book calls it."""
        if self.kind == "order":
            return "noted"
        return "paid" if self.paid >= self.total else "part_paid" if self.paid else "posted"

    def take_in(self, amount: Decimal) -> None:
        """Somebody paid this much of it; raises PaysTooMuch."""
        if amount > self.balance:
            raise PaysTooMuch(say("Only {balance} is left to pay.", balance=plain(self.balance)))
        self.paid = self.paid + amount


class Entry(Base):
    """One entry of the book: lines whose debits and credits are equal. Never changed, only reversed by another."""

    __tablename__ = "ledger_entries"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    booked_on: Mapped[date] = mapped_column(Date)
    customer: Mapped[str] = mapped_column(String(60))
    invoice_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    payment_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    currency: Mapped[str] = mapped_column(String(3))
    description: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    lines: Mapped[list["EntryLine"]] = relationship(order_by="EntryLine.place", lazy="selectin")

    @classmethod
    def of(cls, postings: Iterable[Posting], **facts: Any) -> "Entry":
        """An entry of these postings, those of nothing left out; raises DoesNotBalance."""
        told = [posting for posting in postings if posting.debit or posting.credit]
        if sum((posting.debit - posting.credit for posting in told), Decimal(0)):
            raise DoesNotBalance(facts.get("description", ""))
        lines = [
            EntryLine(place=place, account=posting.account, debit=posting.debit, credit=posting.credit)
            for place, posting in enumerate(told)
        ]
        return cls(id=new_id(), lines=lines, **facts)


class EntryLine(Base):
    """One line of an entry; either a debit or a credit."""

    __tablename__ = "ledger_lines"
    __table_args__ = (CheckConstraint("debit = 0 OR credit = 0", name="ledger_lines_one_side"),)

    entry_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("ledger_entries.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[str] = mapped_column(String(10))
    debit: Mapped[Decimal] = mapped_column(Amount)
    credit: Mapped[Decimal] = mapped_column(Amount)


class LedgerPayment(Base):
    """Money for an invoice, booked by hand. ``reversed``: it was a mistake, and another entry undid it."""

    __tablename__ = "ledger_payments"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    invoice_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str | None] = mapped_column(String(60))
    reference: Mapped[str | None] = mapped_column(String(200))
    reversed: Mapped[bool] = mapped_column(Boolean, default=False)
    custom: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_by: Mapped[str | None] = mapped_column(String(200))


class LedgerChange(Base):
    """That something about an invoice changed, for who follows the book. Positions are given out under a lock."""

    __tablename__ = "ledger_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    document_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))


Index("ledger_documents_reference_key", LedgerDocument.reference, LedgerDocument.kind, unique=True)
Index("ledger_documents_created_at", LedgerDocument.created_at, LedgerDocument.id)
for _name in ("kind", "times_pushed"):
    Index(f"ledger_documents_{_name}", getattr(LedgerDocument, _name), LedgerDocument.created_at, LedgerDocument.id)
Index("ledger_payments_invoice", LedgerPayment.invoice_id)
Index("ledger_payments_created_at", LedgerPayment.created_at, LedgerPayment.id)
for _name in ("invoice_id", "customer"):
    Index(f"ledger_entries_{_name}", getattr(Entry, _name), Entry.created_at, Entry.id)
for _name in ("booked_on", "created_at"):
    Index(f"ledger_entries_{_name}", getattr(Entry, _name), Entry.id)

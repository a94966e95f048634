"""The book as accountants read it and write into it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from chassis.money import MOST, ExactDecimal, Money
from services.erp_bridge.ledger.model import Entry, LedgerPayment

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
PaymentAmount = Annotated[ExactDecimal, Field(gt=0, le=MOST, decimal_places=4)]
Custom = Annotated[dict[str, Any], Field(max_length=100)]


class LineView(View):
    """One side of an entry."""

    account: str
    debit: ExactDecimal
    credit: ExactDecimal


class EntryView(View):
    """One entry; its debits and credits are equal."""

    id: str
    booked_on: date
    customer: str
    invoice_id: str
    payment_id: str | None
    currency: str
    description: str
    lines: list[LineView]
    created_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        """The entry with its lines."""
        return cls.model_validate(entry)


class BookPayment(Body):
    """Money for an invoice, arrived in the bank. ``method`` such as ``bank_transfer``."""

    id: UUID | None = None
    invoice_id: UUID
    amount: PaymentAmount
    paid_on: date
    method: Short | None = None
    reference: Reference | None = None
    custom: Custom = Field(default_factory=dict)


class PaymentView(View):
    """A payment in the book."""

    id: str
    invoice_id: str
    amount: Money
    paid_on: date
    method: str | None
    reference: str | None
    reversed: bool
    custom: dict[str, Any]
    created_at: datetime
    created_by: str | None

    @classmethod
    def of(cls, payment: LedgerPayment) -> "PaymentView":
        """The payment as people see it."""
        amount = Money(amount=payment.amount, currency=payment.currency)
        plain = {name: getattr(payment, name) for name in cls.model_fields if name != "amount"}
        return cls(amount=amount, **plain)


class BalanceView(View):
    """What stands in one account: ``balance`` is debit less credit."""

    currency: str
    account: str
    debit: ExactDecimal
    credit: ExactDecimal
    balance: ExactDecimal

    @classmethod
    def of(cls, currency: str, account: str, debit: Decimal, credit: Decimal) -> "BalanceView":
        """An account's sums."""
        return cls(currency=currency, account=account, debit=debit, credit=credit, balance=debit - credit)


class Balances(View):
    """Every account; over all of them debits and credits are equal."""

    items: list[BalanceView]
    next_cursor: str | None = None


class BookedDocument(View):
    """An order or invoice as the book has it. ``times_pushed`` counts how often it was given the same one."""

    id: str
    kind: str
    reference: str
    number: str
    customer: str
    currency: str
    dated: date
    net: ExactDecimal
    tax: ExactDecimal
    total: ExactDecimal
    paid: ExactDecimal
    times_pushed: int
    created_at: datetime

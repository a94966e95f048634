"""What customers owe by a day, and for how long: of the invoices that the asker may read.

An invoice counts from the day of its issue; of what it comes to, what was paid by that day is taken off. A payment that
was taken back since has never paid anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, type_coerce
from sqlalchemy.orm import Session

from chassis.money import Amount
from services.sales.invoices.model import OWED, Invoice, InvoiceStatus
from services.sales.payments.model import Payment, PaymentStatus, payment_allocations

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
_NOTHING = literal(Decimal(0), Amount)


@dataclass(frozen=True)
class Position:
    """After which row a page goes on."""

    debt: Decimal
    customer_id: str
    currency: str


def receivables(
    tx: Session,
    day: date,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    currency: str | None = None,
    after: Position | None = None,
    at_most: int,
) -> Sequence[Any]:
    """Customers with what they owe by this day, the largest debt first; a row for each of a customer's currencies."""
    owed = _owed(day, account_id, contact_id, currency).subquery()
    late = [
        _sum(owed, owed.c.due_on.is_(None) | (owed.c.due_on >= day)),
        *(_sum(owed, _due(owed, day, first, last)) for first, last in ((1, 30), (31, 60), (61, 90), (91, None))),
    ]
    debt, customer, named = type_coerce(func.sum(owed.c.balance), Amount), owed.c.customer_id, owed.c.currency
    chosen = select(
        customer,
        owed.c.noun,
        named,
        debt.label("debt"),
        *(amount.label(name) for name, amount in zip(BUCKETS, late, strict=True)),
        func.max(owed.c.buyer_name).label("name"),
        func.min(owed.c.due_on).label("oldest_due_on"),
        func.count().label("invoices"),
    ).group_by(customer, owed.c.noun, named)
    if after is not None:
        amount, customer_id = literal(after.debt, Amount), literal(after.customer_id, customer.type)
        beyond = or_(customer > customer_id, and_(customer == customer_id, named > after.currency))
        chosen = chosen.having(or_(debt < amount, and_(debt == amount, beyond)))
    return tx.execute(chosen.order_by(debt.desc(), customer, named).limit(at_most)).all()


def open_invoices(
    tx: Session,
    day: date,
    *,
    account_id: str | None,
    contact_id: str | None,
    after: tuple[date, str] | None,
    at_most: int,
) -> Sequence[Any]:
    """What is owed by this day, invoice by invoice, what was due first coming first; without a due day, last."""
    owed = _owed(day, account_id, contact_id, None).subquery()
    due = func.coalesce(owed.c.due_on, date.max)
    chosen = select(owed, due.label("due"))
    if after is not None:
        when, invoice_id = after
        chosen = chosen.where(or_(due > when, and_(due == when, owed.c.id > literal(invoice_id, owed.c.id.type))))
    return tx.execute(chosen.order_by(due, owed.c.id).limit(at_most)).all()


def credit_of(tx: Session, ids: Sequence[str], day: date) -> dict[tuple[str, str], Decimal]:
    """By customer and currency, what they have paid by this day and no invoice has taken."""
    customer = func.coalesce(Payment.account_id, Payment.contact_id)
    taken = select(func.coalesce(func.sum(payment_allocations.c.amount), _NOTHING))
    taken = taken.where(payment_allocations.c.payment_id == Payment.id)
    chosen = select(
        customer.label("customer_id"),
        Payment.currency,
        type_coerce(func.sum(Payment.amount - taken.scalar_subquery()), Amount).label("credit"),
    ).where(
        or_(Payment.account_id.in_(ids), and_(Payment.account_id.is_(None), Payment.contact_id.in_(ids))),
        Payment.status != PaymentStatus.REVERSED,
        Payment.paid_on <= day,
    )
    rows = tx.execute(chosen.group_by(customer, Payment.currency))
    return {(row.customer_id, row.currency): row.credit for row in rows}


def _owed(day: date, account_id: str | None, contact_id: str | None, currency: str | None) -> Select[Any]:
    """The invoices on which something was owed by this day. Found by what is owed now, and what was paid later."""
    allocated = payment_allocations.c
    paid = select(func.coalesce(func.sum(allocated.amount), _NOTHING))
    paid_by_then = paid.where(allocated.invoice_id == Invoice.id, allocated.paid_on <= day).scalar_subquery()
    paid_later = select(allocated.invoice_id).where(allocated.paid_on > day)
    counted = (InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID, InvoiceStatus.PAID)
    balance = type_coerce(Invoice.total - paid_by_then, Amount).label("balance")
    chosen = select(
        Invoice.id,
        Invoice.number,
        Invoice.issued_on,
        Invoice.due_on,
        Invoice.currency,
        Invoice.buyer_name,
        Invoice.total,
        func.coalesce(Invoice.account_id, Invoice.contact_id).label("customer_id"),
        case((Invoice.account_id.is_not(None), "account"), else_="contact").label("noun"),
        balance,
    ).where(
        Invoice.status.in_(counted),
        or_(Invoice.status.in_(OWED), Invoice.id.in_(paid_later)),
        Invoice.issued_on <= day,
        Invoice.total > paid_by_then,
    )
    if account_id is not None:
        chosen = chosen.where(Invoice.account_id == account_id)
    if contact_id is not None:
        chosen = chosen.where(Invoice.contact_id == contact_id)
    return chosen if currency is None else chosen.where(Invoice.currency == currency)


def _due(owed: Any, day: date, first: int, last: int | None) -> ColumnElement[bool]:
    """Overdue for so many days."""
    since: ColumnElement[bool] = owed.c.due_on <= day - timedelta(first)
    return since if last is None else and_(since, owed.c.due_on >= day - timedelta(last))


def _sum(owed: Any, condition: ColumnElement[bool]) -> Any:
    return type_coerce(func.sum(case((condition, owed.c.balance), else_=_NOTHING)), Amount)

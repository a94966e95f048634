"""``/receivables``: who owes what, and for how long."""

from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import System, access_of
from chassis.cursors import InvalidCursor, binding_of, read_cursor, write_cursor
from chassis.http import Router
from chassis.i18n import say
from chassis.money import MOST, plain
from services.sales.days import today
from services.sales.invoices.model import Invoice
from services.sales.payments.model import Payment
from services.sales.receivables.queries import Position, credit_of, open_invoices, receivables
from services.sales.receivables.schemas import DebtPage, DebtView, OwedInvoices, OwedInvoiceView
from services.sales.rights import must_have
from services.sales.schemas import Day

router = Router(tags=["receivables"])

AsOf = Annotated[Day | None, Query(description="As it was at the end of this day; today if it is left out")]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200)]
Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Only what is owed in this currency")]


@router.get("/receivables")
def list_receivables(
    tx: Session,
    account_id: UUID | None = None,
    contact_id: UUID | None = None,
    as_of: AsOf = None,
    currency: Currency = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DebtPage:
    """Customers who owe something, the largest debt first, with its ageing by the invoices' due days."""
    must_have(tx, Invoice, "read")
    day = as_of or today()
    account, contact = _text(account_id), _text(contact_id)
    binding = _binding("receivables", day, account=account, contact=contact, currency=currency)
    after = _position(read_cursor(cursor, binding)) if cursor else None
    rows = receivables(
        tx, day, account_id=account, contact_id=contact, currency=currency, after=after, at_most=limit + 1
    )
    shown = rows[:limit]
    credit = credit_of(tx, [row.customer_id for row in shown], day) if shown and _may_see_payments(tx) else None
    items = [
        DebtView.of(row, None if credit is None else credit.get((row.customer_id, row.currency), Decimal(0)))
        for row in shown
    ]
    last = shown[-1] if len(rows) > limit else None
    more = [plain(last.debt), last.customer_id, last.currency] if last else None
    return DebtPage(as_of=day, items=items, next_cursor=write_cursor(binding, more) if more else None)


@router.get("/receivables/invoices")
def list_open_invoices(
    tx: Session,
    account_id: UUID | None = None,
    contact_id: UUID | None = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OwedInvoices:
    """What is owed, invoice by invoice, what was due first coming first."""
    must_have(tx, Invoice, "read")
    day = as_of or today()
    account, contact = _text(account_id), _text(contact_id)
    binding = _binding("open invoices", day, account=account, contact=contact)
    after = _invoice_position(read_cursor(cursor, binding)) if cursor else None
    rows = open_invoices(tx, day, account_id=account, contact_id=contact, after=after, at_most=limit + 1)
    shown = rows[:limit]
    more = [shown[-1].due_on or date.max, shown[-1].id] if len(rows) > limit else None
    return OwedInvoices(
        as_of=day,
        items=[OwedInvoiceView.of(row, day) for row in shown],
        next_cursor=write_cursor(binding, more) if more else None,
    )


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _binding(name: str, day: date, **filters: str | None) -> str:
    return binding_of(name, "", day.isoformat(), [(key, value) for key, value in filters.items() if value])


def _may_see_payments(tx: Session) -> bool:
    access = access_of(tx)
    return isinstance(access, System) or access.depth(Payment.__noun__, "read") != "none"


def _position(values: tuple[object, ...]) -> Position:
    match values:
        case (str() as debt, str() as customer_id, str() as currency):
            with suppress(ValueError, InvalidOperation):
                amount = Decimal(debt)
                if abs(amount) <= MOST:
                    return Position(amount, str(UUID(customer_id)), currency[:3])
    raise InvalidCursor(say("The cursor does not belong to this list."))


def _invoice_position(values: tuple[object, ...]) -> tuple[date, str]:
    match values:
        case (str() as due, str() as invoice_id):
            with suppress(ValueError):
                return date.fromisoformat(due), str(UUID(invoice_id))
    raise InvalidCursor(say("The cursor does not belong to this list."))

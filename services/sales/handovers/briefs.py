"""A brief of each customer that was handed over, of what its reader may see."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from chassis.money import Money
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.handovers.model import handovers
from services.sales.handovers.queries import customers_of
from services.sales.handovers.schemas import DealView, HandedOverView, OpenInvoiceView, WhoView
from services.sales.invoices.model import OWED, Invoice
from services.sales.leads.model import Lead
from services.sales.opportunities.model import Opportunity, OpportunityStatus

MOST = 10
MOST_ROWS = 2_000
_PARTIES: tuple[Any, ...] = (Account, Contact, Lead)


def briefs(
    tx: Session, handover_id: str, *, to_user_id: str | None, after: int, at_most: int, day: date
) -> tuple[list[HandedOverView], int | None]:
    """A page of briefs, and the place after which the next one begins."""
    found = customers_of(tx, handover_id, to_user_id=to_user_id, after=after, at_most=at_most + 1)
    rows = found[:at_most]
    refs = [row.ref for row in rows]
    who, deals, invoices, debt = _who(tx, refs), _deals(tx, refs), _invoices(tx, refs, day), _debt(tx, refs)
    note = tx.scalar(select(handovers.c.note).where(handovers.c.id == handover_id))
    items = [
        HandedOverView.of(
            row.ref,
            to_user_id=row.to_user_id,
            who=who.get(row.ref),
            deals=deals[row.ref],
            invoices=invoices[row.ref],
            debt=debt[row.ref],
            note=note,
        )
        for row in rows
    ]
    # What somebody has no right to any more, and never had, is no brief.
    seen = [item for item, ref in zip(items, refs, strict=True) if item.who or item.deals or item.invoices]
    return seen, rows[-1].place if len(found) > at_most else None


def _ids(refs: Collection[str], noun: str) -> list[str]:
    return [ref.partition(":")[2] for ref in refs if ref.startswith(noun + ":")]


def _who(tx: Session, refs: Sequence[str]) -> dict[str, WhoView]:
    found = {}
    for model in _PARTIES:
        ids = _ids(refs, model.__noun__)
        for record in tx.scalars(select(model).where(model.id.in_(ids))) if ids else ():
            name = record.name if isinstance(record, Account) else record.full_name
            reached = {"phone": record.primary("phone"), "email": record.primary("email")}
            found[f"{record.__noun__}:{record.id}"] = WhoView(name=name, **reached)
    return found


def _of(model: Any, refs: Sequence[str]) -> Any:
    """What is for one of these customers."""
    accounts, contacts = _ids(refs, "account"), _ids(refs, "contact")
    own = model.id.in_(_ids(refs, model.__noun__))
    return or_(model.account_id.in_(accounts), (model.account_id.is_(None)) & model.contact_id.in_(contacts), own)


def _ref(row: Any, noun: str) -> str:
    if row.account_id:
        return f"account:{row.account_id}"
    return f"contact:{row.contact_id}" if row.contact_id else f"{noun}:{row.id}"


def _deals(tx: Session, refs: Sequence[str]) -> defaultdict[str, list[DealView]]:
    chosen = select(Opportunity).where(Opportunity.status == OpportunityStatus.OPEN, _of(Opportunity, refs))
    found: defaultdict[str, list[DealView]] = defaultdict(list)
    for deal in tx.scalars(chosen.order_by(Opportunity.created_at.desc(), Opportunity.id).limit(MOST_ROWS)):
        these = found[_ref(deal, "opportunity")]
        if len(these) < MOST:
            shown = {name: getattr(deal, name) for name in ("id", "name", "stage", "close_date", "next_step")}
            these.append(DealView(**shown, amount=deal.money))
    return found


def _invoices(tx: Session, refs: Sequence[str], day: date) -> defaultdict[str, list[OpenInvoiceView]]:
    chosen = select(Invoice).where(Invoice.status.in_(OWED), _of(Invoice, refs))
    found: defaultdict[str, list[OpenInvoiceView]] = defaultdict(list)
    for invoice in tx.scalars(chosen.order_by(Invoice.due_on, Invoice.id).limit(MOST_ROWS)):
        these = found[_ref(invoice, "invoice")]
        if len(these) < MOST:
            balance = Money(amount=invoice.balance, currency=invoice.currency)
            shown = {name: getattr(invoice, name) for name in ("id", "number", "due_on")}
            these.append(OpenInvoiceView(**shown, balance=balance, overdue=invoice.is_overdue(day)))
    return found


def _debt(tx: Session, refs: Sequence[str]) -> defaultdict[str, list[Money]]:
    owner = (Invoice.account_id, Invoice.contact_id, Invoice.currency)
    chosen = select(*owner, func.sum(Invoice.total), func.sum(Invoice.paid)).where(
        Invoice.status.in_(OWED), _of(Invoice, refs)
    )
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for account_id, contact_id, currency, total, paid in tx.execute(chosen.group_by(*owner)):
        ref = f"account:{account_id}" if account_id else f"contact:{contact_id}"
        found[ref][currency] = found[ref].get(currency, 0) + total - paid
    lists: defaultdict[str, list[Money]] = defaultdict(list)
    for ref, sums in found.items():
        lists[ref] = [Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items())]
    return lists

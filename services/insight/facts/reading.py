"""What an event says of a record, as a fact to count."""

from decimal import Decimal
from typing import Any

from chassis.event import Envelope
from events import sales
from services.insight.facts.days import day_of
from services.insight.facts.model import INVOICE, LEAD, OPPORTUNITY, ORDER

Row = dict[str, Any]
LEADS = (
    sales.LeadCreated,
    sales.LeadUpdated,
    sales.LeadMerged,
    sales.LeadReattributed,
    sales.LeadAssigned,
    sales.LeadContacted,
    sales.LeadQualified,
    sales.LeadDisqualified,
    sales.LeadDeleted,
    sales.LeadRestored,
)
OPPORTUNITIES = (
    sales.OpportunityCreated,
    sales.OpportunityUpdated,
    sales.OpportunityAdvanced,
    sales.OpportunityWon,
    sales.OpportunityLost,
    sales.OpportunityReopened,
    sales.OpportunityAssigned,
    sales.OpportunityDeleted,
    sales.OpportunityRestored,
)
ORDERS = (
    sales.OrderCreated,
    sales.OrderUpdated,
    sales.OrderConfirmed,
    sales.OrderReleased,
    sales.OrderDelivered,
    sales.OrderCancelled,
)
INVOICES = (
    sales.InvoiceCreated,
    sales.InvoiceIssued,
    sales.InvoicePartPaid,
    sales.InvoicePaid,
    sales.InvoiceReopened,
    sales.InvoiceDiscarded,
)


def read_fact(envelope: Envelope) -> Row:
    """The row of this event's subject, which is a lead, an opportunity, an order or an invoice."""
    match envelope.subject.partition(":")[0]:
        case "lead":
            return _lead(envelope)
        case "opportunity":
            return _opportunity(envelope)
        case "order":
            return _order(envelope)
        case _:
            return _invoice(envelope)


def _row(envelope: Envelope, kind: str, state: Any, *, counts: bool, parent_id: str | None, **more: Any) -> Row:
    return {
        "id": state.id,
        "kind": kind,
        "parent_id": parent_id,
        "owner_id": state.owner_id,
        "team_id": state.team_id,
        "own_source": None,
        "own_campaign": None,
        "own_partner_id": None,
        "own_day": day_of(state.created_at),
        "created_at": state.created_at,
        "qualified": 0,
        "currency": None,
        "amount": Decimal(0),
        "paid": Decimal(0),
        "counts": counts,
        "told_at": envelope.time,
        **more,
    }


def _origin(state: Any) -> Row:
    return {"own_source": state.source, "own_campaign": state.campaign, "own_partner_id": state.partner_id}


def _lead(envelope: Envelope) -> Row:
    lead = envelope.parse(sales.LeadUpdated).lead
    counts = envelope.type != sales.LeadDeleted.type
    qualified = int(lead.status == "qualified")
    return _row(envelope, LEAD, lead, counts=counts, parent_id=None, qualified=qualified, **_origin(lead))


def _opportunity(envelope: Envelope) -> Row:
    one = envelope.parse(sales.OpportunityUpdated).opportunity
    won = one.status == "won" and envelope.type != sales.OpportunityDeleted.type
    money = {"amount": one.amount.amount, "currency": one.amount.currency}
    return _row(envelope, OPPORTUNITY, one, counts=won, parent_id=one.lead_id, **_origin(one), **money)


def _order(envelope: Envelope) -> Row:
    order = envelope.parse(sales.OrderUpdated).order
    counts = order.status not in ("draft", "cancelled")
    money = {"amount": order.totals.total, "currency": order.currency}
    return _row(envelope, ORDER, order, counts=counts, parent_id=order.opportunity_id, **money)


def _invoice(envelope: Envelope) -> Row:
    invoice = envelope.parse(sales.InvoiceIssued).invoice
    counts = invoice.status not in ("draft", "discarded")
    money = {"amount": invoice.totals.total, "currency": invoice.currency, "paid": invoice.paid}
    return _row(envelope, INVOICE, invoice, counts=counts, parent_id=invoice.order_id, **money)

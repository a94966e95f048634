"""What a handover moves: every kind of record, which of them are open work, and whose customer each is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, true

from chassis.event import Event
from events.sales import (
    AccountAssigned,
    Buyer,
    ContactAssigned,
    InvoiceAssigned,
    LeadAssigned,
    OpportunityAssigned,
    OrderAssigned,
    PaymentAssigned,
    QuoteAssigned,
    ShipmentAssigned,
)
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.invoices.model import OWED, Invoice, InvoiceStatus
from services.sales.leads.model import OPEN, Lead
from services.sales.opportunities.model import Opportunity, OpportunityStatus
from services.sales.orders.model import Order, OrderStatus
from services.sales.payments.model import Payment, PaymentStatus
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.shipments.model import Shipment, ShipmentStatus


@dataclass(frozen=True)
class Kind:
    """One kind of record. ``customer`` names whom a record of it is about: ``account:<id>``, ``lead:<id>`` …"""

    model: Any
    assigned: type[Event]
    is_open: Callable[[], ColumnElement[bool]]
    customer: Callable[[Any], str]
    more: Callable[[Any], dict[str, Any]] = lambda _record: {}

    @property
    def noun(self) -> str:
        """Its name."""
        return str(self.model.__noun__)


def _buyer(record: Any) -> str:
    if record.account_id:
        return f"account:{record.account_id}"
    return f"contact:{record.contact_id}" if record.contact_id else f"{record.__noun__}:{record.id}"


def _itself(record: Any) -> str:
    return f"{record.__noun__}:{record.id}"


def _of_account(contact: Any) -> str:
    return f"account:{contact.account_id}" if contact.account_id else _itself(contact)


def _of_buyer(shipment: Any) -> str:
    return Buyer.model_validate(shipment.buyer).reference


def _with_buyer(shipment: Any) -> dict[str, Any]:
    return {"buyer": Buyer.model_validate(shipment.buyer)}


def _open_orders() -> ColumnElement[bool]:
    """Not delivered yet, or delivered and on no invoice: somebody has to write it."""
    under_way = (OrderStatus.DRAFT, OrderStatus.CONFIRMED, OrderStatus.RELEASED, OrderStatus.IN_DELIVERY)
    invoiced = exists().where(Invoice.order_id == Order.id, Invoice.status != InvoiceStatus.DISCARDED)
    return or_(Order.status.in_(under_way), (Order.status == OrderStatus.DELIVERED) & ~invoiced)


# Customers first, so that all else follows them.
KINDS = (
    Kind(Account, AccountAssigned, true, _itself),
    Kind(Contact, ContactAssigned, true, _of_account),
    Kind(Lead, LeadAssigned, lambda: Lead.status.in_(OPEN), _itself),
    Kind(Opportunity, OpportunityAssigned, lambda: Opportunity.status == OpportunityStatus.OPEN, _buyer),
    Kind(Quote, QuoteAssigned, lambda: Quote.status.in_((QuoteStatus.DRAFT, QuoteStatus.SENT)), _buyer),
    Kind(Order, OrderAssigned, _open_orders, _buyer),
    Kind(
        Shipment,
        ShipmentAssigned,
        lambda: Shipment.status.in_((ShipmentStatus.PLANNED, ShipmentStatus.SHIPPED)),
        _of_buyer,
        _with_buyer,
    ),
    Kind(Invoice, InvoiceAssigned, lambda: Invoice.status.in_((InvoiceStatus.DRAFT, *OWED)), _buyer),
    Kind(Payment, PaymentAssigned, lambda: Payment.status == PaymentStatus.RECEIVED, _buyer),
)
KIND_OF = {kind.noun: kind for kind in KINDS}

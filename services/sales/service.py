"""The manifest of sales."""

from pathlib import Path

import services.sales.customers.queries  # noqa: F401  its tables are of this service
from chassis.service import Service
from events.sales import (
    IntakeRejected,
    InvoiceCreated,
    InvoiceDiscarded,
    InvoiceIssued,
    InvoicePaid,
    InvoicePartPaid,
    InvoiceReopened,
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadDisqualified,
    LeadMerged,
    LeadReattributed,
    LeadRestored,
    LeadUpdated,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    OrderDelivered,
    OrderReleased,
    OrderUpdated,
    PaymentAllocated,
    PaymentReceived,
    PaymentReversed,
    ProductCreated,
    ProductDeleted,
    ProductRestored,
    ProductUpdated,
    QuoteAccepted,
    QuoteCreated,
    QuoteExpired,
    QuoteRejected,
    QuoteSent,
    QuoteSuperseded,
    QuoteUpdated,
    ShipmentDelivered,
    ShipmentPlanned,
    ShipmentShipped,
)
from services.sales.confirmation.api import router as confirmation
from services.sales.invoices.api import router as invoices
from services.sales.jobs import JOBS
from services.sales.leads.api import router as leads
from services.sales.orders.api import router as orders
from services.sales.payments.api import router as payments
from services.sales.products.api import router as products
from services.sales.quotes.api import router as quotes
from services.sales.reactions import REACTIONS
from services.sales.shipments.api import router as shipments
from services.sales.tables import Base
from services.sales.taxes.api import router as taxes

SALES = Service(
    name="sales",
    metadata=Base.metadata,
    routers=(leads, taxes, products, quotes, orders, confirmation, shipments, invoices, payments),
    reactions=REACTIONS,
    jobs=JOBS,
    emits=(
        LeadCreated,
        LeadUpdated,
        LeadMerged,
        LeadReattributed,
        LeadAssigned,
        LeadContacted,
        LeadDisqualified,
        LeadDeleted,
        LeadRestored,
        IntakeRejected,
        ProductCreated,
        ProductUpdated,
        ProductDeleted,
        ProductRestored,
        QuoteCreated,
        QuoteUpdated,
        QuoteSent,
        QuoteAccepted,
        QuoteRejected,
        QuoteExpired,
        QuoteSuperseded,
        OrderCreated,
        OrderUpdated,
        OrderConfirmed,
        OrderReleased,
        OrderDelivered,
        OrderCancelled,
        ShipmentPlanned,
        ShipmentShipped,
        ShipmentDelivered,
        InvoiceCreated,
        InvoiceIssued,
        InvoicePartPaid,
        InvoicePaid,
        InvoiceReopened,
        InvoiceDiscarded,
        PaymentReceived,
        PaymentAllocated,
        PaymentReversed,
    ),
    migrations="services.sales.migrations",
    messages=Path(__file__).parent / "messages",
)

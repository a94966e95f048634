"""The manifest of the ERP bridge."""

from pathlib import Path

from chassis.service import Service
from events.erp_bridge import (
    DocumentAccepted,
    DocumentChanged,
    DocumentDelayed,
    DocumentQueued,
    DocumentRefused,
    PaymentBooked,
    PaymentUnbooked,
)
from services.erp_bridge.connections.api import router as connections
from services.erp_bridge.documents.api import router as documents
from services.erp_bridge.documents.sending import DELIVERIES
from services.erp_bridge.jobs import JOBS
from services.erp_bridge.ledger.api import router as ledger
from services.erp_bridge.payments.api import router as payments
from services.erp_bridge.reactions import REACTIONS
from services.erp_bridge.tables import Base

ERP_BRIDGE = Service(
    name="erp_bridge",
    metadata=Base.metadata,
    routers=(connections, documents, payments, ledger),
    reactions=REACTIONS,
    jobs=JOBS,
    deliveries=DELIVERIES,
    emits=(
        DocumentQueued,
        DocumentDelayed,
        DocumentAccepted,
        DocumentRefused,
        DocumentChanged,
        PaymentBooked,
        PaymentUnbooked,
    ),
    migrations="services.erp_bridge.migrations",
    messages=Path(__file__).parent / "messages",
)

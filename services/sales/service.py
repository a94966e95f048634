"""The manifest of sales."""

from pathlib import Path

import services.sales.customers.queries  # noqa: F401  its tables are of this service
from chassis.service import Service
from events.sales import (
    IntakeRejected,
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadDisqualified,
    LeadMerged,
    LeadReattributed,
    LeadRestored,
    LeadUpdated,
)
from services.sales.leads.api import router as leads
from services.sales.reactions import REACTIONS
from services.sales.tables import Base

SALES = Service(
    name="sales",
    metadata=Base.metadata,
    routers=(leads,),
    reactions=REACTIONS,
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
    ),
    migrations="services.sales.migrations",
    messages=Path(__file__).parent / "messages",
)

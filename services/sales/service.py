"""The manifest of sales."""

from pathlib import Path

from chassis.service import Service
from events.sales import (
    AccountAssigned,
    AccountCreated,
    AccountDeleted,
    AccountRestored,
    AccountUpdated,
    ContactAssigned,
    ContactCreated,
    ContactDeleted,
    ContactRestored,
    ContactUpdated,
    IntakeRejected,
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadDisqualified,
    LeadMerged,
    LeadQualified,
    LeadReattributed,
    LeadRestored,
    LeadUpdated,
    OpportunityAdvanced,
    OpportunityAssigned,
    OpportunityCreated,
    OpportunityDeleted,
    OpportunityLost,
    OpportunityReopened,
    OpportunityRestored,
    OpportunityUpdated,
    OpportunityWon,
)
from services.sales.accounts.api import router as accounts
from services.sales.contacts.api import router as contacts
from services.sales.leads.api import router as leads
from services.sales.opportunities.api import router as opportunities
from services.sales.pipelines.api import router as pipelines
from services.sales.qualifying.api import router as qualifying
from services.sales.reactions import REACTIONS
from services.sales.tables import Base

SALES = Service(
    name="sales",
    metadata=Base.metadata,
    routers=(leads, qualifying, accounts, contacts, pipelines, opportunities),
    reactions=REACTIONS,
    emits=(
        LeadCreated,
        LeadUpdated,
        LeadMerged,
        LeadReattributed,
        LeadAssigned,
        LeadContacted,
        LeadQualified,
        LeadDisqualified,
        LeadDeleted,
        LeadRestored,
        AccountCreated,
        AccountUpdated,
        AccountAssigned,
        AccountDeleted,
        AccountRestored,
        ContactCreated,
        ContactUpdated,
        ContactAssigned,
        ContactDeleted,
        ContactRestored,
        OpportunityCreated,
        OpportunityUpdated,
        OpportunityAdvanced,
        OpportunityWon,
        OpportunityLost,
        OpportunityReopened,
        OpportunityAssigned,
        OpportunityDeleted,
        OpportunityRestored,
        IntakeRejected,
    ),
    migrations="services.sales.migrations",
    messages=Path(__file__).parent / "messages",
)

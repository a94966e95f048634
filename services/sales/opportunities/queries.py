"""Looking for opportunities: the published list."""

from decimal import Decimal

from chassis.filters import Filter
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.opportunities.model import Opportunity, OpportunityStatus, Priority

OPPORTUNITIES = Listing(
    model=Opportunity,
    sorts=("created_at", "updated_at", "name", "amount", "close_date"),
    default_sort="-created_at",
    filters={
        "status": Filter(Opportunity.status, OpportunityStatus),
        "stage": Filter(Opportunity.stage),
        "pipeline_id": Filter(Opportunity.pipeline_id),
        "priority": Filter(Opportunity.priority, Priority),
        "probability": Filter(Opportunity.probability),
        "amount": Filter(Opportunity.amount, Decimal),
        "close_date": Filter(Opportunity.close_date),
        "account_id": Filter(Opportunity.account_id),
        "contact_id": Filter(Opportunity.contact_id),
        "lead_id": Filter(Opportunity.lead_id),
        "source": Filter(Opportunity.source),
        "campaign": Filter(Opportunity.campaign),
        "partner_id": Filter(Opportunity.partner_id),
        **owned_filters(Opportunity),
    },
    search=Search(Opportunity, Opportunity.name),
)

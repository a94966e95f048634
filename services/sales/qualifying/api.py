"""The route by which a lead becomes an opportunity."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.http import IfMatch, Router
from chassis.rights import must_have, to_change
from services.sales.leads.model import Lead
from services.sales.leads.schemas import LeadView
from services.sales.opportunities.model import Opportunity
from services.sales.qualifying import actions
from services.sales.qualifying.schemas import Qualified, QualifyLead

router = Router(tags=["leads"])


@router.post("/leads/{lead_id}/qualify")
def qualify_lead(tx: Session, lead_id: UUID, body: QualifyLead, if_match: IfMatch) -> Qualified:
    """They want something: open the opportunity, once. Asked again, it answers with what the lead became."""
    must_have(tx, Opportunity, "create")
    lead = to_change(tx, Lead, lead_id, if_match, view=LeadView.of)
    asked = body.opportunity
    facts = {
        "id": str(asked.id) if asked.id else None,
        "name": asked.name,
        "close_date": asked.close_date,
        "pipeline_id": str(asked.pipeline_id) if asked.pipeline_id else None,
        "stage": asked.stage,
        "priority": asked.priority.value,
        "next_step": asked.next_step,
    }
    return Qualified.of(
        actions.qualify_lead(
            tx,
            lead,
            facts=facts,
            amount=asked.amount.money() if asked.amount else None,
            create_customer=body.create_customer,
            tax_code=body.tax_code,
        )
    )

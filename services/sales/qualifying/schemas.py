"""What is asked when a lead is qualified, and what is answered."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from chassis.clock import Day
from chassis.fields import NewMoney, Text60, Text300, Text500
from chassis.http import Body
from services.sales.accounts.schemas import TaxCode
from services.sales.leads.model import Lead
from services.sales.opportunities.model import Priority


class QualifiedOpportunity(Body):
    """The opportunity that the lead becomes. Without a name it has the lead's; ``amount`` is nothing if left out."""

    id: UUID | None = None
    name: Text300 | None = None
    amount: NewMoney | None = None
    close_date: Day | None = None
    pipeline_id: UUID | None = None
    stage: Text60 | None = None
    priority: Priority = Priority.NORMAL
    next_step: Text500 | None = None


class QualifyLead(Body):
    """``create_customer``: make an account or a contact of them now, and not only when the opportunity is won.

    ``tax_code`` is what they said meanwhile: the account that has it is who they are.
    """

    opportunity: QualifiedOpportunity = Field(default_factory=QualifiedOpportunity)
    create_customer: StrictBool = False
    tax_code: TaxCode | None = None


class Qualified(BaseModel):
    """What the lead became; the customer if they were known, or if one was asked for."""

    opportunity_id: str
    account_id: str | None
    contact_id: str | None

    @classmethod
    def of(cls, lead: Lead) -> Self:
        """What this qualified lead became."""
        return cls.model_validate(lead, from_attributes=True)

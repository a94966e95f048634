"""A lead becomes an opportunity: everything at once, and once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis.money import Money
from chassis.published import Change
from events.sales import LeadQualified
from services.sales.customers.actions import make_customer
from services.sales.customers.model import Origin, Prospect
from services.sales.leads.model import Lead, LeadStatus
from services.sales.opportunities.actions import create_opportunity


def qualify_lead(
    tx: Session,
    lead: Lead,
    *,
    facts: Mapping[str, Any],
    amount: Money | None = None,
    create_customer: bool = False,
    tax_code: str | None = None,
) -> Lead:
    """Open the opportunity that this lead has become, and link the customer who is known, or asked for.

    Without a customer the opportunity carries the lead's person as its prospect. Again changes nothing: the lead says
    what it became the first time. Raises LeadAlreadyDisqualified, UnknownPipeline or UnknownStage.
    """
    if lead.status == LeadStatus.QUALIFIED:
        return lead
    lead.must_be_open()
    change = Change(lead)
    prospect, origin = _prospect_in(lead, tax_code), _origin_of(lead)
    customer = make_customer(tx, prospect, origin)[0] if create_customer else None
    named = {"name": lead.full_name, **{name: value for name, value in facts.items() if value is not None}}
    made = create_opportunity(tx, facts=named, amount=amount, customer=customer, prospect=prospect, origin=origin)
    lead.qualify(opportunity_id=made.id, account_id=made.account_id, contact_id=made.contact_id)
    change.announce(tx, LeadQualified, opportunity_id=made.id, account_id=made.account_id, contact_id=made.contact_id)
    return lead


def _prospect_in(lead: Lead, tax_code: str | None) -> Prospect:
    return {
        "kind": lead.kind,
        "full_name": lead.full_name,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "salutation": lead.salutation,
        "company": lead.company,
        "title": lead.title,
        "tax_code": tax_code,
        "phones": list(lead.phones),
        "emails": list(lead.emails),
    }


def _origin_of(lead: Lead) -> Origin:
    """The lead's first touch goes along, and so does who works on it."""
    return Origin(
        lead_id=lead.id,
        source=lead.source,
        campaign=lead.campaign,
        partner_id=lead.partner_id,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
    )

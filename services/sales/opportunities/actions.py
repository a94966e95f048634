"""What people do with opportunities. Each is called with one that was found as the one who asks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from chassis import records
from chassis.clock import utcnow
from chassis.errors import FieldError, Invalid, NotFound
from chassis.i18n import say
from chassis.money import Money
from chassis.outbox import emit
from chassis.published import Change, set_fields, without_none
from events.sales import (
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
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.customers.actions import hold, make_customer, mark_as_customer
from services.sales.customers.model import Origin, Prospect
from services.sales.customers.queries import known_customer, with_account
from services.sales.opportunities.model import NobodyToSellTo, Opportunity
from services.sales.parties.model import Lifecycle
from services.sales.people.actions import hand_to
from services.sales.pipelines.actions import find_pipeline


class UnknownPipeline(Invalid):
    """There is no such pipeline."""

    code = "unknown_pipeline"


def create_opportunity(
    tx: Session,
    *,
    facts: Mapping[str, Any],
    amount: Money | None = None,
    customer: Account | Contact | None = None,
    prospect: Prospect | None = None,
    origin: Origin,
) -> Opportunity:
    """Somebody may buy something. ``facts`` are columns by name; without pipeline or stage it begins the default one.

    ``customer`` is known already; ``prospect`` is who it is otherwise, and who is linked when we know them after all.
    Raises UnknownPipeline or UnknownStage.
    """
    if prospect is not None and customer is None:
        hold(tx, prospect)
        customer = known_customer(tx, prospect)
    opportunity = Opportunity(**{**origin.facts(), **_begin(tx, with_account(tx, facts))})
    opportunity.owner_id, opportunity.team_id = origin.owner_id, origin.team_id
    opportunity.custom = without_none(opportunity.custom or {})
    opportunity.price(amount or Money(amount=Decimal(0)))
    if customer is not None:
        sell_to(opportunity, customer)
    else:
        opportunity.prospect = prospect
    tx.add(opportunity)
    tx.flush()
    emit(tx, OpportunityCreated(opportunity=opportunity.state()))
    return opportunity


def sell_to(opportunity: Opportunity, customer: Account | Contact) -> None:
    """Link the customer; a contact brings its account along, which is who buys then."""
    if isinstance(customer, Account):
        opportunity.account_id = customer.id
    else:
        opportunity.contact_id, opportunity.account_id = customer.id, customer.account_id


def change_opportunity(
    tx: Session, opportunity: Opportunity, *, facts: Mapping[str, Any], amount: Money | None = None
) -> Opportunity:
    """Set these columns. Saying the same is no change; raises OpportunityAlreadyWon or OpportunityAlreadyLost."""
    opportunity.must_be_open()
    change = Change(opportunity)
    set_fields(opportunity, with_account(tx, facts, opportunity.account_id))
    if amount is not None:
        opportunity.price(amount)
    if tx.is_modified(opportunity):
        change.announce(tx, OpportunityUpdated)
    return opportunity


def advance_opportunity(tx: Session, opportunity: Opportunity, *, stage: str) -> Opportunity:
    """It goes to another stage. Again changes nothing; raises UnknownStage, or says that it was won or lost."""
    opportunity.must_be_open()
    change = Change(opportunity)
    if stage != opportunity.stage and opportunity.advance(find_pipeline(tx, opportunity.pipeline_id).find_stage(stage)):
        change.announce(tx, OpportunityAdvanced)
    return opportunity


def win_opportunity(tx: Session, opportunity: Opportunity) -> Opportunity:
    """They bought. Again changes nothing; raises OpportunityAlreadyLost, NobodyToSellTo or CustomerWasDeleted.

    Of an unknown customer this makes exactly one account or contact, of a known one none; see ``make_customer`` for
    which. What is won a second time, after it was reopened, is no second purchase.
    """
    change = Change(opportunity)
    if not opportunity.win(utcnow()):
        return opportunity
    made = False
    if not opportunity.is_known:
        if opportunity.prospect is None:
            raise NobodyToSellTo(say("Name the customer first."))
        customer, made = make_customer(tx, opportunity.prospect, origin_of(opportunity), lifecycle=Lifecycle.CUSTOMER)
        sell_to(opportunity, customer)
    if not made and not opportunity.won_before:
        mark_as_customer(tx, account_id=opportunity.account_id, contact_id=opportunity.contact_id)
    opportunity.won_before = True
    change.announce(tx, OpportunityWon, new_customer=made)
    return opportunity


def lose_opportunity(tx: Session, opportunity: Opportunity, *, reason: str) -> Opportunity:
    """They did not buy. Again changes nothing; raises OpportunityAlreadyWon."""
    change = Change(opportunity)
    if opportunity.lose(reason, utcnow()):
        change.announce(tx, OpportunityLost)
    return opportunity


def reopen_opportunity(tx: Session, opportunity: Opportunity) -> Opportunity:
    """It is worked on again. One that is open stays as it is."""
    change = Change(opportunity)
    if opportunity.reopen(find_pipeline(tx, opportunity.pipeline_id).get_stage(opportunity.stage)):
        change.announce(tx, OpportunityReopened)
    return opportunity


def assign_opportunity(tx: Session, opportunity: Opportunity, *, owner_id: str) -> Opportunity:
    """Give it to somebody else, who need not be known here yet; raises OwnerNotActive."""
    change = Change(opportunity)
    if hand_to(tx, opportunity, owner_id):
        change.announce(tx, OpportunityAssigned)
    return opportunity


def delete_opportunity(tx: Session, opportunity: Opportunity) -> None:
    """Take it out of lists and reads."""
    change = Change(opportunity)
    records.soft_delete(tx, opportunity)
    change.announce(tx, OpportunityDeleted)


def restore_opportunity(tx: Session, opportunity: Opportunity) -> Opportunity:
    """Bring it back. One that was not deleted stays as it is."""
    change = Change(opportunity)
    if opportunity.deleted_at is not None:
        records.restore(tx, opportunity)
        change.announce(tx, OpportunityRestored)
    return opportunity


def origin_of(opportunity: Opportunity) -> Origin:
    """Where a customer comes from that this opportunity makes: the same first touch, the same owner."""
    return Origin(
        lead_id=opportunity.lead_id,
        source=opportunity.source,
        campaign=opportunity.campaign,
        partner_id=opportunity.partner_id,
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
    )


def _begin(tx: Session, facts: Mapping[str, Any]) -> dict[str, Any]:
    """These columns, with a pipeline, a stage of it and a probability."""
    try:
        pipeline = find_pipeline(tx, facts.get("pipeline_id"))
    except NotFound:
        message = say("There is no such pipeline.")
        raise UnknownPipeline(message, errors=[FieldError("/pipeline_id", message)]) from None
    stage = pipeline.find_stage(facts["stage"]) if facts.get("stage") else pipeline.first_stage()
    likely = {"probability": stage["probability"]}
    return {**likely, **without_none(facts), "pipeline_id": pipeline.id, "stage": stage["key"]}

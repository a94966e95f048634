"""What people do with entitlements, and what a case does to one. Each checks no rights."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.service_desk import EntitlementCreated, EntitlementUpdated
from services.service_desk.entitlements.model import Coverage, Entitlement
from services.service_desk.entitlements.queries import best_entitlement


def create_entitlement(tx: Session, *, facts: Mapping[str, Any], entitlement_id: str | None = None) -> Entitlement:
    """A customer is entitled to service."""
    entitlement = Entitlement(**facts, id=entitlement_id or new_id(), cases_used=0)
    announce_new(tx, entitlement, EntitlementCreated)
    return entitlement


def change_entitlement(tx: Session, entitlement: Entitlement, *, facts: Mapping[str, Any]) -> Entitlement:
    """Other terms. Saying the same is no change."""
    change = Change(entitlement)
    set_fields(entitlement, facts)
    if entitlement.ends_on < entitlement.starts_on:
        message = say("It cannot end before it starts.")
        raise Invalid(message, errors=[FieldError("/ends_on", message)])
    if tx.is_modified(entitlement):
        change.announce(tx, EntitlementUpdated)
    return entitlement


def use_entitlement(
    tx: Session, *, account_id: str | None, contact_id: str | None, product_id: str | None, day: date
) -> tuple[str | None, Coverage]:
    """Count a case on the customer's contract if one covers it; answers which was looked at, and its worth."""
    entitlement, coverage = best_entitlement(
        tx, account_id=account_id, contact_id=contact_id, product_id=product_id, day=day
    )
    if entitlement is not None and coverage == Coverage.COVERED:
        change = Change(entitlement)
        entitlement.use()
        change.announce(tx, EntitlementUpdated)
    return entitlement.id if entitlement else None, coverage

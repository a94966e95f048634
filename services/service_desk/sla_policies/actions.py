"""What people do with service level policies and holidays. Each checks no rights."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis import records
from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from chassis.ids import new_id
from chassis.published import set_fields
from services.service_desk.sla_policies.model import Holiday, SlaPolicy


def create_policy(tx: Session, *, facts: Mapping[str, Any], policy_id: str | None = None) -> SlaPolicy:
    """A new promise, for cases that come in from now on."""
    policy = SlaPolicy(**facts, id=policy_id or new_id())
    tx.add(policy)
    tx.flush()
    return policy


def change_policy(tx: Session, policy: SlaPolicy, *, facts: Mapping[str, Any]) -> SlaPolicy:
    """Set these columns. Saying the same is no change."""
    set_fields(policy, facts, by_key=())
    if policy.first_response_minutes > policy.resolution_minutes:
        message = say("The first response cannot be promised later than the solution.")
        raise Invalid(message, errors=[FieldError("/first_response_minutes", message)])
    tx.flush()
    return policy


def add_holiday(tx: Session, *, facts: Mapping[str, Any], holiday_id: str | None = None) -> Holiday:
    """A day unlike its weekday; one that is there already is a conflict."""
    holiday = Holiday(**facts, id=holiday_id or new_id())
    tx.add(holiday)
    tx.flush()
    return holiday


def remove_holiday(tx: Session, holiday: Holiday) -> None:
    """It is a day like any other."""
    records.soft_delete(tx, holiday)

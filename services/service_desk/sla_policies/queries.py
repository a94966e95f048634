"""Which promise holds for a case, and the lists of policies and holidays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chassis.access import WITH_DELETED
from chassis.filters import Filter
from chassis.paging import Listing
from services.service_desk.sla_policies.model import Holiday, SlaPolicy
from services.service_desk.sla_policies.promise import Promise
from services.service_desk.sla_policies.working_time import WorkingTime

POLICIES = Listing(
    model=SlaPolicy,
    sorts=("created_at", "updated_at", "name"),
    default_sort="name",
    filters={
        "priority": Filter(SlaPolicy.priority),
        "type": Filter(SlaPolicy.type),
        "active": Filter(SlaPolicy.active),
    },
)
HOLIDAYS = Listing(model=Holiday, sorts=("on", "created_at"), default_sort="on", filters={"on": Filter(Holiday.on)})


def promise_for(tx: Session, *, type: str, priority: str, since: datetime) -> Promise | None:
    """The promise of the active policy that says most about such a case, the oldest of several; None without one."""
    fitting = select(SlaPolicy).where(
        SlaPolicy.active.is_(True),
        or_(SlaPolicy.type.is_(None), SlaPolicy.type == type),
        or_(SlaPolicy.priority.is_(None), SlaPolicy.priority == priority),
    )
    found = tx.scalars(fitting).all()
    # A type says more than a priority: a refund is a refund, however urgent.
    best = min(
        found, key=lambda each: (each.type is None, each.priority is None, each.created_at, each.id), default=None
    )
    return _promise(tx, best, since) if best else None


def promise_of(tx: Session, policy_id: str | None, *, since: datetime) -> Promise | None:
    """The promise of this policy as it is now, also of one that is not used for new cases any more."""
    if policy_id is None:
        return None
    policy = tx.get(SlaPolicy, policy_id, execution_options={WITH_DELETED: True})
    return _promise(tx, policy, since) if policy else None


def _promise(tx: Session, policy: SlaPolicy, since: datetime) -> Promise:
    return Promise(
        policy_id=policy.id,
        first_response=timedelta(minutes=policy.first_response_minutes),
        resolution=timedelta(minutes=policy.resolution_minutes),
        hours=WorkingTime(policy.zone, policy.week, _exceptions(holidays_from(tx, since.astimezone(policy.zone)))),
    )


def holidays_from(tx: Session, moment: datetime) -> Sequence[Holiday]:
    """Every holiday from this day on."""
    return tx.scalars(select(Holiday).where(Holiday.on >= moment.date()).order_by(Holiday.on)).all()


def _exceptions(holidays: Sequence[Holiday]) -> dict[date, int | None]:
    return {each.on: None if each.works_like is None else each.works_like - 1 for each in holidays}

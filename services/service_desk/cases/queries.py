"""The published list of cases, and what the clock's job looks for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.caller import Caller
from chassis.clock import utcnow
from chassis.filters import Filter, Special
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.service_desk.cases.model import Case, CaseStatus
from services.service_desk.entitlements.model import Coverage
from services.service_desk.kinds import CaseType, Priority

BREACHES_AT_ONCE = 100


def _overdue(wanted: bool, _caller: Caller) -> ColumnElement[bool]:
    now = utcnow()
    return Case.due_at < now if wanted else Case.due_at.is_(None) | (Case.due_at >= now)


CASES = Listing(
    model=Case,
    sorts=("created_at", "updated_at", "number", "due_at"),
    default_sort="-created_at",
    filters={
        "status": Filter(Case.status, CaseStatus),
        "type": Filter(Case.type, CaseType),
        "priority": Filter(Case.priority, Priority),
        "category": Filter(Case.category),
        "number": Filter(Case.number),
        "account_id": Filter(Case.account_id),
        "contact_id": Filter(Case.contact_id),
        "order_id": Filter(Case.order_id),
        "product_id": Filter(Case.product_id),
        "entitlement_id": Filter(Case.entitlement_id),
        "coverage": Filter(Case.coverage, Coverage),
        "due_at": Filter(Case.due_at),
        "overdue": Special(_overdue, reads=bool, index=Case.due_at),
        "resolution_breached_at": Filter(Case.resolution_breached_at),
        "escalated_at": Filter(Case.escalated_at),
        "merged_into_id": Filter(Case.merged_into_id),
        **owned_filters(Case),
    },
    search=Search(Case, Case.subject),
)


def merged_into(tx: Session, case_id: str) -> Sequence[Case]:
    """The cases that went into this one, whoever owns them."""
    with as_system(tx, "what was said in a merged case is said in the one that goes on"):
        return tx.scalars(select(Case).where(Case.merged_into_id == case_id).order_by(Case.id)).all()


def run_out_cases(tx: Session, at: datetime) -> Sequence[Case]:
    """Some of the cases of which a clock has run out by then unnoticed, locked; those that others hold are left out."""
    chosen = (
        select(Case)
        .where(Case.breach_at <= at)
        .order_by(Case.breach_at, Case.id)
        .limit(BREACHES_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return tx.scalars(chosen).all()

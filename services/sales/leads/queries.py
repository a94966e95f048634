"""Looking for leads: the published list, twins, counts."""

from collections import defaultdict
from collections.abc import Collection
from typing import Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.history import field_history
from chassis.owned_lists import owned_filters
from chassis.paging import Listing
from chassis.search import Search
from services.sales.leads.model import OPEN, Lead, LeadStatus, lead_points

MOST_DUPLICATES = 50


LEADS = Listing(
    model=Lead,
    sorts=("created_at", "updated_at", "full_name"),
    default_sort="-created_at",
    filters={
        "status": Filter(Lead.status, LeadStatus),
        "stage": Filter(Lead.stage),
        "source": Filter(Lead.source),
        "campaign": Filter(Lead.campaign),
        **owned_filters(Lead),
        "partner_id": Filter(Lead.partner_id),
        "contactable": Filter(Lead.contactable),
    },
    search=Search(Lead, Lead.full_name),
)


def duplicates_of(tx: Session, lead: Lead) -> list[Lead]:
    """Other leads that share a phone or an e-mail address with this one, oldest first: those that the asker may see.

    Ambiguous numbers count here, since a person looks at the answer; hotlines and placeholders do not.
    """
    phones = [each["value"] for each in lead.phones if each["identifies"]]
    emails = [each["value"] for each in lead.emails]
    if not phones and not emails:
        return []
    sharing = select(lead_points.c.lead_id).where(
        or_(
            and_(lead_points.c.kind == "phone", lead_points.c.value.in_(phones)),
            and_(lead_points.c.kind == "email", lead_points.c.value.in_(emails)),
        )
    )
    found = select(Lead).where(Lead.id.in_(sharing), Lead.id != lead.id)
    return list(tx.scalars(found.order_by(Lead.first_touch_at, Lead.id).limit(MOST_DUPLICATES)))


def summary(tx: Session, by: Literal["source", "status"]) -> list[tuple[str | None, int]]:
    """How many leads of those that the asker may see have each value, most first."""
    column = Lead.source if by == "source" else Lead.status
    counted = select(column, func.count(Lead.id)).group_by(column)
    return sorted(((value, count) for value, count in tx.execute(counted)), key=lambda row: (-row[1], row[0] or ""))


def written_by_people(tx: Session, lead_ids: Collection[str]) -> dict[str, set[str]]:
    """The fields of each of these leads that a person or a program of ours changed: no submission overwrites them."""
    written: dict[str, set[str]] = defaultdict(set)
    if lead_ids:
        changed = field_history.c
        by_people = or_(changed.changed_by.startswith("user:"), changed.changed_by.startswith("key:"))
        rows = (
            select(changed.record_id, changed.field)
            .where(changed.record_id.in_(lead_ids), changed.record_type == Lead.__noun__, by_people)
            .distinct()
        )
        for lead_id, field in tx.execute(rows):
            written[lead_id].add(field)
    return written


def find_open(tx: Session, lead_ids: Collection[str]) -> list[Lead]:
    """Those of these leads that are still open, locked until the transaction ends."""
    if not lead_ids:
        return []
    chosen = select(Lead).where(Lead.id.in_(sorted(lead_ids)), Lead.status.in_(OPEN)).order_by(Lead.id)
    return list(tx.scalars(chosen.with_for_update().execution_options(populate_existing=True)))

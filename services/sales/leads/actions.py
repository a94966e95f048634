"""What people do with leads. Each loads nothing and checks no rights: its caller found the lead as the one who asks."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import records
from chassis.clock import utcnow
from chassis.database import lock
from chassis.i18n import say
from chassis.ids import new_id
from chassis.outbox import emit
from chassis.published import Change, set_fields, without_none
from events.sales import (
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadDisqualified,
    LeadRestored,
    LeadUpdated,
)
from services.sales.leads.model import Lead, LeadWasMerged, lead_points
from services.sales.names import name_parts
from services.sales.people.actions import hand_to
from services.sales.people.queries import Person, salespeople
from services.sales.points.model import Element, Kind, Point, as_point

_BY_KEY = ("custom", "utm")


def create_lead(
    tx: Session,
    *,
    facts: Mapping[str, Any],
    phones: Sequence[tuple[Point, bool]] = (),
    emails: Sequence[tuple[Point, bool]] = (),
    owner_id: str | None,
    lead_id: str | None = None,
) -> Lead:
    """A lead that a person typed in. ``facts`` are columns by name; without an owner it goes to some salesperson."""
    # The intake looks for twins under the same names, so that one of the two sees the other.
    lock(tx, [point_key(point) for point, _ in (*phones, *emails) if point.matches])
    lead_id = lead_id or new_id()
    if owner_id is None and (seller := assign_new(lead_id, salespeople(tx))) is not None:
        owner_id = seller.id
    now = utcnow()
    columns = {name: without_none(value) if name in _BY_KEY else value for name, value in facts.items()}
    lead = Lead(**columns, id=lead_id, created_at=now, updated_at=now, first_touch_at=now)
    if facts.get("kind") != "company":
        lead.full_name, lead.first_name, lead.last_name = name_parts(lead.full_name, lead.first_name, lead.last_name)
    lead.phones, lead.emails = [], []
    lead.replace_points("phone", list(phones))
    lead.replace_points("email", list(emails))
    if owner_id is not None:
        hand_to(tx, lead, owner_id)
    tx.add(lead)
    tx.flush()
    index_points(tx, lead)
    emit(tx, LeadCreated(lead=lead.state()))
    return lead


def change_lead(
    tx: Session,
    lead: Lead,
    *,
    facts: Mapping[str, Any],
    phones: Sequence[tuple[Point, bool]] | None = None,
    emails: Sequence[tuple[Point, bool]] | None = None,
) -> Lead:
    """Set these columns; ``custom`` and ``utm`` merge per key, None takes a key away. Saying the same is no change.

    Raises LeadAlreadyQualified: from then on work goes on in the opportunity.
    """
    lead.must_not_be_qualified()
    change = Change(lead)
    set_fields(lead, facts, by_key=_BY_KEY)
    if "full_name" in facts and not {"first_name", "last_name"} & facts.keys():
        _, first_name, last_name = name_parts(lead.full_name)
        lead.first_name, lead.last_name = (first_name, last_name) if lead.kind == "person" else (None, None)
    for kind, points in (("phone", phones), ("email", emails)):
        if points is not None:
            lead.replace_points(kind, list(points))  # type: ignore[arg-type]
    if tx.is_modified(lead):
        if phones is not None or emails is not None:
            index_points(tx, lead)
        change.announce(tx, LeadUpdated)
    return lead


def add_point(tx: Session, lead: Lead, point: Point, *, primary: bool) -> Element:
    """One more way to reach this person; one that is known changes nothing but which is primary."""
    lead.must_not_be_qualified()
    change = Change(lead)
    added = lead.add_point(point, primary=primary)
    if tx.is_modified(lead):
        index_points(tx, lead)
        change.announce(tx, LeadUpdated)
    return added


def remove_point(tx: Session, lead: Lead, kind: Kind, element_id: str) -> None:
    """One way less to reach this person; raises NotFound when it is not there."""
    lead.must_not_be_qualified()
    change = Change(lead)
    lead.remove_point(kind, element_id)
    index_points(tx, lead)
    change.announce(tx, LeadUpdated)


def contact_lead(tx: Session, lead: Lead) -> Lead:
    """Somebody reached the person. Again changes nothing; raises LeadAlreadyDisqualified or LeadAlreadyQualified."""
    change = Change(lead)
    if lead.contact(utcnow()):
        change.announce(tx, LeadContacted)
    return lead


def disqualify_lead(tx: Session, lead: Lead, *, reason: str) -> Lead:
    """It will not become a customer. Again changes nothing; raises LeadAlreadyQualified."""
    change = Change(lead)
    if lead.disqualify(reason):
        change.announce(tx, LeadDisqualified)
    return lead


def assign_lead(tx: Session, lead: Lead, *, owner_id: str) -> Lead:
    """Give it to somebody else, who need not be known here yet; raises OwnerNotActive."""
    change = Change(lead)
    if hand_to(tx, lead, owner_id):
        change.announce(tx, LeadAssigned)
    return lead


def delete_lead(tx: Session, lead: Lead) -> None:
    """Take it out of lists and reads; what its person sends from now on makes a new lead.

    Raises LeadAlreadyQualified: an opportunity, and perhaps a customer, come from it.
    """
    lead.must_not_be_qualified()
    change = Change(lead)
    records.soft_delete(tx, lead)
    change.announce(tx, LeadDeleted)


def restore_lead(tx: Session, lead: Lead) -> Lead:
    """Bring it back. One that was not deleted stays as it is; raises LeadWasMerged for one that went into another."""
    if lead.merged_into is not None:
        raise LeadWasMerged(say("This lead was the same person as another one and went into it."))
    change = Change(lead)
    if lead.deleted_at is not None:
        records.restore(tx, lead)
        change.announce(tx, LeadRestored)
    return lead


def assign_new(lead_id: str, sellers: Sequence[Person]) -> Person | None:
    """Who gets a new lead: an even share each, the same answer whenever it is asked, and no counter to queue for."""
    return sellers[crc32(lead_id.encode()) % len(sellers)] if sellers else None


def point_key(point: Point) -> str:
    """The name under which a contact point is locked."""
    return f"lead {point.kind} {point.value}"


def index_points(tx: Session, lead: Lead) -> None:
    """Let the look-up for twins know the contact points that this lead has now."""
    tx.flush()
    rows = [
        {"lead_id": lead.id, "kind": point.kind, "value": point.value, "ambiguous": point.ambiguous}
        for point in map(as_point, (*lead.phones, *lead.emails))
        if point.identifies
    ]
    # A phone and an e-mail address are never spelled alike, so the value says enough.
    gone = lead_points.c.value.not_in([row["value"] for row in rows])
    tx.execute(delete(lead_points).where(lead_points.c.lead_id == lead.id, gone))
    if rows:
        insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
        tx.execute(insert(lead_points).on_conflict_do_nothing(), rows)

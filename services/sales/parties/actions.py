"""What people do with accounts and contacts alike. Each is called with a record found as the one who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import records
from chassis.database import lock
from chassis.event import Event
from chassis.outbox import emit
from chassis.published import Change, set_fields, without_none
from events.sales import (
    AccountAssigned,
    AccountCreated,
    AccountDeleted,
    AccountRestored,
    AccountUpdated,
    ContactAssigned,
    ContactCreated,
    ContactDeleted,
    ContactRestored,
    ContactUpdated,
)
from services.sales.parties.model import Party, Place, customer_points
from services.sales.people.actions import hand_to
from services.sales.people.queries import Person
from services.sales.points.model import Element, Kind, Point

P = TypeVar("P", bound=Party)
Points = Sequence[tuple[Point, bool]]
Addresses = Sequence[Mapping[str, str | None]]


@dataclass(slots=True, frozen=True)
class _Announced:
    created: type[Event]
    updated: type[Event]
    assigned: type[Event]
    deleted: type[Event]
    restored: type[Event]


EVENTS = {
    "account": _Announced(AccountCreated, AccountUpdated, AccountAssigned, AccountDeleted, AccountRestored),
    "contact": _Announced(ContactCreated, ContactUpdated, ContactAssigned, ContactDeleted, ContactRestored),
}


def point_key(kind: str, value: str) -> str:
    """The name under which whatever tells one customer from another is locked: ``phone``, ``email`` or ``tax``."""
    return f"customer {kind} {value}"


def create(
    tx: Session,
    party: P,
    *,
    phones: Points = (),
    emails: Points = (),
    addresses: Addresses = (),
    owner: Person | None,
    tax_code: str | None = None,
) -> P:
    """Store a new account or contact with these points, addresses and owner, and announce it.

    Winning looks for customers under the same names, so that one of the two sees the other.
    """
    keys = [point_key(point.kind, point.value) for point, _ in (*phones, *emails) if point.matches]
    lock(tx, [*keys, *([point_key("tax", tax_code)] if tax_code else [])])
    party.phones, party.emails, party.addresses = [], [], []
    party.custom = without_none(party.custom or {})
    party.replace_points("phone", list(phones))
    party.replace_points("email", list(emails))
    party.place_at(addresses)
    if owner is not None:
        party.owner_id, party.team_id = owner.id, owner.team_id
    tx.add(party)
    index_points(tx, party)
    told: Any = EVENTS[party.__noun__].created
    emit(tx, told(**{party.__noun__: party.state()}))
    return party


def change(
    tx: Session,
    party: P,
    facts: Mapping[str, Any],
    *,
    phones: Points | None = None,
    emails: Points | None = None,
    addresses: Addresses | None = None,
) -> P:
    """Set these columns; ``custom`` merges per key, lists are replaced whole. Saying the same is no change."""
    change = Change(party)
    set_fields(party, facts)
    if phones is not None:
        party.replace_points("phone", list(phones))
    if emails is not None:
        party.replace_points("email", list(emails))
    if addresses is not None:
        party.place_at(addresses)
    return _store(tx, party, change)


def add_point(tx: Session, party: Party, point: Point, *, primary: bool) -> Element:
    """One more way to reach it; one that is known changes nothing but which is primary."""
    change = Change(party)
    added = party.add_point(point, primary=primary)
    _store(tx, party, change)
    return added


def remove_point(tx: Session, party: Party, kind: Kind, element_id: str) -> None:
    """One way less to reach it; raises NotFound when it is not there."""
    change = Change(party)
    party.remove_point(kind, element_id)
    _store(tx, party, change)


def add_address(tx: Session, party: Party, address: Mapping[str, str | None]) -> Place:
    """One more place where they are; one that is known changes nothing."""
    change = Change(party)
    added = party.add_address(address)
    _store(tx, party, change)
    return added


def remove_address(tx: Session, party: Party, address_id: str) -> None:
    """One place less; raises NotFound when it is not there."""
    change = Change(party)
    party.remove_address(address_id)
    _store(tx, party, change)


def assign(tx: Session, party: P, *, owner_id: str) -> P:
    """Give it to somebody else, who need not be known here yet; raises OwnerNotActive."""
    change = Change(party)
    if hand_to(tx, party, owner_id):
        change.announce(tx, EVENTS[party.__noun__].assigned)
    return party


def remove(tx: Session, party: Party) -> None:
    """Take it out of lists and reads; it is no known customer until it is restored."""
    change = Change(party)
    records.soft_delete(tx, party)
    change.announce(tx, EVENTS[party.__noun__].deleted)


def restore(tx: Session, party: P) -> P:
    """Bring it back. One that was not deleted stays as it is."""
    change = Change(party)
    if party.deleted_at is not None:
        records.restore(tx, party)
        change.announce(tx, EVENTS[party.__noun__].restored)
    return party


def index_points(tx: Session, party: Party) -> None:
    """Let the look-up of customers know the contact points that this one has now."""
    tx.flush()
    of_this = {"noun": party.__noun__, "record_id": party.id}
    rows = [
        {**of_this, "kind": point.kind, "value": point.value, "ambiguous": point.ambiguous}
        for point in party.all_points
        if point.identifies
    ]
    points = customer_points.c
    mine = (points.noun == party.__noun__, points.record_id == party.id)
    tx.execute(delete(customer_points).where(*mine, points.value.not_in([row["value"] for row in rows])))
    if rows:
        insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
        tx.execute(insert(customer_points).on_conflict_do_nothing(), rows)


def _store(tx: Session, party: P, change: Change) -> P:
    if tx.is_modified(party):
        index_points(tx, party)
        change.announce(tx, EVENTS[party.__noun__].updated)
    return party

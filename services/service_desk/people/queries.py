"""Who works here."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from services.service_desk.people.model import people


class OwnerNotActive(Conflict):
    """This person no longer works here."""

    code = "owner_not_active"


@dataclass(slots=True, frozen=True)
class Person:
    """Somebody who can own cases. ``team_id`` is the first of their teams."""

    id: str
    team_id: str | None = None
    manager_id: str | None = None
    active: bool = True


def get_person(tx: Session, person_id: str) -> Person | None:
    """The person with this id; None when the gateway has not announced such a one yet."""
    row = tx.execute(select(people).where(people.c.id == person_id)).one_or_none()
    return Person(row.id, row.team_id, row.manager_id, row.active) if row else None


def find_owner(tx: Session, owner_id: str) -> Person:
    """The person of this id, without a team while the gateway has not announced them; raises OwnerNotActive."""
    person = get_person(tx, owner_id)
    if person is not None and not person.active:
        raise OwnerNotActive(say("This person no longer works here."))
    return person or Person(owner_id)


def names_of(tx: Session, ids: Collection[str]) -> dict[str, str]:
    """What those of these people are called that are known here."""
    if not ids:
        return {}
    return {row.id: row.name for row in tx.execute(select(people).where(people.c.id.in_(sorted(ids))))}

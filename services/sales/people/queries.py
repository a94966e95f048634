"""Who works here."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from services.sales.people.model import people


class OwnerNotActive(Conflict):
    """This person no longer works here."""

    code = "owner_not_active"


@dataclass(slots=True, frozen=True)
class Person:
    """Somebody who can own leads. ``team_id`` is the first of their teams."""

    id: str
    team_id: str | None
    active: bool = True


def salespeople(tx: Session) -> list[Person]:
    """Everybody whom new leads are handed to, in the order of their ids."""
    chosen = select(people.c.id, people.c.team_id).where(people.c.takes_leads.is_(True)).order_by(people.c.id)
    return [Person(row.id, row.team_id) for row in tx.execute(chosen)]


def get_person(tx: Session, person_id: str) -> Person | None:
    """The person with this id; None when the gateway has not announced such a one yet."""
    chosen = select(people.c.id, people.c.team_id, people.c.active).where(people.c.id == person_id)
    row = tx.execute(chosen).one_or_none()
    return Person(row.id, row.team_id, row.active) if row else None


def name_of(tx: Session, person_id: str) -> str | None:
    """What this person is called; None when nobody has announced them."""
    return tx.scalar(select(people.c.name).where(people.c.id == person_id))


def find_owner(tx: Session, owner_id: str) -> Person:
    """The person of this id, without a team while the gateway has not announced them; raises OwnerNotActive."""
    person = get_person(tx, owner_id)
    if person is not None and not person.active:
        raise OwnerNotActive(say("This person no longer works here."))
    return person or Person(owner_id, None)


def get_owner(tx: Session, owner_id: str | None) -> Person | None:
    """Who is to own a new record; None when nobody is. Raises OwnerNotActive."""
    return find_owner(tx, owner_id) if owner_id else None

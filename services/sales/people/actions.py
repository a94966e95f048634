"""Keeping the copy of the gateway's users up to date, and giving them records."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.access import Owned
from events.gateway import UserState
from services.sales.people.model import people
from services.sales.people.queries import find_owner

TAKES_LEADS = "salesperson"


def note_person(tx: Session, user: UserState, *, active: bool) -> None:
    """Store how this user is now, whether or not we knew them."""
    row = {
        "id": user.id,
        "name": user.name[:300],
        "roles": list(user.roles),
        "team_id": user.team_ids[0] if user.team_ids else None,
        "active": active,
        "takes_leads": active and TAKES_LEADS in user.roles,
    }
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(people)
    known = {name: upsert.excluded[name] for name in row if name != "id"}
    tx.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=known), row)


def hand_to(tx: Session, record: Owned, owner_id: str) -> bool:
    """This person, who need not be known here yet, works on it from now on; False when they did before.

    Raises OwnerNotActive.
    """
    owner = find_owner(tx, owner_id)
    if record.owner_id == owner.id:
        return False
    record.owner_id, record.team_id = owner.id, owner.team_id
    return True

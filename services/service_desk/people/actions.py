"""Keeping the copy of the gateway's users up to date, and giving them cases."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.access import Owned
from events.gateway import UserState
from services.service_desk.people.model import people
from services.service_desk.people.queries import find_owner


def note_person(tx: Session, user: UserState, *, active: bool) -> None:
    """Store how this user is now, whether or not we knew them."""
    row = {
        "id": user.id,
        "name": user.name[:300],
        "team_id": user.team_ids[0] if user.team_ids else None,
        "manager_id": user.manager_id,
        "active": active,
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

"""Keeping the names of those who act."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.activities.people.model import people


def note_name(tx: Session, person_id: str, name: str) -> None:
    """Store what this user or partner is called now."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(people)
    row = {"id": person_id, "name": name[:300]}
    tx.execute(upsert.on_conflict_do_update(index_elements=["id"], set_={"name": upsert.excluded.name}), row)

"""Keeping the names and owners of others' records up to date."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.service_desk.records.model import records

_NAMES = {"account": "name", "contact": "full_name", "order": "number", "product": "name"}


def note_record(tx: Session, ref: str, state: Mapping[str, Any], *, deleted: bool) -> None:
    """Store what this record is called now, and whose it is."""
    noun = ref.partition(":")[0]
    row = {
        "ref": ref,
        "name": str(state[_NAMES[noun]])[:300],
        "account_id": state.get("account_id") if noun == "contact" else None,
        "owner_id": state.get("owner_id"),
        "team_id": state.get("team_id"),
        "deleted": deleted,
    }
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(records)
    known = {name: upsert.excluded[name] for name in row if name != "ref"}
    tx.execute(upsert.on_conflict_do_update(index_elements=["ref"], set_=known), row)

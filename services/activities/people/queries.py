"""What people are called."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.activities.people.model import people


def names_of(tx: Session, ids: Collection[str]) -> dict[str, str]:
    """The names of those of these users and partners that are known here."""
    if not ids:
        return {}
    return {row.id: row.name for row in tx.execute(select(people).where(people.c.id.in_(sorted(ids))))}

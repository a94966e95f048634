"""Whether somebody may read a record, and whose stories are part of its own."""

from sqlalchemy import CTE, String, cast, literal, select
from sqlalchemy.orm import Session

from chassis.access import System, access_of
from chassis.errors import NotFound
from events.links import noun_of
from services.activities.records.model import Reference, links, records


def must_be_readable(tx: Session, ref: str) -> None:
    """Raise NotFound for a record that is unknown here, deleted, or not the asker's to read: they look alike."""
    row = tx.execute(select(records).where(records.c.ref == ref)).one_or_none()
    if row is None or row.deleted:
        raise NotFound()
    access = access_of(tx)
    if not isinstance(access, System) and not access.reaches(noun_of(ref), row.owner_id, row.team_id, "read"):
        raise NotFound()


def story_of(ref: str) -> CTE:
    """The record itself and every record below it, as a table with the one column ``ref``."""
    # Both halves need the very same type, or PostgreSQL refuses the recursion.
    story = select(cast(literal(ref, String), Reference).label("ref")).cte("story", recursive=True)
    return story.union(select(links.c.child).join(story, links.c.parent == story.c.ref))

"""Reading a record's timeline, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.cursors import Key, beyond, binding_of, read_cursor, read_position, write_cursor
from services.activities.activities.queries import words_of
from services.activities.people.queries import names_of
from services.activities.records.queries import must_be_readable, story_of
from services.activities.timeline.model import entries

_KEYS = (Key(entries.c.at, True, False), Key(entries.c.event_id, True, False))

# Of these ids the gateway tells names.
_NAMED = ("user:", "partner:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``words`` is what an activity is called, ``name`` who acted; each None when there is none."""

    event_id: str
    subject: str
    at: datetime
    type: str
    actor: str | None
    details: dict[str, Any]
    words: str | None
    name: str | None


def read_timeline(tx: Session, ref: str, *, limit: int, cursor: str | None) -> tuple[list[Entry], str | None]:
    """A page of what happened to this record and to all that belongs to it, and the cursor of the next page.

    Raises NotFound for a record that the asker may not read, InvalidCursor for a cursor of another timeline.
    """
    must_be_readable(tx, ref)
    binding = binding_of("timeline", "", ref, ())
    story = story_of(ref)
    # The index alone finds and sorts the ids; only the rows of this page are fetched.
    found = select(entries.c.at, entries.c.event_id).join(story, entries.c.subject == story.c.ref)
    if cursor is not None:
        found = found.where(beyond(_KEYS, read_position(_KEYS, read_cursor(cursor, binding))))
    keys = tx.execute(found.order_by(*(key.ordered() for key in _KEYS)).limit(limit + 1)).all()
    shown = keys[:limit]
    next_cursor = write_cursor(binding, [shown[-1].at, shown[-1].event_id]) if len(keys) > limit else None
    return _entries(tx, [row.event_id for row in shown]), next_cursor


def _entries(tx: Session, ids: Sequence[str]) -> list[Entry]:
    rows = {row.event_id: row for row in tx.execute(select(entries).where(entries.c.event_id.in_(ids)))}
    in_order = [rows[each] for each in ids]
    words = words_of(tx, {_id_of(row.subject) for row in in_order if row.subject.startswith("activity:")})
    names = names_of(tx, {_id_of(row.actor) for row in in_order if row.actor and row.actor.startswith(_NAMED)})
    return [
        Entry(
            row.event_id,
            row.subject,
            row.at,
            row.type,
            row.actor,
            row.details,
            words.get(_id_of(row.subject)),
            names.get(_id_of(row.actor or "")),
        )
        for row in in_order
    ]


def _id_of(reference: str) -> str:
    return reference.rpartition(":")[2]

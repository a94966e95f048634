"""A timeline as people read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from chassis.http import View
from chassis.i18n import Catalogue
from events.links import noun_of
from services.activities.timeline.queries import Entry
from services.activities.timeline.sentences import sentence

Who = Literal["user", "system", "partner", "customer"]
_WHO: dict[str, Who] = {"user": "user", "partner": "partner", "public": "customer", "customer": "customer"}


class ActorView(View):
    """Who acted. A program of ours, or one with a key, is the system; whoever fills in a public form a customer."""

    kind: Who
    id: str | None
    name: str | None


class RecordRef(View):
    """A record to click on."""

    type: str
    id: str


class EntryView(View):
    """``what`` is a sentence in the reader's language. ``related`` are further records that the event names."""

    id: str
    at: datetime
    type: str
    what: str
    actor: ActorView
    subject: RecordRef
    related: list[RecordRef]
    changed: list[str]


class TimelineView(View):
    """What happened, newest first."""

    regarding: RecordRef
    items: list[EntryView]
    next_cursor: str | None


def entry_view(entry: Entry, catalogue: Catalogue, language: str) -> EntryView:
    """This entry for a reader of that language."""
    return EntryView(
        id=entry.event_id,
        at=entry.at,
        type=entry.type,
        what=sentence(entry.type, _values(entry), catalogue, language),
        actor=_actor(entry),
        subject=reference(entry.subject),
        related=[reference(ref) for ref in entry.details.get("related", ())],
        changed=entry.details.get("changed", []),
    )


def reference(ref: str) -> RecordRef:
    """``lead:<id>`` in two parts."""
    return RecordRef(type=noun_of(ref), id=ref.rpartition(":")[2])


def _values(entry: Entry) -> Mapping[str, Any]:
    return entry.details | {"words": entry.words}


def _actor(entry: Entry) -> ActorView:
    kind, _, identity = (entry.actor or "").partition(":")
    who = _WHO.get(kind, "system")
    return ActorView(kind=who, id=identity if who in ("user", "partner") else None, name=entry.name)

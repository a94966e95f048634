"""What a reader of the feed asks for and gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chassis.errors import FieldError, Invalid
from chassis.event import decode
from chassis.http import View
from chassis.i18n import say
from services.channels.feed.journeys import Journey, Leg
from services.channels.feed.queries import Reading

MOST_TYPES = 50


class FeedPage(View):
    """Events as CloudEvents JSON, oldest first. Ask again with ``after=next_cursor``, also when there was nothing."""

    items: list[dict[str, Any]]
    next_cursor: str


class LegView(View):
    """One event without what it says: what happened to which record, when, by whom, and because of which event."""

    position: int
    id: str
    type: str
    source: str
    subject: str
    sequence: int
    time: datetime
    correlation_id: str
    causation_id: str | None
    actor: str | None

    @classmethod
    def of(cls, leg: Leg) -> Self:
        """This event."""
        envelope = leg.envelope
        return cls(position=leg.position, **{name: getattr(envelope, name) for name in _SHOWN_OF_LEG})


_SHOWN_OF_LEG = ("id", "type", "source", "subject", "sequence", "time", "correlation_id", "causation_id", "actor")


class JourneyEvents(View):
    """Part of a journey, oldest first. ``subjects``: all records that it is about, when one of them was asked for."""

    items: list[LegView]
    subjects: list[str]
    next_cursor: str | None

    @classmethod
    def of(cls, journey: Journey) -> Self:
        """This part."""
        cursor = str(journey.legs[-1].position) if journey.more else None
        return cls(items=[LegView.of(leg) for leg in journey.legs], subjects=journey.subjects, next_cursor=cursor)


class LatestEvents(View):
    """Events without what they say, oldest first. Ask again with ``after=next_cursor``."""

    items: list[LegView]
    next_cursor: str

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """These events."""
        legs = [Leg(event.position, decode(event.envelope)) for event in reading.events]
        return cls(items=[LegView.of(leg) for leg in legs], next_cursor=str(reading.cursor))


class LatestJourney(View):
    """The first event and the last ones of a request; ``is_whole`` when there are no others between them."""

    correlation_id: str
    items: list[LegView]
    is_whole: bool


class LatestJourneys(View):
    """The requests that were spoken of last, newest first."""

    items: list[LatestJourney]

    @classmethod
    def of(cls, journeys: Mapping[str, Journey]) -> Self:
        """These journeys."""
        found = [
            LatestJourney(
                correlation_id=name, items=[LegView.of(leg) for leg in journey.legs], is_whole=not journey.more
            )
            for name, journey in journeys.items()
        ]
        return cls(items=found)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the feed: beyond position ``after`` (None: not said), of these types, about this subject."""

    after: int | None
    types: tuple[str, ...]
    subject: str | None


def read_wanted(after: str | None, types: str | None, subject: str | None) -> Wanted:
    """What was asked; raises Invalid that names the parameter."""
    patterns = tuple(each.strip() for each in types.split(",")) if types else ()
    if len(patterns) > MOST_TYPES:
        raise _wrong("types", say("At most {limit} values.", limit=MOST_TYPES))
    if not all(patterns) or any("*" in each.removesuffix("*") for each in patterns if each != "*"):
        raise _wrong("types", say("Give event types, or beginnings of them such as sales.*, separated by commas."))
    if any(each.endswith("*") and not each.endswith(".*") and each != "*" for each in patterns):
        raise _wrong("types", say("Give event types, or beginnings of them such as sales.*, separated by commas."))
    return Wanted(_position(after) if after else None, patterns, subject)


def read_after(cursor: str | None, name: str = "cursor") -> int:
    """The position in a journey's cursor, 0 without one; raises Invalid that names the parameter."""
    return _position(cursor, name) if cursor else 0


def _position(cursor: str, name: str = "after") -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise _wrong(name, say("This is no cursor of the feed."))
    return int(cursor)


def as_json(reading: Reading) -> bytes:
    """A page. The envelopes are JSON already."""
    items = ",".join(event.envelope for event in reading.events)
    return f'{{"items":[{items}],"next_cursor":"{reading.cursor}"}}'.encode()


def as_stream(reading: Reading) -> str:
    """Server-sent events; the id of each is the cursor behind it."""
    # JSON text holds no line end, so one data line is enough.
    return "".join(f"id: {event.position}\ndata: {event.envelope}\n\n" for event in reading.events)


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(f"?{name}", message)])

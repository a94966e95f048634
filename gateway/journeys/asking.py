"""Asking everybody about a journey: channels for the events, each service for what became of them there."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from chassis.errors import Invalid, Unavailable
from gateway.proxy.asking import Headers, ask
from gateway.proxy.neighbours import Neighbours
from gateway.proxy.routing import API

FEED = "channels"
_EVENTS = API + "/events/journey"
_LATEST = API + "/events/journeys"
_WITHIN_S = 5.0


@dataclass
class Told:
    """What each part said: ``events`` of the feed, ``footprints`` by service; ``parts`` says who answered."""

    events: list[dict[str, Any]] = field(default_factory=list)
    next_cursor: str | None = None
    footprints: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


@dataclass
class Latest:
    """The newest journeys as the feed tells them, newest first, and what became of their events by service."""

    journeys: list[dict[str, Any]]
    footprints: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


async def ask_latest(neighbours: Neighbours, limit: int, headers: Headers) -> Latest:
    """The requests spoken of last, and what became of their events; raises Unavailable while the feed is away."""
    names = [await neighbours.name(number) for number in range(len(neighbours.apps))]
    if FEED not in names:
        raise Unavailable()
    feed = neighbours.apps[names.index(FEED)]
    status, page = await ask(feed, _LATEST, within_s=_WITHIN_S, headers=headers, query=urlencode({"limit": limit}))
    if status != 200:
        raise Unavailable()
    events = [event for journey in page["items"] for event in journey["items"]]
    question = {
        "events": [{"id": event["id"], "type": event["type"]} for event in events],
        "correlation_ids": [journey["correlation_id"] for journey in page["items"]],
    }
    answers = await asyncio.gather(
        *(ask(app, "/trail", within_s=_WITHIN_S, headers=headers, content=question) for app in neighbours.apps)
    )
    latest = Latest(page["items"])
    for number, (status, answer) in enumerate(answers):
        name = names[number] or " ".join(neighbours.prefixes[number])
        latest.parts[name] = "ok" if status == 200 else "unavailable"
        if status == 200:
            latest.footprints[name] = answer
    return latest


async def ask_everybody(neighbours: Neighbours, query: Mapping[str, Any], headers: Headers) -> Told:
    """A page of a journey from all who know of it. Whoever does not answer is named; raises Invalid for a bad query."""
    told = Told()
    page: dict[str, Any]
    names = [await neighbours.name(number) for number in range(len(neighbours.apps))]
    subjects: Sequence[str] = ()
    status, page = 503, {}
    if FEED in names:
        app = neighbours.apps[names.index(FEED)]
        status, page = await ask(app, _EVENTS, within_s=_WITHIN_S, headers=headers, query=urlencode(query))
    match status:
        case 200:
            told.events, told.next_cursor, subjects = page["items"], page["next_cursor"], page["subjects"]
            told.parts[FEED] = "ok"
        case 422:
            raise Invalid(page["detail"])
        case _:
            told.parts["feed"] = "unavailable"
    question = {
        "events": [{"id": event["id"], "type": event["type"]} for event in told.events],
        # What is not in the feed yet belongs at the end, so behind the last page.
        "correlation_ids": [query["correlation_id"]] if "correlation_id" in query else [],
        "subjects": list(subjects)[:500] if told.next_cursor is None else [],
    }
    answers = await asyncio.gather(
        *(ask(app, "/trail", within_s=_WITHIN_S, headers=headers, content=question) for app in neighbours.apps)
    )
    for number, (status, answer) in enumerate(answers):
        name = names[number] or " ".join(neighbours.prefixes[number])
        if status == 200:
            told.footprints[name] = answer
        told.parts[name] = "ok" if status == 200 else "unavailable"
    if not told.footprints and told.parts.get(FEED) != "ok":
        raise Unavailable()
    return told

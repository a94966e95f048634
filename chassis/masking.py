"""What operators may see of events and calls that are stuck: what happened to which record, nothing about people."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from pydantic import ValidationError

from chassis.event import Event
from chassis.parked_rows import Parked
from chassis.personal import redact
from chassis.service import Service

HIDDEN = "•••"
_SHORTEST = 2
_WORD = re.compile(r"\w+")
_ID = re.compile(r"(?:[a-z_]+:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?")
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+|(?<![\w-])(?:\+84|0)\d(?:[ .-]?\d){7,9}(?![\w-])")


def event_classes(service: Service) -> Mapping[str, type[Event]]:
    """The event types that this service's manifest names."""
    heard = [event for reaction in service.reactions for event in reaction.to]
    return {event.type: event for event in (*heard, *service.emits)}


def masked(parked: Parked, service: Service) -> Parked:
    """The same with everything personal blanked, also where the reason repeats it.

    Of an event whose type or shape this service does not know, and of a call, only ids and times are left.
    """
    try:
        wire = orjson.loads(parked.body)
    except orjson.JSONDecodeError:
        wire, shown = None, {"hidden": f"{len(parked.body)} characters"} if parked.body else {}
        return replace(parked, body=_written(shown), reason=_scrubbed(parked.reason, set(_WORD.findall(parked.body))))
    is_event = parked.kind in ("inbox", "outbox") and isinstance(wire, dict)
    shown = _event(wire, event_classes(service)) if is_event else _values_hidden(wire)
    gone = set(_texts(wire)) - set(_texts(shown))
    return replace(parked, body=_written(shown), reason=_scrubbed(parked.reason, gone))


def _event(wire: dict[str, Any], known: Mapping[str, type[Event]]) -> dict[str, Any]:
    data, event_class = wire.get("data"), known.get(str(wire.get("type")))
    return {**wire, "data": _data(data, event_class)}


def _data(data: Any, event_class: type[Event] | None) -> Any:
    if event_class is None or not isinstance(data, dict):
        return _values_hidden(data)
    try:
        event_class.model_validate(data)
    except ValidationError:  # what stands in it is not what the marks are about
        return _values_hidden(data)
    return redact(data, event_class)


def _values_hidden(value: Any) -> Any:
    match value:
        case dict():
            return {name: _values_hidden(each) for name, each in value.items()}
        case list():
            return [_values_hidden(each) for each in value]
        case str() if not (_ID.fullmatch(value) or _TIME.fullmatch(value)):
            return HIDDEN
        case bool() | None | str():
            return value
        case _:
            return HIDDEN


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case str():
            yield value


def _scrubbed(reason: str, gone: Any) -> str:
    for text in sorted(gone, key=len, reverse=True):
        if len(text) >= _SHORTEST:
            reason = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", HIDDEN, reason)
    return _ADDRESS.sub(HIDDEN, reason)


def _written(value: Any) -> str:
    return orjson.dumps(value).decode()

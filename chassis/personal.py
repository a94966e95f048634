"""What stored events say about a person: which fields, how they are blanked, and how a person is erased from them."""

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Union, cast, get_args, get_origin

import orjson
from pydantic import BaseModel
from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from chassis.event import Event, PersonalMark
from chassis.inbox import inbox
from chassis.outbox import outbox

ERASED = "(erased)"
_EACH = "*"
_COLLECTIONS = (list, tuple, set, frozenset)

Path = tuple[str, ...]


def personal_fields(event_class: type[Event]) -> frozenset[str]:
    """The paths of the fields marked Personal, such as ``lead.full_name``; ``*`` stands for each element."""
    return frozenset(".".join(path) for path, _ in _spots_of(event_class))


def redact(data: Mapping[str, Any], event_class: type[Event]) -> dict[str, Any]:
    """An event's data with everything personal blanked, and still readable as that event.

    A field that may be null becomes null, a list becomes empty, any other text ``(erased)``. Where the event has a
    ``changed``, the old and new values of personal fields go too.
    """
    blank = cast(dict[str, Any], orjson.loads(orjson.dumps(data)))
    spots = _spots_of(event_class)
    for path, value in spots:
        _put(blank, path, value)
    names = {next(step for step in reversed(path) if step != _EACH) for path, _ in spots}
    # What is personal inside a field of the subject, such as the line of an address, changes with the whole field.
    names |= {path[1] for path, _ in spots if len(path) > 1}
    changed = blank.get("changed")
    if isinstance(changed, dict):
        changed.update((name, [None, None]) for name in changed.keys() & names)
    return blank


def mask_phone(phone: str) -> str:
    """Only the last three digits: ``•••••••678``. What is that short is hidden whole."""
    digits = "".join(each for each in phone if each.isdigit())
    return "•••••••" + (digits[-3:] if len(digits) > 5 else "")


def mask_email(address: str) -> str:
    """Its first letter and its domain: ``a•••@example.com``."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••{at}{domain}" if at else "•••"


def erase_person(tx: Session, person_ref: str, registry: Mapping[str, type[Event]]) -> int:
    """Blank every event in this service's outbox and inbox that lists this person (``lead:<id>``); answers how many.

    Ids, subjects and sequences stay, so that order holds and a replay finds nothing missing. An event that names
    several people loses what it says about all of them; one of a type that ``registry`` does not know loses all data.
    """
    return sum(erase_from(tx, table.c.envelope, person_ref, registry) for table in (outbox, inbox))


def erase_from(tx: Session, column: Column[Any], person_ref: str, registry: Mapping[str, type[Event]]) -> int:
    """``erase_person`` for any column that holds envelopes as JSON text."""
    table = column.table
    assert isinstance(table, Table)
    keys = list(table.primary_key.columns)
    naming = select(*keys, column).where(column.contains(person_ref, autoescape=True))
    erased = 0
    for *key, stored in tx.execute(naming).all():
        blank = _without(stored, person_ref, registry)
        if blank is None:
            continue
        here = [part == value for part, value in zip(keys, key, strict=True)]
        tx.execute(update(table).where(*here).values({column: blank}))
        erased += 1
    return erased


def _without(stored: str, person_ref: str, registry: Mapping[str, type[Event]]) -> str | None:
    """The envelope without personal data; None when it does not list the person, or says nothing more already."""
    wire = orjson.loads(stored)
    if person_ref not in wire.get("persons", "").split(","):
        return None
    event_class = registry.get(wire["type"])
    wire["data"] = redact(wire["data"], event_class) if event_class else {}
    blank = orjson.dumps(wire).decode()
    return None if blank == stored else blank


@cache
def _spots_of(event_class: Any) -> tuple[tuple[Path, Any], ...]:
    return tuple(_spots(event_class, (), (), ()))


def _spots(kind: Any, marks: tuple[Any, ...], path: Path, above: tuple[Any, ...]) -> Iterator[tuple[Path, Any]]:
    """Every personal place in values of this type, with what to put there."""
    origin, args = get_origin(kind), get_args(kind)
    if any(isinstance(mark, PersonalMark) for mark in marks):
        yield path, _blank(kind, path)
    elif origin is Annotated:
        yield from _spots(args[0], args[1:], path, above)
    elif origin in (Union, types.UnionType):
        for each in args:
            yield from _spots(each, (), path, above)
    elif origin in _COLLECTIONS:
        for inner, value in {spot for each in args for spot in _spots(each, (), (), above)}:
            yield (path, []) if not inner else ((*path, _EACH, *inner), value)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _spots(args[1], (), (*path, _EACH), above)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in above:
            raise TypeError(f"{'.'.join(path)}: {kind.__name__} contains itself, so its personal fields have no end")
        for name, field in kind.model_fields.items():
            yield from _spots(field.annotation, tuple(field.metadata), (*path, name), (*above, kind))


def _blank(kind: Any, path: Path) -> Any:
    if kind is str:
        return ERASED
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType) and type(None) in args:
        return None
    if origin in _COLLECTIONS:
        return []
    raise TypeError(f"{'.'.join(path)}: a Personal field is a text, a list, or may be null")


def _put(data: Any, path: Path, value: Any) -> None:
    """Put the value at the end of the path wherever there is something that is not null."""
    step, rest = path[0], path[1:]
    if step == _EACH:
        places = range(len(data)) if isinstance(data, list) else list(data) if isinstance(data, dict) else ()
    else:
        places = [step] if isinstance(data, dict) and step in data else ()
    for place in places:
        if data[place] is None:
            continue
        if rest:
            _put(data[place], rest, value)
        else:
            data[place] = value

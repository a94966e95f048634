"""What others are told of a record: its whole state, and what of it was changed."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from chassis.event import Event
from chassis.outbox import emit

Changes = dict[str, tuple[Any, Any]]

_OF_EVERY_CHANGE = ("updated_at", "version")


class Published:
    """Mixin of a record whose state events carry. ``__state__`` is the class of that state, ``__noun__`` its field."""

    __noun__: ClassVar[str]
    __state__: ClassVar[type[BaseModel]]

    @classmethod
    def shown(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Columns as events show them."""
        return dict(values)

    def published(self) -> dict[str, Any]:
        """Every field that events show, but for time and version of the last change."""
        names = (name for name in self.__state__.model_fields if name not in _OF_EVERY_CHANGE)
        return self.shown({name: getattr(self, name) for name in names})

    def state(self) -> Any:
        """The full published state, as events carry it."""
        last = {name: getattr(self, name) for name in _OF_EVERY_CHANGE}
        return self.__state__.model_validate({**self.published(), **last})


class Change:
    """Compares a record with what was published of it before: make one, change the record, announce it."""

    def __init__(self, record: Published) -> None:
        self.record = record
        self.before = record.published()

    def announce(self, tx: Session, event: Any, **more: Any) -> None:
        """Store the change and emit the event that says so; both leave together."""
        changed = difference(self.before, self.record.published())
        tx.flush()
        emit(tx, event(**{self.record.__noun__: self.record.state()}, changed=changed, **more))


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """The old and the new value of what is not the same."""
    return {name: (old, after[name]) for name, old in before.items() if old != after[name]}


def set_fields(record: Any, facts: Mapping[str, Any], *, by_key: tuple[str, ...] = ("custom",)) -> None:
    """Set these columns; those ``by_key`` merge per key, None takes a key away. Saying the same is no change."""
    for name, value in facts.items():
        new = without_none({**getattr(record, name), **value}) if name in by_key else value
        if getattr(record, name) != new:
            setattr(record, name, new)


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that have a value."""
    return {key: value for key, value in values.items() if value is not None}


def announce_new(tx: Session, record: Published, event: type[Event], **more: Any) -> None:
    """Store a new record and emit the event that says so."""
    tx.add(record)
    tx.flush()
    emit(tx, event(**{record.__noun__: record.state()}, **more))

"""Records that hold exact amounts, and saying that there is a new one."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from chassis.event import Event
from chassis.outbox import emit
from services.sales.changes import Published

_OF_EVERY_CHANGE = {"updated_at", "version"}


class Exact(Published):
    """Mixin of a published record with amounts: they are compared and shown as events spell them."""

    def facts(self) -> dict[str, Any]:
        """Every field of the state, by name; overridden where a column is kept in another form."""
        return {name: getattr(self, name) for name in self.__state__.model_fields}

    def state(self) -> BaseModel:
        """The full published state, as events carry it."""
        return self.__state__.model_validate(self.facts())

    def published(self) -> dict[str, Any]:
        """Every field that events show, but for time and version of the last change."""
        return self.state().model_dump(mode="json", exclude=_OF_EVERY_CHANGE)


def announce_new(tx: Session, record: Published, event: type[Event], **more: Any) -> None:
    """Store a new record and emit the event that says so."""
    tx.add(record)
    tx.flush()
    emit(tx, event(**{record.__noun__: record.state()}, **more))

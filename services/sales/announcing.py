"""Records that hold exact amounts."""

from typing import Any

from pydantic import BaseModel

from chassis.published import Published

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

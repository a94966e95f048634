"""Cursors: the place after a row, bound to the filter and sort it was handed out for.

A cursor is no secret and no right: whoever forges one only chooses where to begin in a list that they may see.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, false, literal, or_, tuple_

from chassis.errors import FieldError, Invalid
from chassis.filters import read_column
from chassis.i18n import say


class InvalidCursor(Invalid):
    """The cursor is malformed, or was handed out for another filter or sort."""

    code = "invalid_cursor"


@dataclass(slots=True, frozen=True)
class Key:
    """One expression of the order; nulls always come last."""

    expression: Any
    descending: bool
    nullable: bool

    def ordered(self) -> ColumnElement[Any]:
        """For ORDER BY."""
        direction = self.expression.desc() if self.descending else self.expression.asc()
        return direction.nulls_last() if self.nullable else direction  # type: ignore[no-any-return]

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Rows that this key alone puts after the value."""
        if value is None:
            return false()  # nothing sorts after null
        further = self.expression < value if self.descending else self.expression > value
        return or_(further, self.expression.is_(None)) if self.nullable else further

    def same(self, value: Any) -> ColumnElement[bool]:
        """Rows that this key puts beside the value."""
        same: ColumnElement[bool] = self.expression.is_(None) if value is None else self.expression == value
        return same


def beyond(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Everything after the row with these values."""
    if len({key.descending for key in keys}) == 1 and not any(key.nullable for key in keys):
        # One comparison of rows: both databases walk the index from there.
        here = tuple_(*(key.expression for key in keys))
        # With their types: SQLite stores ids and times in spellings of its own.
        there = tuple_(*(literal(value, key.expression.type) for key, value in zip(keys, values, strict=True)))
        return here < there if keys[0].descending else here > there
    steps = [
        and_(*(key.same(value) for key, value in zip(keys[:number], values[:number], strict=True)), key.beyond(value))
        for number, (key, value) in enumerate(zip(keys, values, strict=True))
    ]
    return or_(*steps)


def binding_of(name: str, sort: str, q: str, given: Iterable[tuple[str, str]]) -> str:
    """What a cursor is bound to, in twelve characters."""
    text = orjson.dumps([name, sort, q, sorted(given)])
    return hashlib.blake2b(text, digest_size=6).hexdigest()


def write_cursor(binding: str, values: Sequence[Any]) -> str:
    """The cursor after the row with these key values."""
    return base64.urlsafe_b64encode(orjson.dumps([binding, *values], default=str)).decode().rstrip("=")


def read_cursor(cursor: str, binding: str) -> tuple[Any, ...]:
    """The key values in it, as JSON has them; raises InvalidCursor for one of another list, filter or sort."""
    try:
        found, *values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:  # no base64, no JSON, or no list
        raise _not_of_this_list() from error
    if found != binding:
        raise _not_of_this_list()
    return tuple(values)


def read_position(keys: Sequence[Key], values: Sequence[Any]) -> list[Any]:
    """A cursor's values as the columns have them, since JSON knows no times and no ids; raises InvalidCursor."""
    if len(keys) != len(values):
        raise _not_of_this_list()
    try:
        return [
            None if value is None and key.nullable else read_column(key.expression, value)
            for key, value in zip(keys, values, strict=True)
        ]
    except ValidationError as error:
        raise _not_of_this_list() from error


def _not_of_this_list() -> InvalidCursor:
    message = say("This cursor is not one of this list, with this filter and sort.")
    return InvalidCursor(message, errors=[FieldError("?cursor", message)])

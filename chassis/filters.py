"""One published filter: a column and its operators, or a condition of its own such as ``owner=me``."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, Strict, TypeAdapter
from sqlalchemy import Boolean, ColumnElement, TypeDecorator, Uuid, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from chassis.caller import Caller
from chassis.clock import Day, Moment
from chassis.errors import Invalid
from chassis.i18n import say

MAX_VALUES = 100

# SQLAlchemy's false() swallows what stands beside it, the mark of the owner filter included.
NOTHING: ColumnElement[bool] = literal_column("(1 = 0)", Boolean())
"""A condition that no row meets."""

Custom = Callable[[str, str, str], ColumnElement[bool]]
"""``custom(name, operator, value)``: the condition for ``custom.<name>``; raises Invalid for an unknown field."""

_ORDERED = (datetime, date, int, float, Decimal)


@dataclass(frozen=True)
class Filter:
    """``name=value`` on a column, ``__in`` and ``__ne``; ``__gte``, ``__lte`` where values have an order.

    ``__isnull`` where there may be none. ``type`` says how to read a value when the column's type says too little.
    """

    column: InstrumentedAttribute[Any]
    type: Any = None

    @property
    def reads(self) -> Any:
        """The type that values are read as."""
        return self.type if self.type is not None else _python_type(self.column)

    @property
    def operators(self) -> tuple[str, ...]:
        """What may stand after the name; "" is equality."""
        ordered = isinstance(self.reads, type) and issubclass(self.reads, _ORDERED) and self.reads is not bool
        return (
            "",
            "in",
            "ne",
            *(("gte", "lte") if ordered else ()),
            *(("isnull",) if getattr(self.column, "nullable", False) else ()),
        )

    def clause(self, operator: str, value: str, caller: Caller) -> ColumnElement[bool]:
        """The condition; raises ValidationError or Invalid when the value is not of the column's kind."""
        column: Any = self.column
        condition: ColumnElement[bool]
        match operator:
            case "isnull":
                condition = column.is_(None) if _adapter(bool).validate_python(value) else column.is_not(None)
            case "in":
                values = value.split(",")
                if len(values) > MAX_VALUES:
                    raise Invalid(say("At most {limit} values.", limit=MAX_VALUES))
                condition = column.in_([self._value(each) for each in values])
            case "ne":
                condition = column.is_distinct_from(self._value(value))
            case "gte":
                condition = column >= self._value(value)
            case "lte":
                condition = column <= self._value(value)
            case _:
                condition = column == self._value(value)
        return condition

    def _value(self, value: str) -> Any:
        return _bindable(self.column, _adapter(self.reads).validate_python(value))


@dataclass(frozen=True)
class Special:
    """``name=value`` with a meaning of its own: ``when(value, caller)`` is the condition, ``index`` its column."""

    when: Callable[[Any, Caller], ColumnElement[bool]]
    reads: Any = str
    index: InstrumentedAttribute[Any] | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        """Only equality."""
        return ("",)

    def clause(self, operator: str, value: str, caller: Caller) -> ColumnElement[bool]:
        """The condition; raises ValidationError or Invalid."""
        return self.when(_adapter(self.reads).validate_python(value), caller)


FilterBy = Filter | Special


def read_column(column: Any, value: Any) -> Any:
    """A JSON value as this column has it; raises ValidationError."""
    return _bindable(column, _adapter(_python_type(column)).validate_python(value))


def schema_of(reads: Any) -> dict[str, Any]:
    """The JSON Schema of one value."""
    return {name: part for name, part in _adapter(reads).json_schema().items() if name not in ("title", "description")}


def _python_type(column: Any) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return UUID if isinstance(kind, Uuid) else kind.python_type


def _bindable(column: Any, value: Any) -> Any:
    if isinstance(value, UUID) and not (isinstance(column.type, Uuid) and column.type.as_uuid):
        return str(value)
    if isinstance(value, enum.Enum) and not hasattr(column.type, "enum_class"):
        return value.value
    return value


def _spelled_out(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


_LIMITED: dict[Any, Any] = {
    bool: Annotated[bool, Strict(), BeforeValidator(_spelled_out)],
    str: Annotated[str, Field(max_length=500)],
    int: Annotated[int, Field(ge=-(2**63), lt=2**63)],
    Decimal: Annotated[Decimal, Field(max_digits=30, allow_inf_nan=False)],
    datetime: Moment,
    date: Day,
}


@lru_cache(maxsize=1_000)
def _adapter(reads: Any) -> TypeAdapter[Any]:
    return TypeAdapter(_LIMITED.get(reads, reads))

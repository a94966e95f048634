"""What is asked and answered of every kind of record: texts, custom fields, owners, changes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from chassis.history import Change, history_of
from chassis.http import Body, View
from chassis.money import Money
from chassis.records import Record
from chassis.text import nfc

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(nfc)]
Text30 = Annotated[Text, Field(max_length=30)]
Text60 = Annotated[Text, Field(max_length=60)]
Text150 = Annotated[Text, Field(max_length=150)]
Text200 = Annotated[Text, Field(max_length=200)]
Text300 = Annotated[Text, Field(max_length=300)]
Text500 = Annotated[Text, Field(max_length=500)]
LongText = Annotated[Text, Field(max_length=10_000)]
CustomValue = Annotated[str, Field(max_length=2000)] | int | float | bool | None
# One type for creating and patching: null says "no value", and takes one away that is there.
Custom = Annotated[dict[Text60, CustomValue], Field(max_length=100)]

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=40)]


class NewMoney(Body):
    """An amount of money, none or more: a decimal string of up to fourteen digits and four places, or a number."""

    amount: (
        Annotated[str, StringConstraints(pattern=r"^[0-9]{1,14}(\.[0-9]{1,4})?$")]
        | Annotated[int, Field(strict=True, ge=0, lt=10**14)]
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "VND"

    def money(self) -> Money:
        """This money."""
        return Money(amount=Decimal(self.amount), currency=self.currency)


class Assign(Body):
    """Who works on it from now on."""

    owner_id: UUID


class ChangeView(View):
    """One field's change. ``changed_by``: ``user:<id>``, ``key:<id>``, or the service that did it."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None

    @classmethod
    def of(cls, change: Change) -> Self:
        """This change."""
        return cls.model_validate(change)


class History(BaseModel):
    """Changes, newest first."""

    items: list[ChangeView]
    next_cursor: str | None

    @classmethod
    def of(cls, tx: Session, record: Record, *, limit: int, cursor: str | None) -> Self:
        """A page of what was changed on this record, which the caller was allowed to find."""
        changes, next_cursor = history_of(tx, record.__noun__, record.id, limit=limit, cursor=cursor)
        return cls(items=[ChangeView.of(change) for change in changes], next_cursor=next_cursor)

"""Connections as accountants and administrators make and watch them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from chassis.money import ExactDecimal
from services.erp_bridge.connections.model import Connection, Following, Status

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Rate = Annotated[ExactDecimal, Field(ge=Decimal("0.2"), le=1000, decimal_places=4, max_digits=8)]
Poll = Annotated[int, Field(ge=1, le=86_400)]
Given = Annotated[dict[str, Any], Field(max_length=50)]


class CreateConnection(Body):
    """``kind`` is ``tryton``; ``settings`` are that kind's own. ``rate``: documents a second, at most."""

    id: UUID | None = None
    kind: Annotated[str, StringConstraints(max_length=20)]
    name: Name
    settings: Given
    rate: Rate | None = None
    poll_every_s: Poll | None = None
    custom: Given = Field(default_factory=dict)


class ChangeConnection(Body):
    """What is given is changed; of ``settings`` too."""

    name: Name = ""
    settings: Given = Field(default_factory=dict)
    rate: Rate = Decimal(1)
    poll_every_s: Poll = 2
    custom: Given = Field(default_factory=dict)


class ConnectionView(View):
    """A connection, without its secrets. ``error`` says why the last look at what changed did not succeed."""

    id: str
    kind: str
    name: str
    settings: dict[str, Any]
    status: Status
    rate: ExactDecimal
    poll_every_s: int
    polled_at: datetime | None = None
    error: str | None = None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, connection: Connection, following: Following | None = None) -> "ConnectionView":
        """The connection, and how far it has been read."""
        view = cls.model_validate(connection)
        if following is None:
            return view
        return view.model_copy(update={"polled_at": following.polled_at, "error": following.error})


class Tested(View):
    """What came of the test: ``reached``, and a sentence about it."""

    reached: bool
    message: str


class ChangeView(View):
    """One field's change: from what to what, when, by whom."""

    field: str
    old: Any
    new: Any
    changed_at: datetime
    changed_by: str | None


class History(View):
    """Changes, the newest first."""

    items: list[ChangeView]
    next_cursor: str | None

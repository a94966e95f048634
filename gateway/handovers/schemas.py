"""Handovers as they are asked for and told of."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chassis.http import Body, View

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Share(Body):
    """Somebody, and how much of the customers they get in relation to the others."""

    to_user_id: UUID
    share: Annotated[int, Field(ge=1, le=1000)] = 1


class Rules(Body):
    """Over a team's members in turn, or in these shares. All that is one customer's stays together."""

    team_id: UUID | None = None
    shares: Annotated[list[Share], Field(max_length=50)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.team_id is None) == (not self.shares):
            raise ValueError("Give team_id or shares.")
        if len({each.to_user_id for each in self.shares}) < len(self.shares):
            raise ValueError("Name everybody once.")
        return self


class AskHandover(Body):
    """``to_user_id`` gets everything, or ``rules`` say who gets how much. ``dry_run`` counts and changes nothing."""

    from_user_id: UUID
    to_user_id: UUID | None = None
    rules: Rules | None = None
    dry_run: bool = False
    note: Note | None = None

    @model_validator(mode="after")
    def _says_to_whom(self) -> Self:
        if (self.to_user_id is None) == (self.rules is None):
            raise ValueError("Give to_user_id or rules.")
        return self


class Count(BaseModel):
    """Records of a kind: ``found`` open, ``moved``; after an undo ``returned``, or ``kept`` as they were given on."""

    found: int = 0
    moved: int = 0
    returned: int = 0
    kept: int = 0


class ShareView(View):
    """Who gets how much."""

    to_user_id: str
    share: int


class TeamView(View):
    """A team whose members can take customers over in turn."""

    id: str
    name: str


class HandoverView(View):
    """A handover. ``counts`` by kind of record; without an id it was a dry run, and ``parts`` says who could count."""

    id: str | None
    from_user_id: str
    shares: list[ShareView]
    note: str | None
    status: Literal["dry_run", "running", "done", "returning", "returned"]
    counts: dict[str, Count]
    parts: dict[str, Literal["ok", "unavailable"]] = Field(default_factory=dict)
    requested_by: str
    undo_until: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    version: int | None


class Brief(BaseModel):
    """A customer in brief for who takes them over; what a part did not tell is null."""

    customer: dict[str, str]
    to_user_id: str
    who: dict[str, Any] | None
    deals: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    debt: list[dict[str, Any]]
    last_contact: dict[str, Any] | None
    next_activity: dict[str, Any] | None
    note: str | None


class BriefsView(BaseModel):
    """Briefs in the order in which the customers were handed over. ``parts`` says who answered."""

    items: list[Brief]
    next_cursor: str | None
    parts: dict[str, Literal["ok", "unavailable"]]

"""Roles as they come and go."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, View

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Labels = Annotated[dict[Literal["en", "vi"], Label], Field(min_length=1)]
Noun = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
Act = Literal["create", "read", "write", "delete", "assign", "share", "export", "approve"]
Depth = Literal["none", "own", "team", "below", "all"]
Rights = Annotated[dict[Noun, dict[Act, Depth]], Field(max_length=100)]
WorkArea = Literal["sales", "marketing", "service", "finance", "administration"]
WorkAreas = Annotated[list[WorkArea], Field(max_length=5)]


class CreateRole(Body):
    """``rights``: for each kind of record and act, how far it reaches; what is left out is ``none``."""

    id: UUID | None = None
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    labels: Labels
    rights: Rights = Field(default_factory=dict)
    work_areas: WorkAreas = Field(default_factory=list)


class ChangeRole(Body):
    """What is given is replaced whole."""

    labels: Labels = Field(default_factory=dict)
    rights: Rights = Field(default_factory=dict)
    work_areas: WorkAreas = Field(default_factory=list)


class RoleView(View):
    """A role; ``labels`` by language."""

    id: str
    key: str
    labels: dict[str, str]
    built_in: bool
    rights: dict[str, dict[str, str]]
    work_areas: list[str]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

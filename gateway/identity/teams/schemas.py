"""Teams as they come and go."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, View

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Custom = Annotated[dict[str, Any], Field(max_length=100)]


class CreateTeam(Body):
    """``parent_id``: the team it stands under."""

    id: UUID | None = None
    name: Name
    parent_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)


class ChangeTeam(Body):
    """What is given is changed."""

    name: Name = ""
    parent_id: UUID | None = None
    custom: Custom = Field(default_factory=dict)


class TeamView(View):
    """A team."""

    id: str
    name: str
    parent_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

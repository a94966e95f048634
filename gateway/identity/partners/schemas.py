"""Partners as they come and go."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints

from chassis.http import Body, View

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Custom = Annotated[dict[str, Any], Field(max_length=100)]


class CreatePartner(Body):
    """A company that will push leads."""

    id: UUID | None = None
    name: Name
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)


class ChangePartner(Body):
    """What is given is changed."""

    name: Name = ""
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)


class PartnerView(View):
    """A partner."""

    id: str
    name: str
    active: bool
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

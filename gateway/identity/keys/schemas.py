"""Keys as they come and go."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.clock import Moment
from chassis.http import Body, View

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}:[a-z_]{2,20}$")]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=50)]
RatePerSecond = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class CreateKey(Body):
    """``scopes`` such as ``leads:push`` or ``events:read``; ``rate_limit`` in requests per second."""

    id: UUID | None = None
    name: Name
    scopes: Scopes
    partner_id: UUID | None = None
    rate_limit: RatePerSecond | None = None
    expires_at: Moment | None = None


class ChangeKey(Body):
    """What is given is changed; scopes are replaced whole."""

    name: Name = ""
    scopes: Scopes = Field(default_factory=list)
    rate_limit: RatePerSecond | None = None
    expires_at: Moment | None = None


class RotateKey(Body):
    """``overlap_hours``: how long the old secret stays good beside the new one."""

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 30, strict=True)] = 24


class KeyView(View):
    """A key without its secret. ``prefix`` begins every secret of it: ``rk_<prefix>_…``."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    partner_id: str | None
    rate_limit: int | None
    expires_at: datetime | None
    former_until: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int


class NewSecretView(KeyView):
    """A key with its secret, shown this once; an answer repeated for the same Idempotency-Key leaves it out."""

    secret: str

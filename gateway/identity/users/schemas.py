"""Users as they come and go."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from chassis.emails import normalise_email
from chassis.http import Body, View
from gateway.identity.passwords import LONGEST, SHORTEST


def _address(text: str) -> str:
    address = normalise_email(text)
    if address is None:
        raise ValueError("Not an e-mail address.")
    return address


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("Not a time zone.")
    return name


Address = Annotated[str, StringConstraints(max_length=320), AfterValidator(_address)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]
Locale = Literal["vi", "en"]
TimeZone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]
RoleNames = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=60)]], Field(max_length=50)]
TeamIds = Annotated[list[UUID], Field(max_length=50)]
Custom = Annotated[dict[str, Any], Field(max_length=100)]
WorkArea = Literal["sales", "marketing", "service", "finance", "administration"]


class CreateUser(Body):
    """``role_ids`` are ids or keys of roles. Without a password they cannot sign in yet."""

    id: UUID | None = None
    email: Address
    name: Name
    password: Password | None = None
    role_ids: RoleNames = Field(default_factory=list)
    team_ids: TeamIds = Field(default_factory=list)
    manager_id: UUID | None = None
    locale: Locale = "vi"
    time_zone: TimeZone = "Asia/Ho_Chi_Minh"
    default_work_area: WorkArea | None = None
    custom: Custom = Field(default_factory=dict)


class ChangeUser(Body):
    """What is given is changed; lists are replaced whole."""

    email: Address = ""
    name: Name = ""
    password: Password = SecretStr("")
    role_ids: RoleNames = Field(default_factory=list)
    team_ids: TeamIds = Field(default_factory=list)
    manager_id: UUID | None = None
    locale: Locale = "vi"
    time_zone: TimeZone = ""
    default_work_area: WorkArea | None = None
    custom: Custom = Field(default_factory=dict)


class UserView(View):
    """Somebody who signs in."""

    id: str
    email: str
    name: str
    role_ids: list[str]
    team_ids: list[str]
    manager_id: str | None
    locale: str
    time_zone: str
    default_work_area: str | None
    active: bool
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

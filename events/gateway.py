"""What the gateway announces: who works here and who pushes leads."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, Personal


class UserState(BaseModel):
    """A person who signs in. ``roles`` are role keys (``salesperson``); ids are UUIDs."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: Personal
    email: Personal
    roles: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    manager_id: str | None = None
    locale: str = "vi"
    active: bool = True
    version: int = 1


class _AboutUser(Event):
    user: UserState

    @property
    def subject(self) -> str:
        return f"user:{self.user.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class UserCreated(_AboutUser):
    """Somebody new may sign in."""

    type: ClassVar[str] = "gateway.user.created.v1"


class UserUpdated(_AboutUser):
    """Name, roles, teams or manager changed."""

    type: ClassVar[str] = "gateway.user.updated.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class UserDeactivated(_AboutUser):
    """This person may no longer sign in."""

    type: ClassVar[str] = "gateway.user.deactivated.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class PartnerState(BaseModel):
    """A company that pushes leads."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    active: bool = True
    version: int = 1


class _AboutPartner(Event):
    partner: PartnerState

    @property
    def subject(self) -> str:
        return f"partner:{self.partner.id}"


class PartnerCreated(_AboutPartner):
    """A new partner may get keys."""

    type: ClassVar[str] = "gateway.partner.created.v1"


class PartnerUpdated(_AboutPartner):
    """A partner was renamed, switched off or on."""

    type: ClassVar[str] = "gateway.partner.updated.v1"
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)

"""What the gateway announces: who works here and who pushes leads."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal


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


class HandoverShare(BaseModel):
    """Who takes over, in which team, and how much of it in relation to the others."""

    model_config = ConfigDict(frozen=True)

    to_user_id: str
    team_id: str | None = None
    share: int = 1


class HandoverState(BaseModel):
    """A seller's open work goes to others. ``requested_by`` is the actor who decided it, ``note`` why."""

    model_config = ConfigDict(frozen=True)

    id: str
    from_user_id: str
    from_team_id: str | None = None
    shares: tuple[HandoverShare, ...]
    note: OptionalPersonal = None
    status: Literal["running", "done", "returning", "returned"]
    requested_by: str
    undo_until: datetime
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutHandover(Event):
    handover: HandoverState

    @property
    def subject(self) -> str:
        return f"handover:{self.handover.id}"

    def persons(self) -> tuple[str, ...]:
        return (f"user:{self.handover.from_user_id}",)


class HandoverRequested(_AboutHandover):
    """This seller's open work is to go to others: sales and activities see to it."""

    type: ClassVar[str] = "gateway.handover.requested.v1"


class HandoverCompleted(_AboutHandover):
    """Everything has its new owner."""

    type: ClassVar[str] = "gateway.handover.completed.v1"


class HandoverRevoked(_AboutHandover):
    """It was a mistake: what nobody has given to somebody else since goes back."""

    type: ClassVar[str] = "gateway.handover.revoked.v1"


class HandoverReturned(_AboutHandover):
    """What could go back has gone back."""

    type: ClassVar[str] = "gateway.handover.returned.v1"

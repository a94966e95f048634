"""What sales announces about customers: accounts (organisations) and contacts (people)."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event, OptionalPersonal, Personal


class Address(BaseModel):
    """Where somebody is; ``line`` is house and street. Since July 2025 there is no district in Vietnam."""

    model_config = ConfigDict(frozen=True)

    id: str
    line: OptionalPersonal = None
    ward: str | None = None
    province: str | None = None
    country: str = "VN"


class AccountState(BaseModel):
    """A customer or prospect that is an organisation. ``phones`` and ``emails`` are normalised (E.164; lower case).

    ``lifecycle`` is one of prospect, customer, repeat, lapsed. ``source``, ``campaign`` and ``partner_id`` are those of
    the lead that it came from.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Literal["company", "branch", "household", "individual", "state_unit"] = "company"
    name: str
    tax_code: OptionalPersonal = None
    industry: str | None = None
    size: str | None = None
    parent_id: str | None = None
    emails: tuple[Personal, ...] = ()
    phones: tuple[Personal, ...] = ()
    addresses: tuple[Address, ...] = ()
    lifecycle: Literal["prospect", "customer", "repeat", "lapsed"] = "prospect"
    source: str | None = None
    campaign: str | None = None
    partner_id: str | None = None
    lead_id: str | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class ContactState(BaseModel):
    """A person; of an account, or a customer by themselves. Fields as in ``AccountState``.

    ``company`` is where they work by their own words, without being an account.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    full_name: Personal
    first_name: OptionalPersonal = None
    last_name: OptionalPersonal = None
    salutation: str | None = None
    title: str | None = None
    company: str | None = None
    emails: tuple[Personal, ...] = ()
    phones: tuple[Personal, ...] = ()
    addresses: tuple[Address, ...] = ()
    account_id: str | None = None
    lifecycle: Literal["prospect", "customer", "repeat", "lapsed"] = "prospect"
    source: str | None = None
    campaign: str | None = None
    partner_id: str | None = None
    lead_id: str | None = None
    owner_id: str | None = None
    team_id: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutAccount(Event):
    account: AccountState

    @property
    def subject(self) -> str:
        return f"account:{self.account.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class AccountCreated(_AboutAccount):
    """A new account exists."""

    type: ClassVar[str] = "sales.account.created.v1"


class _AccountChange(_AboutAccount):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class AccountUpdated(_AccountChange):
    """Fields of an account changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.account.updated.v1"


class AccountAssigned(_AccountChange):
    """An account got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.account.assigned.v1"
    handover_id: str | None = None


class AccountDeleted(_AccountChange):
    """An account is gone from lists and reads."""

    type: ClassVar[str] = "sales.account.deleted.v1"


class AccountRestored(_AccountChange):
    """A deleted account is back."""

    type: ClassVar[str] = "sales.account.restored.v1"


class _AboutContact(Event):
    contact: ContactState

    @property
    def subject(self) -> str:
        return f"contact:{self.contact.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject,)


class ContactCreated(_AboutContact):
    """A new contact exists."""

    type: ClassVar[str] = "sales.contact.created.v1"


class _ContactChange(_AboutContact):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ContactUpdated(_ContactChange):
    """Fields of a contact changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.contact.updated.v1"


class ContactAssigned(_ContactChange):
    """A contact got another owner; ``handover_id`` when the one before handed everything over."""

    type: ClassVar[str] = "sales.contact.assigned.v1"
    handover_id: str | None = None


class ContactDeleted(_ContactChange):
    """A contact is gone from lists and reads."""

    type: ClassVar[str] = "sales.contact.deleted.v1"


class ContactRestored(_ContactChange):
    """A deleted contact is back."""

    type: ClassVar[str] = "sales.contact.restored.v1"

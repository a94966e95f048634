"""What is asked of entitlements, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StrictInt, model_validator

from chassis.clock import Day
from chassis.fields import Custom, Text200
from chassis.http import Body, View
from chassis.i18n import say
from services.service_desk.days import today
from services.service_desk.entitlements.model import Coverage, Entitlement

Cases = Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class CreateEntitlement(Body):
    """A service contract of an account or a contact. ``cases_allotted`` left out is any number of cases."""

    id: UUID | None = None
    name: Text200
    account_id: UUID | None = None
    contact_id: UUID | None = None
    product_id: UUID | None = None
    starts_on: Day
    ends_on: Day
    cases_allotted: Cases | None = None
    custom: Custom = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_customer_and_a_term(self) -> Self:
        if self.account_id is None and self.contact_id is None:
            raise ValueError(say("Give account_id or contact_id."))
        if self.ends_on < self.starts_on:
            raise ValueError(say("It cannot end before it starts."))
        return self

    def facts(self) -> dict[str, Any]:
        """The columns."""
        facts = self.model_dump(exclude={"id"})
        facts |= {name: str(facts[name]) for name in ("account_id", "contact_id", "product_id") if facts[name]}
        return facts | {"custom": {key: value for key, value in self.custom.items() if value is not None}}

    def references(self) -> dict[str, str]:
        """The records that it names, by field."""
        named = (("account", self.account_id), ("contact", self.contact_id), ("product", self.product_id))
        return {f"{noun}_id": f"{noun}:{known}" for noun, known in named if known}


class PatchEntitlement(Body):
    """A merge patch; whose contract it is stays."""

    name: Text200 = ""
    starts_on: Day = Field(default=date.min)
    ends_on: Day = Field(default=date.min)
    cases_allotted: Cases | None = None
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return self.model_dump(exclude_unset=True)


class EntitlementView(View):
    """A service contract. ``coverage`` is what it is worth today: covered, expired, used_up, none (not begun)."""

    id: str
    name: str
    account_id: str | None
    contact_id: str | None
    product_id: str | None
    starts_on: date
    ends_on: date
    cases_allotted: int | None
    cases_used: int
    cases_left: int | None
    coverage: Coverage
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, entitlement: Entitlement) -> Self:
        """This contract, as of today."""
        shown = {name: getattr(entitlement, name) for name in cls.model_fields if name != "coverage"}
        return cls.model_validate({**shown, "coverage": entitlement.coverage(today())})

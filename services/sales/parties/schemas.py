"""What accounts and contacts are asked for and answered with alike."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chassis.fields import Custom, Text200, Text500
from chassis.http import Body, View
from chassis.i18n import say
from services.sales.parties.model import Lifecycle
from services.sales.points.model import MOST_POINTS
from services.sales.points.schemas import PointView, WithPoints

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class NewAddress(Body):
    """Where somebody is. ``line`` is house and street; ``country`` two letters. There are no districts any more."""

    line: Text500 | None = None
    ward: Text200 | None = None
    province: Text200 | None = None
    country: Country = "VN"

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.line or self.ward or self.province):
            raise ValueError(say("Give line, ward or province."))
        return self


class PartyFacts(WithPoints):
    """What people may say of accounts and contacts alike."""

    addresses: Annotated[list[NewAddress], Field(max_length=MOST_POINTS)] = Field(default_factory=list)
    lifecycle: Lifecycle = Lifecycle.PROSPECT
    source: Text200 | None = None
    campaign: Text200 | None = None
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts = self.model_dump(exclude_unset=True, exclude={"id", "owner_id", "phones", "emails", "addresses"})
        return {name: _as_stored(value) for name, value in facts.items()}

    def lists(self) -> dict[str, Any]:
        """``phones``, ``emails`` and ``addresses``, as far as they were given; raises Invalid for a bad point."""
        lists = {"phones": self.points("phone"), "emails": self.points("email")}
        addresses = [each.model_dump() for each in self.addresses] if "addresses" in self.model_fields_set else None
        return {name: given for name, given in {**lists, "addresses": addresses}.items() if given is not None}


def _as_stored(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case StrEnum():
            return value.value
    return value


class AddressView(BaseModel):
    """An address of an account or a contact."""

    id: str
    line: str | None
    ward: str | None
    province: str | None
    country: str


class PartyView(View):
    """What accounts and contacts show alike. ``source``, ``campaign``, ``partner_id`` are of the lead ``lead_id``."""

    id: str
    phones: list[PointView]
    emails: list[PointView]
    addresses: list[AddressView]
    lifecycle: Lifecycle
    source: str | None
    campaign: str | None
    partner_id: str | None
    lead_id: str | None
    owner_id: str | None
    team_id: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

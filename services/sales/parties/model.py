"""What accounts and contacts have in common: where they are, where they came from, how far they are as customers."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypedDict

from sqlalchemy import Boolean, Column, Index, String, Table, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.access import Owned
from chassis.errors import Invalid, NotFound
from chassis.i18n import say
from chassis.ids import new_id
from chassis.published import Published
from chassis.search import Searchable
from services.sales.points.model import MOST_POINTS, Reachable
from services.sales.tables import Base, Json


class Lifecycle(StrEnum):
    """How far somebody is as a customer. ``lapsed``: they bought, and have not for long."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    REPEAT = "repeat"
    LAPSED = "lapsed"


class TooManyAddresses(Invalid):
    """More addresses than one record keeps."""

    code = "too_many_addresses"


class Place(TypedDict):
    """An address as a record keeps it; ``line`` is house and street, ``country`` two letters."""

    id: str
    line: str | None
    ward: str | None
    province: str | None
    country: str


class Party(Reachable, Published, Searchable, Owned):
    """``source``, ``campaign``, ``partner_id`` and ``lead_id`` are of the lead that it came from: its first touch."""

    addresses: Mapped[list[Place]] = mapped_column(Json, default=list)
    lifecycle: Mapped[str] = mapped_column(String(10), default=Lifecycle.PROSPECT)
    source: Mapped[str | None] = mapped_column(String(200))
    campaign: Mapped[str | None] = mapped_column(String(200))
    partner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    lead_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))

    @classmethod
    def shown(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Columns as events show them."""
        return {**super().shown(values), "addresses": tuple(dict(each) for each in values["addresses"])}

    def buy(self) -> bool:
        """They bought: a prospect becomes a customer, and who had bought before comes again. False when no news."""
        before = self.lifecycle
        self.lifecycle = Lifecycle.CUSTOMER if before == Lifecycle.PROSPECT else Lifecycle.REPEAT
        return self.lifecycle != before

    def place_at(self, addresses: Sequence[Mapping[str, str | None]]) -> None:
        """These addresses instead of those there were; what stays the same keeps its id."""
        if len(addresses) > MOST_POINTS:
            raise TooManyAddresses(say("At most {limit} of a kind.", limit=MOST_POINTS))
        known = {_where(each): each["id"] for each in self.addresses}
        places = [_place(each, known.pop(_where(each), None)) for each in addresses]
        if places != self.addresses:
            self.addresses = places

    def add_address(self, address: Mapping[str, str | None]) -> Place:
        """The element of this address, new if it was not there."""
        if all(_where(each) != _where(address) for each in self.addresses):
            self.place_at([*map(_address_of, self.addresses), address])
        return next(each for each in self.addresses if _where(each) == _where(address))

    def remove_address(self, address_id: str) -> None:
        """Take one away; raises NotFound when it is not there."""
        left = [each for each in self.addresses if each["id"] != address_id]
        if len(left) == len(self.addresses):
            raise NotFound()
        self.addresses = left


def _place(address: Mapping[str, str | None], address_id: str | None) -> Place:
    return {
        "id": address_id or new_id(),
        "line": address.get("line"),
        "ward": address.get("ward"),
        "province": address.get("province"),
        "country": address.get("country") or "VN",
    }


def _address_of(place: Place) -> dict[str, str | None]:
    return {"line": place["line"], "ward": place["ward"], "province": place["province"], "country": place["country"]}


def _where(address: Any) -> tuple[str | None, ...]:
    return (address.get("line"), address.get("ward"), address.get("province"), address.get("country") or "VN")


# Where the contact points of customers occur, so that one is found by an index look-up. ``noun`` is account or contact.
customer_points = Table(
    "customer_points",
    Base.metadata,
    Column("noun", String(10), primary_key=True),
    Column("record_id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("ambiguous", Boolean, nullable=False),
)
Index("customer_points_value", customer_points.c.kind, customer_points.c.value)

"""What a customer's service contract gives: cases, from one day to another, perhaps for one product."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Date, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.owned_lists import list_indexes
from chassis.published import Published
from chassis.records import Record
from events.service_desk import EntitlementState
from services.service_desk.tables import Base


class Coverage(StrEnum):
    """What a contract is worth for a case: on a day, with so many cases used."""

    COVERED = "covered"
    EXPIRED = "expired"
    USED_UP = "used_up"
    NONE = "none"


class Entitlement(Published, Record, Base):
    """``cases_allotted`` null is any number."""

    __tablename__ = "entitlements"
    __noun__: ClassVar[str] = "entitlement"
    __state__ = EntitlementState

    name: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    product_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    cases_allotted: Mapped[int | None] = mapped_column(Integer)
    cases_used: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def cases_left(self) -> int | None:
        """How many more it gives; None for any number."""
        return None if self.cases_allotted is None else max(self.cases_allotted - self.cases_used, 0)

    def coverage(self, day: date) -> Coverage:
        """What it is worth on this day; nothing before it begins."""
        if day > self.ends_on:
            return Coverage.EXPIRED
        if day < self.starts_on:
            return Coverage.NONE
        return Coverage.USED_UP if self.cases_left == 0 else Coverage.COVERED

    def use(self) -> None:
        """One more case."""
        self.cases_used += 1


list_indexes(
    Entitlement,
    filters=("account_id", "contact_id", "product_id", "starts_on"),
    sorts=("created_at", "updated_at", "ends_on"),
)

"""What customers are promised: when a case gets its first answer, when a solution, and in which hours that counts."""

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.owned_lists import list_indexes
from chassis.records import Record, unique_while_alive
from services.service_desk.days import ZONE
from services.service_desk.sla_policies.working_time import Span
from services.service_desk.tables import Base, Json


class SlaPolicy(Record, Base):
    """For cases of this priority and type; null is any. ``hours`` are ``{weekday: 1-7, opens, closes}`` in its zone."""

    __tablename__ = "sla_policies"
    __noun__: ClassVar[str] = "sla_policy"

    name: Mapped[str] = mapped_column(String(200))
    priority: Mapped[str | None] = mapped_column(String(10))
    type: Mapped[str | None] = mapped_column(String(20))
    first_response_minutes: Mapped[int] = mapped_column(Integer)
    resolution_minutes: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(String(60), default=ZONE)
    hours: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def zone(self) -> ZoneInfo:
        """Where its hours are."""
        return ZoneInfo(self.time_zone)

    @property
    def week(self) -> tuple[tuple[Span, ...], ...]:
        """The spans of Monday to Sunday, in order."""
        return week_of(self.hours)


class Holiday(Record, Base):
    """A day unlike its weekday: closed, or worked like another weekday (1 is Monday) in exchange for one that is."""

    __tablename__ = "holidays"
    __noun__: ClassVar[str] = "holiday"

    on: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(200))
    works_like: Mapped[int | None] = mapped_column(Integer)


def week_of(hours: list[dict[str, Any]]) -> tuple[tuple[Span, ...], ...]:
    """Hours as people write them, by weekday, in order."""
    spans: list[list[Span]] = [[] for _ in range(7)]
    for each in hours:
        spans[each["weekday"] - 1].append((_minutes(each["opens"]), _minutes(each["closes"])))
    return tuple(tuple(sorted(day)) for day in spans)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


list_indexes(SlaPolicy, filters=("priority", "type", "active"), sorts=("created_at", "updated_at", "name"))
unique_while_alive(Holiday, "on")
list_indexes(Holiday, filters=(), sorts=("created_at",))
Index("holidays_on", Holiday.on, Holiday.id)

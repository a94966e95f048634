"""Taxes on what is sold: a code, its rate, and the days on which it applies."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.money import Amount
from chassis.records import Record, unique_while_alive
from services.sales.tables import Base, Json


class TaxCode(Record, Base):
    """A tax from its first to its last day. ``rate`` is in percent; what is not subject or not declared has 0.

    ``then_code`` is what applies outside these days: the reduced rate goes back to the ordinary one.
    """

    __tablename__ = "tax_codes"
    __noun__: ClassVar[str] = "tax_code"

    code: Mapped[str] = mapped_column(String(20))
    rate: Mapped[Decimal] = mapped_column(Amount)
    labels: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    then_code: Mapped[str | None] = mapped_column(String(20))

    def applies_on(self, day: date) -> bool:
        """Whether it may be charged on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def label(self, language: str) -> str:
        """What people call it."""
        return self.labels.get(language) or self.code


unique_while_alive(TaxCode, "code", "valid_from")
Index("tax_codes_code", TaxCode.code, TaxCode.id)

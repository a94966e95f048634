"""Taxes as they are shown."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from chassis.money import ExactDecimal
from services.sales.taxes.model import TaxCode


class TaxCodeView(BaseModel):
    """A tax with the days on which it applies; ``then_code`` is what applies after them."""

    id: str
    code: str
    label: str
    rate: ExactDecimal
    valid_from: date
    valid_to: date | None
    then_code: str | None

    @classmethod
    def of(cls, row: TaxCode, language: str) -> Self:
        """This tax, named in the reader's language."""
        shown = {name: getattr(row, name) for name in cls.model_fields if name != "label"}
        return cls(**shown, label=row.label(language))

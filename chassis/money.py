"""Money: an exact decimal amount and its currency, the same in requests, events and tables."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from chassis.i18n import say

# Ten thousandths: finer than any currency's coin, and sums of them are exact on SQLite and PostgreSQL alike.
SCALE = Decimal("0.0001")
PER_UNIT = 10_000
MOST = Decimal(900000000000000)
DECIMALS = {"VND": 0, "JPY": 0, "KRW": 0}


_PATTERN = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"
_WRITTEN = re.compile(_PATTERN)


def _exact(value: object) -> object:
    # Pydantic would also read numbers, exponents and "NaN".
    if isinstance(value, Decimal) or (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        return value
    raise ValueError(say('Write it as a decimal string, such as "1250000".'))


def plain(value: Decimal) -> str:
    """As people and programs read it: no exponent, no zeros that say nothing. ``"1250000"``, ``"0.5"``."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


ExactDecimal = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["1250000"]}),
]
"""A decimal written as a string; a number is refused, it may already be inexact."""


class Money(BaseModel):
    """``{"amount": "1250000", "currency": "VND"}``; ``amount`` is a decimal string."""

    model_config = ConfigDict(frozen=True)

    amount: Annotated[ExactDecimal, Field(ge=-MOST, le=MOST)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "VND"


def rounded(amount: Decimal, currency: str = "VND") -> Decimal:
    """To the currency's smallest coin (VND: the đồng), half away from zero as the tax office does."""
    return amount.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, 2)), ROUND_HALF_UP)


class Amount(TypeDecorator[Decimal]):
    """A column with an exact decimal of up to four places, stored as a whole number of ten thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not abs(value) <= MOST:
            raise ValueError(f"at most {MOST}")
        return int((value.quantize(SCALE) * PER_UNIT).to_integral_exact())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(int(value)) / PER_UNIT

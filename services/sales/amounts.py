"""Amounts as requests spell them: decimal strings within bounds."""

from typing import Annotated

from pydantic import Field, StringConstraints, WithJsonSchema

from chassis.money import ExactDecimal

Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Quantity = Annotated[ExactDecimal, Field(gt=0, lt=10**9), _schema(r"^[0-9]{1,9}(\.[0-9]{1,4})?$", "3")]
Price = Annotated[ExactDecimal, Field(ge=0, lt=10**14), _schema(r"^[0-9]{1,14}(\.[0-9]{1,4})?$", "1250000")]
PositiveAmount = Annotated[ExactDecimal, Field(gt=0, lt=10**14), _schema(r"^[0-9]{1,14}(\.[0-9]{1,4})?$", "1250000")]
Percent = Annotated[ExactDecimal, Field(ge=0, le=100), _schema(r"^[0-9]{1,3}(\.[0-9]{1,4})?$", "2.5")]

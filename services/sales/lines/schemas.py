"""Lines as they are asked for and shown; and what every list of documents has."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from chassis.clock import Day
from chassis.http import Body
from chassis.money import ExactDecimal
from chassis.text import nfc
from services.sales.lines.pricing import Wanted

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(nfc)]
Text20 = Annotated[_Text, Field(max_length=20)]
Text60 = Annotated[_Text, Field(max_length=60)]
Text200 = Annotated[_Text, Field(max_length=200)]
Text300 = Annotated[_Text, Field(max_length=300)]
Text500 = Annotated[_Text, Field(max_length=500)]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Quantity = Annotated[ExactDecimal, Field(gt=0, lt=10**9), _schema(r"^[0-9]{1,9}(\.[0-9]{1,4})?$", "3")]
Price = Annotated[ExactDecimal, Field(ge=0, lt=10**14), _schema(r"^[0-9]{1,14}(\.[0-9]{1,4})?$", "1250000")]
PositiveAmount = Annotated[ExactDecimal, Field(gt=0, lt=10**14), _schema(r"^[0-9]{1,14}(\.[0-9]{1,4})?$", "1250000")]
Percent = Annotated[ExactDecimal, Field(ge=0, le=100), _schema(r"^[0-9]{1,3}(\.[0-9]{1,4})?$", "2.5")]


class NewLine(Body):
    """A line of a product, or a free one with ``name``, ``unit``, ``unit_price`` and ``tax_code`` of its own.

    What is left out is the product's. A line that keeps its ``id`` when lines are replaced stays the same line.
    """

    id: UUID | None = None
    product_id: UUID | None = None
    name: Text300 | None = None
    unit: Text20 | None = None
    quantity: Quantity
    unit_price: Price | None = None
    discount_percent: Percent = Decimal(0)
    tax_code: Text20 | None = None
    supplier: Text200 | None = None
    delivery_on: Day | None = None

    def wanted(self) -> Wanted:
        """For the pricing."""
        return Wanted(
            id=str(self.id) if self.id else None,
            product_id=str(self.product_id) if self.product_id else None,
            **self.model_dump(exclude={"id", "product_id", "quantity", "unit_price", "discount_percent"}),
            quantity=self.quantity,
            unit_price=self.unit_price,
            discount_percent=self.discount_percent,
        )


NewLines = Annotated[list[NewLine], Field(min_length=1, max_length=200)]

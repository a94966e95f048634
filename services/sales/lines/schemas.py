"""Lines as they are asked for."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.clock import Day
from chassis.fields import Text30, Text300
from chassis.http import Body
from services.sales.amounts import Percent, Price, Quantity
from services.sales.lines.pricing import Wanted


class NewLine(Body):
    """A line of a product, or a free one with ``name``, ``unit``, ``unit_price`` and ``tax_code`` of its own.

    What is left out is the product's. A line that keeps its ``id`` when lines are replaced stays the same line.
    """

    id: UUID | None = None
    product_id: UUID | None = None
    name: Text300 | None = None
    unit: Text30 | None = None
    quantity: Quantity
    unit_price: Price | None = None
    discount_percent: Percent = Decimal(0)
    tax_code: Text30 | None = None
    supplier: Text300 | None = None
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

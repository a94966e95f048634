"""Parts of an order's lines as requests spell them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http import Body
from services.sales.amounts import Quantity


class PartOfLine(Body):
    """How much of an order's line."""

    order_line_id: UUID
    quantity: Quantity


Parts = Annotated[list[PartOfLine], Field(min_length=1, max_length=200)]


def quantities(parts: list[PartOfLine] | None) -> list[tuple[str, Decimal]] | None:
    """These parts, line by line; None when all that is left is meant."""
    return None if parts is None else [(str(part.order_line_id), part.quantity) for part in parts]

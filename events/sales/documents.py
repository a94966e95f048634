"""What quotes, orders and invoices have in common: who buys, lines, and totals by tax."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from chassis.event import OptionalPersonal, Personal
from chassis.money import ExactDecimal
from events.sales.customers import Address


class Buyer(BaseModel):
    """Who the document is for, as it was when the document was made; an ERP needs nothing besides."""

    model_config = ConfigDict(frozen=True)

    account_id: str | None = None
    contact_id: str | None = None
    name: Personal
    tax_code: OptionalPersonal = None
    email: OptionalPersonal = None
    phone: OptionalPersonal = None
    address: Address | None = None

    @property
    def reference(self) -> str:
        """``account:<id>`` or ``contact:<id>``."""
        return f"account:{self.account_id}" if self.account_id else f"contact:{self.contact_id}"


class Line(BaseModel):
    """One line. ``net`` is quantity × unit price less the discounts; ``tax`` its share of its rate group's tax.

    Amounts are in the document's currency, rounded to its coin. ``order_line_id`` is set on an invoice's line.
    ``delivery_on`` is the day on which the customer is to have it, where one was agreed.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    product_id: str | None = None
    code: str | None = None
    name: str
    unit: str
    quantity: ExactDecimal
    unit_price: ExactDecimal
    discount_percent: ExactDecimal
    tax_code: str
    tax_rate: ExactDecimal
    net: ExactDecimal
    tax: ExactDecimal
    order_line_id: str | None = None
    supplier: str | None = None
    delivery_on: date | None = None


class TaxGroup(BaseModel):
    """All lines of one tax: ``tax`` is ``net`` × ``rate`` %, rounded once."""

    model_config = ConfigDict(frozen=True)

    tax_code: str
    rate: ExactDecimal
    net: ExactDecimal
    tax: ExactDecimal


class Totals(BaseModel):
    """``total`` = ``net`` + ``tax``; each is the sum of the lines and of the groups, to the coin."""

    model_config = ConfigDict(frozen=True)

    net: ExactDecimal
    tax: ExactDecimal
    total: ExactDecimal
    groups: tuple[TaxGroup, ...] = ()

"""What is asked of products, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, model_validator

from chassis.fields import Custom, Text30, Text60, Text300
from chassis.http import Body, View
from chassis.money import ExactDecimal, Money
from services.sales.amounts import Currency, Price
from services.sales.days import today
from services.sales.products.model import Product
from services.sales.taxes.queries import Taxes

Months = Annotated[StrictInt, Field(ge=0, le=1200)]


class ListPrice(Body):
    """What one unit costs, before tax."""

    amount: Price
    currency: Currency = "VND"


class _Facts(Body):
    """What may be said of a product. ``tax_rate`` is short for its code: ``"10"`` is VAT10."""

    family: Text300 | None = None
    tax_code: Text30 = ""
    tax_rate: Literal["0", "5", "8", "10"] | None = None
    supplier: Text300 | None = None
    warranty_months: Months | None = None
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_tax(self) -> Self:
        if self.tax_rate and self.tax_code and self.tax_code != f"VAT{self.tax_rate}":
            raise ValueError("Give tax_code or tax_rate, not both.")
        return self

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts = self.model_dump(exclude_unset=True, exclude={"id", "price", "tax_rate"})
        price: ListPrice | None = getattr(self, "price", None)
        if price is not None:
            facts |= {"price": price.amount, "currency": price.currency}
        if self.tax_rate:
            facts["tax_code"] = f"VAT{self.tax_rate}"
        return facts


class CreateProduct(_Facts):
    """A product as somebody enters it: with a price and a tax."""

    id: UUID | None = None
    code: Text60
    name: Text300
    unit: Text30
    price: ListPrice

    @model_validator(mode="after")
    def _has_a_tax(self) -> Self:
        if not (self.tax_code or self.tax_rate):
            raise ValueError("Give tax_code or tax_rate.")
        return self


class PatchProduct(_Facts):
    """A merge patch: null takes a value away, ``custom`` merges per key."""

    code: Text60 = ""
    name: Text300 = ""
    unit: Text30 = ""
    price: ListPrice = Field(default=None)  # type: ignore[assignment]


class ProductView(View):
    """A product. ``tax_rate`` is what its tax is today, in percent."""

    id: str
    code: str
    name: str
    family: str | None
    unit: str
    price: Money
    tax_code: str
    tax_rate: ExactDecimal
    supplier: str | None
    warranty_months: int | None
    active: bool
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, product: Product, taxes: Taxes) -> Self:
        """This product, taxed as today."""
        own = {name: getattr(product, name) for name in cls.model_fields if name not in ("price", "tax_rate")}
        price = Money(amount=product.price, currency=product.currency)
        return cls(**own, price=price, tax_rate=taxes.on(product.tax_code, today()).rate)

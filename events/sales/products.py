"""What sales announces about products."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event
from chassis.money import Money


class ProductState(BaseModel):
    """What is sold. ``price`` is for one ``unit``, before tax; ``tax_code`` names a tax, such as ``VAT10``."""

    model_config = ConfigDict(frozen=True)

    id: str
    code: str
    name: str
    family: str | None = None
    unit: str
    price: Money
    tax_code: str
    supplier: str | None = None
    warranty_months: int | None = None
    active: bool = True
    created_at: datetime
    updated_at: datetime
    version: int


class _AboutProduct(Event):
    product: ProductState

    @property
    def subject(self) -> str:
        return f"product:{self.product.id}"


class ProductCreated(_AboutProduct):
    """A new product can be sold."""

    type: ClassVar[str] = "sales.product.created.v1"


class _ProductChange(_AboutProduct):
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)


class ProductUpdated(_ProductChange):
    """Fields of a product changed; ``changed`` has the old and the new value of each."""

    type: ClassVar[str] = "sales.product.updated.v1"


class ProductDeleted(_ProductChange):
    """A product is gone from lists and reads; documents that name it keep what they say."""

    type: ClassVar[str] = "sales.product.deleted.v1"


class ProductRestored(_ProductChange):
    """A deleted product is back."""

    type: ClassVar[str] = "sales.product.restored.v1"

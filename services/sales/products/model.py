"""What is sold."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.money import Amount
from chassis.owned_lists import list_indexes
from chassis.records import Record, unique_while_alive
from chassis.search import Searchable, search_index
from events.sales import ProductState
from services.sales.announcing import Exact
from services.sales.tables import Base


class Product(Searchable, Exact, Record, Base):
    """``price`` is for one ``unit``, before tax. Documents keep what they say when a product changes."""

    __tablename__ = "products"
    __noun__: ClassVar[str] = "product"
    __state__ = ProductState
    __searchable__ = ("code", "name", "family", "supplier")

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(300))
    family: Mapped[str | None] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(30))
    price: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3), default="VND")
    tax_code: Mapped[str] = mapped_column(String(20))
    supplier: Mapped[str | None] = mapped_column(String(200))
    warranty_months: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    def facts(self) -> dict[str, Any]:
        """The state's fields, the price with its currency."""
        shown = {name: getattr(self, name) for name in ProductState.model_fields if name != "price"}
        return {**shown, "price": {"amount": self.price, "currency": self.currency}}


unique_while_alive(Product, "code")
search_index(Product, "name")
list_indexes(
    Product,
    filters=("family", "supplier", "active", "tax_code"),
    sorts=("created_at", "updated_at", "name", "code"),
)

"""Looking for products."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.paging import Listing
from chassis.search import Search
from services.sales.products.model import Product

PRODUCTS = Listing(
    model=Product,
    sorts=("created_at", "updated_at", "name", "code"),
    default_sort="name",
    filters={
        "code": Filter(Product.code),
        "family": Filter(Product.family),
        "supplier": Filter(Product.supplier),
        "tax_code": Filter(Product.tax_code),
        "active": Filter(Product.active),
        "created_at": Filter(Product.created_at),
        "updated_at": Filter(Product.updated_at),
    },
    search=Search(Product, Product.name),
)


def products_with(tx: Session, product_ids: Collection[str]) -> dict[str, Product]:
    """Those of these products that are there, by id."""
    if not product_ids:
        return {}
    chosen = select(Product).where(Product.id.in_(sorted(set(product_ids))))
    return {product.id: product for product in tx.scalars(chosen)}

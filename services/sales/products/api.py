"""The routes of products. Products have no owner: whoever has the right may see or change each of them."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.sales.products import actions
from services.sales.products.model import Product
from services.sales.products.queries import PRODUCTS
from services.sales.products.schemas import CreateProduct, PatchProduct, ProductView
from services.sales.taxes.queries import taxes_of

router = Router(tags=["products"])


@router.get("/products", listing=PRODUCTS)
def list_products(tx: Session, asked: ListRequest) -> Page[ProductView]:
    """What is sold, and what was."""
    must_have(tx, Product, "read")
    taxes = taxes_of(tx)
    return PRODUCTS.page(tx, asked, lambda product: ProductView.of(product, taxes))


@router.post("/products", status_code=201)
def create_product(tx: Session, body: CreateProduct) -> ProductView:
    """Something new to sell; its code must not be another product's."""
    must_have(tx, Product, "create")
    product = actions.create_product(tx, facts=body.facts(), product_id=str(body.id) if body.id else None)
    return ProductView.of(product, taxes_of(tx))


@router.get("/products/{product_id}")
def read_product(tx: Session, product_id: UUID) -> ProductView:
    """One product."""
    return ProductView.of(to_read(tx, Product, product_id), taxes_of(tx))


@router.patch("/products/{product_id}")
def change_product(tx: Session, product_id: UUID, body: PatchProduct, if_match: IfMatch) -> ProductView:
    """Change fields of a product (merge patch); documents that name it keep what they say."""
    product = _to_change(tx, product_id, if_match)
    return ProductView.of(actions.change_product(tx, product, facts=body.facts()), taxes_of(tx))


@router.delete("/products/{product_id}", status_code=204)
def delete_product(tx: Session, product_id: UUID, if_match: IfMatch) -> None:
    """Take a product out of lists and reads; it can be restored."""
    actions.delete_product(tx, _to_change(tx, product_id, if_match, act="delete"))


@router.post("/products/{product_id}/restore")
def restore_product(tx: Session, product_id: UUID) -> ProductView:
    """Bring a deleted product back; 409 when another one has its code meanwhile."""
    product = to_change(tx, Product, product_id, act="delete", deleted=True)
    return ProductView.of(actions.restore_product(tx, product), taxes_of(tx))


@router.get("/products/{product_id}/history")
def read_product_history(tx: Session, product_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a product, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Product, product_id), limit=limit, cursor=cursor)


def _to_change(tx: Session, product_id: UUID, if_match: IfMatch, *, act: str = "write") -> Product:
    return to_change(
        tx, Product, product_id, if_match, view=lambda product: ProductView.of(product, taxes_of(tx)), act=act
    )

"""What people do with products. Each checks no rights: its caller found the product as the one who asks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis import records
from chassis.errors import FieldError
from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.sales import ProductCreated, ProductDeleted, ProductRestored, ProductUpdated
from services.sales.days import today
from services.sales.products.model import Product
from services.sales.taxes.queries import UnknownTaxCode, taxes_of


def create_product(tx: Session, *, facts: Mapping[str, Any], product_id: str | None = None) -> Product:
    """A new product; ``facts`` are columns by name. Raises UnknownTaxCode."""
    _check_tax(tx, facts)
    product = Product(**facts, id=product_id or new_id())
    announce_new(tx, product, ProductCreated)
    return product


def change_product(tx: Session, product: Product, *, facts: Mapping[str, Any]) -> Product:
    """Set these columns; ``custom`` merges per key. Saying the same is no change. Raises UnknownTaxCode."""
    change = Change(product)
    _check_tax(tx, facts)
    set_fields(product, facts)
    if tx.is_modified(product):
        change.announce(tx, ProductUpdated)
    return product


def delete_product(tx: Session, product: Product) -> None:
    """Take it out of lists and reads; its code is free again. Documents that name it keep what they say."""
    change = Change(product)
    records.soft_delete(tx, product)
    change.announce(tx, ProductDeleted)


def restore_product(tx: Session, product: Product) -> Product:
    """Bring it back. One that was not deleted stays as it is; a code that is taken meanwhile is a conflict."""
    change = Change(product)
    if product.deleted_at is not None:
        records.restore(tx, product)
        change.announce(tx, ProductRestored)
    return product


def _check_tax(tx: Session, facts: Mapping[str, Any]) -> None:
    if "tax_code" not in facts:
        return
    try:
        taxes_of(tx).on(facts["tax_code"], today())
    except UnknownTaxCode as error:
        raise UnknownTaxCode(error.detail, errors=[FieldError("/tax_code", error.detail)]) from error

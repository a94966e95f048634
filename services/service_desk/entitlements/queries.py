"""The published list, and which contract of a customer holds for a case."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.clock import Day
from chassis.filters import NOTHING, Filter, Special
from chassis.paging import Listing
from services.service_desk.entitlements.model import Coverage, Entitlement

# Of a customer with more contracts than this the ones that end last are looked at.
MOST_LOOKED_AT = 200


def _active_on(day: date, _caller: Caller) -> ColumnElement[bool]:
    within: Any = (Entitlement.starts_on <= day) & (Entitlement.ends_on >= day)
    left: Any = Entitlement.cases_allotted.is_(None) | (Entitlement.cases_used < Entitlement.cases_allotted)
    return within & left  # type: ignore[no-any-return]


ENTITLEMENTS = Listing(
    model=Entitlement,
    sorts=("created_at", "updated_at", "ends_on"),
    default_sort="-ends_on",
    filters={
        "account_id": Filter(Entitlement.account_id),
        "contact_id": Filter(Entitlement.contact_id),
        "product_id": Filter(Entitlement.product_id),
        "starts_on": Filter(Entitlement.starts_on),
        "ends_on": Filter(Entitlement.ends_on),
        "active_on": Special(_active_on, reads=Day, index=Entitlement.ends_on),
    },
)


def entitlements_of(tx: Session, entitlement_ids: Collection[str]) -> dict[str, Entitlement]:
    """These contracts, by id."""
    if not entitlement_ids:
        return {}
    chosen = select(Entitlement).where(Entitlement.id.in_(sorted(entitlement_ids)))
    return {each.id: each for each in tx.scalars(chosen)}


def best_entitlement(
    tx: Session, *, account_id: str | None, contact_id: str | None, product_id: str | None, day: date
) -> tuple[Entitlement | None, Coverage]:
    """The contract that a case of this customer and product counts on, locked, and what it is worth on this day.

    Of several that cover it the one for the product, then the one that ends first; else the one that ended last.
    """
    whose = [
        column == wanted
        for column, wanted in ((Entitlement.account_id, account_id), (Entitlement.contact_id, contact_id))
        if wanted
    ]
    of_product = or_(Entitlement.product_id.is_(None), Entitlement.product_id == product_id)
    chosen = (
        select(Entitlement)
        .where(or_(*whose) if whose else NOTHING, of_product, Entitlement.starts_on <= day)
        .order_by(Entitlement.ends_on.desc(), Entitlement.id)
        .limit(MOST_LOOKED_AT)
        .with_for_update()
    )
    found = tx.scalars(chosen).all()
    covering = [each for each in found if each.coverage(day) == Coverage.COVERED]
    if covering:
        first = min(covering, key=lambda each: (each.product_id is None, each.ends_on, each.id))
        return first, Coverage.COVERED
    return (found[0], found[0].coverage(day)) if found else (None, Coverage.NONE)

"""The routes of orders. Each says which right it needs, finds the order as the caller, calls one action or query."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.i18n import Language
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, owner_of_new, to_change, to_read
from services.sales.customers.queries import buyer_of
from services.sales.days import today
from services.sales.orders import actions
from services.sales.orders.model import Order
from services.sales.orders.queries import ORDERS
from services.sales.orders.schemas import CancelOrder, CreateOrder, OrderView, PatchOrder, order_view, with_erp

router = Router(tags=["orders"])


@router.get("/orders", listing=ORDERS)
def list_orders(tx: Session, asked: ListRequest, language: Language) -> Page[OrderView]:
    """The orders that the caller may see."""
    must_have(tx, Order, "read")
    page = ORDERS.page(tx, asked, OrderView.of)
    with_erp(tx, page.items, language)
    return page


@router.post("/orders", status_code=201)
def create_order(tx: Session, caller: Caller, body: CreateOrder, language: Language) -> OrderView:
    """Draft an order without a quote. Prices, discounts and taxes of its lines are the products' unless given."""
    must_have(tx, Order, "create")
    account_id, contact_id = (str(each) if each else None for each in (body.account_id, body.contact_id))
    order = actions.create_order(
        tx,
        buyer=buyer_of(tx, account_id=account_id, contact_id=contact_id),
        wanted=[line.wanted() for line in body.lines],
        owner_id=owner_of_new(tx, caller, Order, body.owner_id),
        day=today(),
        facts=body.facts(),
        order_id=str(body.id) if body.id else None,
    )
    return order_view(tx, order, language)


@router.get("/orders/{order_id}")
def read_order(tx: Session, order_id: UUID, language: Language) -> OrderView:
    """One order."""
    return order_view(tx, to_read(tx, Order, order_id), language)


@router.patch("/orders/{order_id}")
def change_order(tx: Session, order_id: UUID, body: PatchOrder, if_match: IfMatch, language: Language) -> OrderView:
    """Change a draft (merge patch); 409 for an order that was confirmed."""
    order = _to_change(tx, order_id, if_match, language)
    wanted = [line.wanted() for line in body.lines] if "lines" in body.model_fields_set else None
    return order_view(tx, actions.change_order(tx, order, facts=body.facts(), wanted=wanted, day=today()), language)


@router.post("/orders/{order_id}/release")
def release_order(tx: Session, order_id: UUID, if_match: IfMatch, language: Language) -> OrderView:
    """The goods may leave the warehouse. Needs the right to approve."""
    return order_view(
        tx, actions.release_order(tx, _to_change(tx, order_id, if_match, language, act="approve")), language
    )


@router.post("/orders/{order_id}/cancel")
def cancel_order(tx: Session, order_id: UUID, body: CancelOrder, if_match: IfMatch, language: Language) -> OrderView:
    """It will not be fulfilled; 409 once it was released or invoiced."""
    return order_view(
        tx, actions.cancel_order(tx, _to_change(tx, order_id, if_match, language), reason=body.reason), language
    )


@router.get("/orders/{order_id}/history")
def read_order_history(tx: Session, order_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an order, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Order, order_id), limit=limit, cursor=cursor)


def _to_change(tx: Session, order_id: UUID, if_match: IfMatch, language: Language, *, act: str = "write") -> Order:
    return to_change(tx, Order, order_id, if_match, view=lambda order: order_view(tx, order, language), act=act)

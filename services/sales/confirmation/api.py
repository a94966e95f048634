"""The route that makes an order binding."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.http import IfMatch, Router
from chassis.i18n import Language
from services.sales.confirmation.actions import confirm_order
from services.sales.days import today
from services.sales.orders.model import Order
from services.sales.orders.schemas import OrderView, order_view
from services.sales.rights import to_change

router = Router(tags=["orders"])


@router.post("/orders/{order_id}/confirm", name="confirm_order")
def confirm(tx: Session, order_id: UUID, if_match: IfMatch, language: Language) -> OrderView:
    """The order is binding; with `invoice_on` confirmation its whole invoice is issued as well."""
    order = to_change(tx, Order, order_id, if_match, view=lambda each: order_view(tx, each, language))
    return order_view(tx, confirm_order(tx, order, day=today()), language)

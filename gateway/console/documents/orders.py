"""Orders: confirmed, released, shipped, delivered, invoiced."""

import asyncio

from starlette.responses import Response

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.colleagues import names_of
from gateway.console.documents.lists import show_list
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_NONE = Page([])


async def list_orders(visit: Visit) -> Response:
    """The orders that this person may see."""
    return await show_list(visit, "order")


async def show_order(visit: Visit, order_id: str, **_ids: str) -> Response:
    """One order: what was delivered and invoiced of it, and what can be done."""
    order: Record = await visit.api.get(f"/orders/{order_id}")
    shipments, invoices, names = await asyncio.gather(
        if_allowed(visit.api.page("/shipments", order_id=order_id, limit=50), _NONE),
        if_allowed(visit.api.page("/invoices", order_id=order_id, limit=50), _NONE),
        names_of(visit, [order["owner_id"]]),
    )
    fulfilled = {each["order_line_id"]: each for each in order["fulfilment"]}
    return visit.show(
        "documents/order.html",
        order=order,
        shipments=shipments.items,
        invoices=invoices.items,
        fulfilled=fulfilled,
        to_ship=_left(order, fulfilled, shipments.items),
        to_invoice=_invoiceable(order, fulfilled),
        names=names,
    )


def _left(order: Record, fulfilled: dict[str, Record], shipments: list[Record]) -> bool:
    """Whether anything is on no shipment yet."""
    under_way = {line["order_line_id"] for each in shipments for line in each["lines"]}
    return any(line["id"] not in under_way for line in order["lines"]) or not shipments


def _invoiceable(order: Record, fulfilled: dict[str, Record]) -> bool:
    """Whether something may be invoiced now: what was delivered, or everything where that was agreed."""
    whole = order["invoice_on"] == "confirmation" and order["status"] not in ("draft", "cancelled")
    for line in order["lines"]:
        done = fulfilled.get(line["id"], {"delivered": "0", "invoiced": "0"})
        if float(done["invoiced"]) < float(line["quantity"] if whole else done["delivered"]):
            return True
    return False


async def confirm(visit: Visit, order_id: str) -> Response:
    """The customer is bound, and so are we."""
    await visit.api.post(f"/orders/{order_id}/confirm", **visit.once())
    return visit.lead_to(f"/orders/{order_id}", visit.say("The order is confirmed."))


async def release(visit: Visit, order_id: str) -> Response:
    """The warehouse may deliver."""
    await visit.api.post(f"/orders/{order_id}/release", **visit.once())
    return visit.lead_to(f"/orders/{order_id}", visit.say("The order is released for delivery."))


async def cancel(visit: Visit, order_id: str) -> Response:
    """It will not be fulfilled."""
    await visit.api.post(f"/orders/{order_id}/cancel", visit.facts("reason"), **visit.once())
    return visit.lead_to(f"/orders/{order_id}", visit.say("The order is cancelled."))


async def plan_shipment(visit: Visit, order_id: str) -> Response:
    """A shipment of all that is not on one yet."""
    await visit.api.post("/shipments", {"order_id": order_id}, key=visit.given("key"))
    return visit.lead_to(f"/orders/{order_id}", visit.say("The shipment is planned."))


async def ship(visit: Visit, order_id: str, shipment_id: str) -> Response:
    """It left the warehouse."""
    await visit.api.post(f"/shipments/{shipment_id}/ship", **visit.once())
    return visit.lead_to(f"/orders/{order_id}", visit.say("The shipment is on its way."))


async def deliver(visit: Visit, order_id: str, shipment_id: str) -> Response:
    """The customer has it."""
    await visit.api.post(f"/shipments/{shipment_id}/deliver", visit.facts("received_by"), **visit.once())
    return visit.lead_to(f"/orders/{order_id}", visit.say("The shipment was delivered."))


async def invoice(visit: Visit, order_id: str) -> Response:
    """A draft invoice of all that may be invoiced, which is shown next."""
    made = await visit.api.post("/invoices", {"order_id": order_id}, key=visit.given("key"))
    return visit.lead_to(f"/invoices/{made['id']}", visit.say("This is the draft. Issue it when it is right."))


ROUTES: list[Entry] = [
    Get("/orders", list_orders),
    Get("/orders/{order_id:uuid}", show_order),
    Post("/orders/{order_id:uuid}/confirm", confirm, again=show_order),
    Post("/orders/{order_id:uuid}/release", release, again=show_order),
    Post("/orders/{order_id:uuid}/cancel", cancel, again=show_order),
    Post("/orders/{order_id:uuid}/shipments", plan_shipment, again=show_order),
    Post("/orders/{order_id:uuid}/shipments/{shipment_id:uuid}/ship", ship, again=show_order),
    Post("/orders/{order_id:uuid}/shipments/{shipment_id:uuid}/deliver", deliver, again=show_order),
    Post("/orders/{order_id:uuid}/invoices", invoice, again=show_order),
]

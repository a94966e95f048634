"""Invoices: issued, and paid."""

from starlette.responses import Response

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.colleagues import names_of
from gateway.console.documents.lists import show_list
from gateway.console.routes import Entry, Get, Post
from gateway.console.visits import Visit

_NONE = Page([])


async def list_invoices(visit: Visit) -> Response:
    """The invoices that this person may see."""
    return await show_list(visit, "invoice")


async def show_invoice(visit: Visit, invoice_id: str) -> Response:
    """One invoice, what was paid of it, and what can be done."""
    invoice: Record = await visit.api.get(f"/invoices/{invoice_id}")
    payer = {name: invoice[name] for name in ("account_id", "contact_id") if invoice[name]}
    payments: Page = await if_allowed(visit.api.page("/payments", **payer, limit=100), _NONE)
    ours = [
        (each, allocation["amount"])
        for each in payments.items
        for allocation in each["allocations"]
        if allocation["invoice_id"] == invoice_id
    ]
    names = await names_of(visit, [invoice["owner_id"]])
    return visit.show("documents/invoice.html", invoice=invoice, payments=ours, names=names)


async def issue(visit: Visit, invoice_id: str) -> Response:
    """It counts from now on, and gets its number."""
    await visit.api.post(f"/invoices/{invoice_id}/issue", **visit.once())
    return visit.lead_to(f"/invoices/{invoice_id}", visit.say("The invoice is issued."))


async def discard(visit: Visit, invoice_id: str) -> Response:
    """A draft that nobody needs."""
    await visit.api.post(f"/invoices/{invoice_id}/discard", **visit.once())
    return visit.lead_to(f"/invoices/{invoice_id}", visit.say("The draft was discarded."))


async def pay(visit: Visit, invoice_id: str) -> Response:
    """Money came in for it."""
    invoice: Record = await visit.api.get(f"/invoices/{invoice_id}")
    body: Record = {name: value for name, value in visit.facts("method", "reference", "paid_on").items() if value}
    body |= {name: invoice[name] for name in ("account_id", "contact_id") if invoice[name]}
    amount = visit.wording.amount_of(visit.given("amount"))
    body["amount"] = {"amount": amount, "currency": invoice["currency"]}
    body["allocations"] = [{"invoice_id": invoice_id}]
    await visit.api.post("/payments", body, key=visit.given("key"))
    return visit.lead_to(f"/invoices/{invoice_id}", visit.say("The payment was recorded."))


ROUTES: list[Entry] = [
    Get("/invoices", list_invoices),
    Get("/invoices/{invoice_id:uuid}", show_invoice),
    Post("/invoices/{invoice_id:uuid}/issue", issue, again=show_invoice),
    Post("/invoices/{invoice_id:uuid}/discard", discard, again=show_invoice),
    Post("/invoices/{invoice_id:uuid}/payments", pay, again=show_invoice),
]

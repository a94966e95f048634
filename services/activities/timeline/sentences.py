"""What an entry says, in a sentence. English stands here, Vietnamese in ``messages/vi.json``."""

from collections.abc import Mapping
from typing import Any

from chassis.i18n import Catalogue, Text, say
from services.activities.timeline.amounts import written

_NOUNS = {
    "account": say("customer"),
    "contact": say("contact"),
    "product": say("product"),
    "order": say("order"),
    "invoice": say("invoice"),
}
_KINDS = {
    "note": say("Note"),
    "task": say("Task"),
    "phone_call": say("Phone call"),
    "appointment": say("Appointment"),
}

_CLOCKS = {"first_response": say("first response"), "resolution": say("solution")}
_SAID = {
    ("public", "out"): say("The customer was answered"),
    ("public", "in"): say("The customer wrote"),
    ("internal", "out"): say("An internal note was written"),
}

_SENTENCES = {
    "channels.submission.received.v1": say("Data came in from outside"),
    "channels.submission.updated.v1": say("Data from outside was sent again, changed"),
    "sales.intake.rejected.v1": say("What came in could not become a lead"),
    "sales.lead.created.v1": say("New lead"),
    "sales.lead.updated.v1": say("The lead was changed"),
    "sales.lead.merged.v1": say("The same person came in again"),
    "sales.lead.reattributed.v1": say("It turned out who had brought the lead first"),
    "sales.lead.assigned.v1": say("The lead was given to somebody else"),
    "sales.lead.contacted.v1": say("The lead was reached"),
    "sales.lead.qualified.v1": say("The lead became an opportunity"),
    "sales.lead.disqualified.v1": say("The lead was disqualified"),
    "sales.lead.deleted.v1": say("The lead was deleted"),
    "sales.lead.restored.v1": say("The lead was restored"),
    "sales.account.created.v1": say("New customer"),
    "sales.account.updated.v1": say("The customer was changed"),
    "sales.account.assigned.v1": say("The customer was given to somebody else"),
    "sales.account.deleted.v1": say("The customer was deleted"),
    "sales.account.restored.v1": say("The customer was restored"),
    "sales.contact.created.v1": say("New contact"),
    "sales.contact.updated.v1": say("The contact was changed"),
    "sales.contact.assigned.v1": say("The contact was given to somebody else"),
    "sales.contact.deleted.v1": say("The contact was deleted"),
    "sales.contact.restored.v1": say("The contact was restored"),
    "sales.opportunity.created.v1": say("New opportunity of {amount}"),
    "sales.opportunity.updated.v1": say("The opportunity was changed"),
    "sales.opportunity.advanced.v1": say("The opportunity went to stage {stage}"),
    "sales.opportunity.won.v1": say("The opportunity of {amount} was won"),
    "sales.opportunity.lost.v1": say("The opportunity of {amount} was lost"),
    "sales.opportunity.reopened.v1": say("The opportunity was reopened"),
    "sales.opportunity.assigned.v1": say("The opportunity was given to somebody else"),
    "sales.opportunity.deleted.v1": say("The opportunity was deleted"),
    "sales.opportunity.restored.v1": say("The opportunity was restored"),
    "sales.quote.created.v1": say("Quote {number} of {amount} was drafted"),
    "sales.quote.updated.v1": say("Quote {number} was changed: {amount}"),
    "sales.quote.sent.v1": say("Quote {number} of {amount} was sent"),
    "sales.quote.accepted.v1": say("Quote {number} of {amount} was accepted"),
    "sales.quote.rejected.v1": say("Quote {number} was rejected"),
    "sales.quote.expired.v1": say("Quote {number} expired"),
    "sales.quote.superseded.v1": say("Quote {number} was replaced by a revision"),
    "sales.quote.assigned.v1": say("Quote {number} was given to somebody else"),
    "sales.order.created.v1": say("Order {number} of {amount} was drafted"),
    "sales.order.updated.v1": say("Order {number} was changed: {amount}"),
    "sales.order.confirmed.v1": say("Order {number} of {amount} was confirmed"),
    "sales.order.released.v1": say("Order {number} may leave the warehouse"),
    "sales.order.delivered.v1": say("Goods of order {number} were delivered"),
    "sales.order.cancelled.v1": say("Order {number} was cancelled"),
    "sales.order.assigned.v1": say("Order {number} was given to somebody else"),
    "sales.shipment.planned.v1": say("Shipment {number} was planned"),
    "sales.shipment.shipped.v1": say("Shipment {number} left the warehouse"),
    "sales.shipment.delivered.v1": say("Shipment {number} was delivered"),
    "sales.shipment.assigned.v1": say("Shipment {number} was given to somebody else"),
    "sales.invoice.created.v1": say("An invoice of {amount} was drafted"),
    "sales.invoice.issued.v1": say("Invoice {number} of {amount} was issued"),
    "sales.invoice.part_paid.v1": say("Invoice {number} was paid in part"),
    "sales.invoice.paid.v1": say("Invoice {number} of {amount} was paid"),
    "sales.invoice.reopened.v1": say("Invoice {number} is owed again"),
    "sales.invoice.discarded.v1": say("A draft of an invoice of {amount} was thrown away"),
    "sales.invoice.assigned.v1": say("Invoice {number} was given to somebody else"),
    "sales.payment.received.v1": say("Payment {number} of {amount} came in"),
    "sales.payment.allocated.v1": say("Payment {number} of {amount} was allocated"),
    "sales.payment.reversed.v1": say("Payment {number} of {amount} was reversed"),
    "sales.payment.assigned.v1": say("Payment {number} was given to somebody else"),
    "erp_bridge.document.queued.v1": say("The {noun} is on its way to {connection}"),
    "erp_bridge.document.delayed.v1": say("{connection} does not take the {noun} at the moment"),
    "erp_bridge.document.accepted.v1": say("{connection} has the {noun} as {erp_number}"),
    "erp_bridge.document.refused.v1": say("{connection} refused the {noun}"),
    "erp_bridge.document.changed.v1": say("The {noun} is now {erp_state} in {connection}"),
    "erp_bridge.payment.booked.v1": say("The ERP booked a payment of {amount}"),
    "erp_bridge.payment.unbooked.v1": say("The ERP took back a payment of {amount}"),
    "service_desk.case.created.v1": say("New case {number}"),
    "service_desk.case.updated.v1": say("Case {number} was changed"),
    "service_desk.case.assigned.v1": say("Case {number} was given to somebody"),
    "service_desk.case.escalated.v1": say("Case {number} was escalated"),
    "service_desk.case.opened.v1": say("Case {number} is being worked on"),
    "service_desk.case.paused.v1": say("Case {number} waits for the customer"),
    "service_desk.case.resolved.v1": say("Case {number} was resolved"),
    "service_desk.case.closed.v1": say("Case {number} was closed"),
    "service_desk.case.reopened.v1": say("Case {number} was reopened"),
    "service_desk.case.merged.v1": say("Case {number} went into another one"),
    "service_desk.case.breached.v1": say("Case {number} is overdue: {clock}"),
    "service_desk.message.written.v1": say("{said}"),
    "service_desk.entitlement.created.v1": say("A service contract was agreed"),
    "service_desk.entitlement.updated.v1": say("The service contract was changed or used"),
    "activities.activity.created.v1": say("{kind}: {words}"),
    "activities.activity.updated.v1": say("{kind} changed: {words}"),
    "activities.activity.completed.v1": say("{kind} done: {words}"),
    "activities.activity.cancelled.v1": say("{kind} cancelled: {words}"),
    "activities.activity.assigned.v1": say("{kind} given to somebody else: {words}"),
}
TYPES = frozenset(_SENTENCES)
_NOTHING = "…"


def sentence(event_type: str, details: Mapping[str, Any], catalogue: Catalogue, language: str) -> str:
    """What happened, for a reader of this language; the event's type when nobody has put it in words yet."""
    known = _SENTENCES.get(event_type)
    if known is None:
        return event_type
    values = {name: _value(name, details, catalogue, language) for name in _named(known)}
    return catalogue.text(say(known.template, **values), language)


def _named(text: Text) -> list[str]:
    return [part.partition("}")[0] for part in text.template.split("{")[1:]]


def _value(name: str, details: Mapping[str, Any], catalogue: Catalogue, language: str) -> str:
    match name:
        case "amount" if "amount" in details:
            return written(details["amount"], language)
        case "noun" if details.get("type") in _NOUNS:
            return catalogue.text(_NOUNS[details["type"]], language)
        case "kind" if details.get("kind") in _KINDS:
            return catalogue.text(_KINDS[details["kind"]], language)
        case "clock" if details.get("clock") in _CLOCKS:
            return catalogue.text(_CLOCKS[details["clock"]], language)
        case "said" if said := _SAID.get((details.get("visibility", ""), details.get("direction", ""))):
            return catalogue.text(said, language)
    return str(details.get(name) or _NOTHING)

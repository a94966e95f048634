"""Which records belong together, as every event says by its ids: read by convention, so that new types need nothing.

A link ``(child, parent)`` means: what happens to the child is part of the parent's story. A lead's story is part of
its opportunity's, an order's of its customer's. References are ``<noun>:<id>``, as the subjects of events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.event import Envelope

Link = tuple[str, str]

# Where an event keeps the state of its subject, when the key is not the subject's noun.
_STATE = {"erp_document": "document", "erp_payment": "payment"}
# A field of the state that names a record of whose story the subject is a part.
_PARENTS = {
    "account_id": "account",
    "contact_id": "contact",
    "opportunity_id": "opportunity",
    "order_id": "order",
    "invoice_id": "invoice",
    "contract_id": "contract",
    "case_id": "case",
    "campaign_id": "campaign",
}
# A field that names a record whose story is part of the subject's: what came before it.
_CHILDREN = {"lead_id": "lead", "submission_id": "submission", "supersedes_id": "quote"}
# Beside the state stands what happened once and stays true, whatever the state says later.
_LASTING_CHILDREN = {"submission_id": "submission", "former_submission_id": "submission"}
_LASTING_PARENTS = {"opportunity_id": "opportunity", "account_id": "account", "contact_id": "contact"}


@dataclass(frozen=True, slots=True)
class Links:
    """``current`` holds until a newer event of the same subject; ``lasting`` for ever."""

    current: frozenset[Link]
    lasting: frozenset[Link]


def state_of(envelope: Envelope) -> Mapping[str, Any]:
    """The published state of the event's subject; empty when it carries none."""
    noun = noun_of(envelope.subject)
    state = envelope.data.get(_STATE.get(noun, noun))
    return state if isinstance(state, dict) else {}


def noun_of(reference: str) -> str:
    """``lead`` of ``lead:<id>``."""
    return reference.partition(":")[0]


def links_of(envelope: Envelope) -> Links:
    """The links that this event tells of; never one from a record to itself."""
    subject, state = envelope.subject, state_of(envelope)
    current = {(child, parent) for child, parent in _of_state(subject, state) if child != parent}
    lasting = {(child, parent) for child, parent in _of_event(subject, envelope.data) if child != parent}
    return Links(frozenset(current), frozenset(lasting))


def _of_state(subject: str, state: Mapping[str, Any]) -> Iterator[Link]:
    buyer = state.get("buyer")
    for fields in (state, buyer if isinstance(buyer, dict) else {}):
        for name, noun in _PARENTS.items():
            if fields.get(name):
                yield subject, f"{noun}:{fields[name]}"
    for name, noun in _CHILDREN.items():
        if state.get(name):
            yield f"{noun}:{state[name]}", subject
    for allocation in state.get("allocations") or ():
        yield subject, f"invoice:{allocation['invoice_id']}"
    if state.get("regarding"):
        yield subject, state["regarding"]
    if subject.startswith("erp_document:"):
        yield subject, subject.removeprefix("erp_document:")


def _of_event(subject: str, data: Mapping[str, Any]) -> Iterator[Link]:
    noun = noun_of(subject)
    if data.get("merged_into"):
        yield subject, f"{noun}:{data['merged_into']}"
    buyer = data.get("buyer")  # a shipment's stands beside its state
    for name in ("account_id", "contact_id"):
        if isinstance(buyer, dict) and buyer.get(name):
            yield subject, f"{_PARENTS[name]}:{buyer[name]}"
    if noun != "lead":
        return
    for name, child in _LASTING_CHILDREN.items():
        if data.get(name):
            yield f"{child}:{data[name]}", subject
    for name, parent in _LASTING_PARENTS.items():
        if data.get(name):
            yield subject, f"{parent}:{data[name]}"

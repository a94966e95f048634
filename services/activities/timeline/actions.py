"""Writing entries: what an event says in a few words, without saying anything about a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.rows import insert_rows
from events.links import links_of, state_of
from services.activities.timeline.model import entries

# Who works here, what is sold and how far a handover has got is nobody's story.
_ELSEWHERE = ("gateway.", "sales.product.", "sales.handover.", "activities.handover.")
_KEPT = ("number", "stage", "status", "kind", "revision", "connection", "erp_number", "erp_state", "type")
_EVENT_KEPT = ("verdict", "new_customer")
MOST_LINKS = 10


def is_part_of_a_story(envelope: Envelope) -> bool:
    """Whether this event belongs on a timeline."""
    return not envelope.type.startswith(_ELSEWHERE)


def write_entries(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """One entry for each event."""
    rows = [
        {
            "event_id": envelope.id,
            "subject": envelope.subject,
            "at": envelope.time,
            "type": envelope.type,
            "actor": envelope.actor,
            "details": _details(envelope),
        }
        for envelope in envelopes
    ]
    insert_rows(tx, entries, rows)


def _details(envelope: Envelope) -> dict[str, Any]:
    state = state_of(envelope)
    details = {name: state[name] for name in _KEPT if state.get(name) is not None}
    details |= {name: envelope.data[name] for name in _EVENT_KEPT if envelope.data.get(name)}
    if amount := _amount(state):
        details["amount"] = amount
    if changed := envelope.data.get("changed"):
        details["changed"] = sorted(changed)
    told = links_of(envelope)
    related = sorted({ref for link in told.current | told.lasting for ref in link} - {envelope.subject})
    if related:
        details["related"] = related[:MOST_LINKS]
    return details


def _amount(state: Mapping[str, Any]) -> dict[str, str] | None:
    """``{"amount", "currency"}`` of the state: its own, or a document's total."""
    own, totals = state.get("amount"), state.get("totals")
    if isinstance(own, dict):
        return {"amount": own["amount"], "currency": own["currency"]}
    if isinstance(totals, dict):
        return {"amount": totals["total"], "currency": state.get("currency", "VND")}
    return None

"""What sales does because of what others announce."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.channels import SubmissionReceived, SubmissionUpdated
from events.erp_bridge import (
    DocumentAccepted,
    DocumentChanged,
    DocumentDelayed,
    DocumentQueued,
    DocumentRefused,
    PaymentBooked,
    PaymentUnbooked,
)
from events.gateway import HandoverRequested, HandoverRevoked, UserCreated, UserDeactivated, UserUpdated
from events.sales import HandoverAdvanced
from services.sales.erp.actions import note_in_erp
from services.sales.erp.model import erp_documents
from services.sales.erp.queries import ErpState
from services.sales.handovers import actions as handovers
from services.sales.leads.intake import take_in
from services.sales.payments.booked import book, unbook
from services.sales.people.actions import note_person
from services.sales.people.model import people


def take_in_leads(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Every submission becomes a lead, joins one, or is refused; an updated one updates what it became."""
    # Both types carry the submission's whole state, so the newest of either is all that counts.
    take_in(tx, [(envelope.parse(SubmissionReceived).submission, envelope) for envelope in envelopes])


def know_people(tx: Session, envelope: Envelope) -> None:
    """Sales knows who works here, in which team, and who takes new leads."""
    user = envelope.parse(UserUpdated).user
    note_person(tx, user, active=user.active and envelope.type != UserDeactivated.type)


def book_erp_payments(tx: Session, envelope: Envelope) -> None:
    """A payment that the ERP booked pays its invoice, once."""
    book(tx, envelope.parse(PaymentBooked).payment, envelope.sequence)


def unbook_erp_payments(tx: Session, envelope: Envelope) -> None:
    """What a payment had paid that is gone in the ERP is owed again."""
    unbook(tx, envelope.parse(PaymentUnbooked).payment, envelope.sequence)


IN_ERP: dict[str, ErpState] = {
    DocumentQueued.type: "queued",
    DocumentDelayed.type: "delayed",
    DocumentAccepted.type: "accepted",
    DocumentRefused.type: "refused",
    DocumentChanged.type: "changed",
}


def show_in_erp(tx: Session, envelope: Envelope) -> None:
    """Orders and invoices show how they stand in the ERP."""
    note_in_erp(tx, envelope.parse(DocumentQueued).document, IN_ERP[envelope.type])


def begin_handovers(tx: Session, envelope: Envelope) -> None:
    """The open work of a seller who leaves begins to go to others."""
    handovers.begin(tx, envelope.parse(HandoverRequested).handover)


def revoke_handovers(tx: Session, envelope: Envelope) -> None:
    """What was handed over by mistake begins to go back."""
    handovers.revoke(tx, envelope.parse(HandoverRevoked).handover.id)


def go_on_with_handovers(tx: Session, envelope: Envelope) -> None:
    """After one batch of a handover comes the next."""
    progress = envelope.parse(HandoverAdvanced).handover
    if not progress.done:
        handovers.go_on(tx, progress.id)


REACTIONS = (
    Reaction(
        name="sales.take_in_leads",
        order="latest",
        to=(SubmissionReceived, SubmissionUpdated),
        react_many=take_in_leads,
    ),
    Reaction(
        name="sales.know_people",
        order="latest",
        to=(UserCreated, UserUpdated, UserDeactivated),
        react=know_people,
        projection=(people,),
    ),
    # Both look at what was told last of the payment, so they may come in any order.
    Reaction(name="sales.book_erp_payments", order="any", to=(PaymentBooked,), react=book_erp_payments),
    Reaction(name="sales.unbook_erp_payments", order="any", to=(PaymentUnbooked,), react=unbook_erp_payments),
    Reaction(
        name="sales.show_in_erp",
        order="latest",
        to=(DocumentQueued, DocumentDelayed, DocumentAccepted, DocumentRefused, DocumentChanged),
        react=show_in_erp,
        projection=(erp_documents,),
    ),
    # A batch takes what is there still to move, so it does not matter whose turn comes when.
    Reaction(name="sales.begin_handovers", order="any", to=(HandoverRequested,), react=begin_handovers),
    Reaction(name="sales.revoke_handovers", order="any", to=(HandoverRevoked,), react=revoke_handovers),
    Reaction(name="sales.go_on_with_handovers", order="any", to=(HandoverAdvanced,), react=go_on_with_handovers),
)

"""What sales does because of what others announce."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.channels import SubmissionReceived, SubmissionUpdated
from events.gateway import UserCreated, UserDeactivated, UserUpdated
from services.sales.leads.intake import take_in
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
)

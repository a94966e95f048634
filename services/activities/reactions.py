"""What activities does because of what others announce."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.activities import HandoverAdvanced
from events.gateway import (
    HandoverRequested,
    HandoverRevoked,
    PartnerCreated,
    PartnerUpdated,
    UserCreated,
    UserDeactivated,
    UserUpdated,
)
from events.sales import HandoverAdvanced as HandoverAdvancedInSales
from services.activities.handovers import actions as handovers
from services.activities.people.actions import note_name
from services.activities.people.model import people
from services.activities.records.actions import keep_records
from services.activities.records.model import links, records
from services.activities.timeline.actions import is_part_of_a_story, write_entries
from services.activities.timeline.model import entries

_USERS = (UserCreated, UserUpdated, UserDeactivated)
_PARTNERS = (PartnerCreated, PartnerUpdated)


def keep_timeline(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Every event about a customer, or about what belongs to one, is on the timelines of all whose story it is."""
    told = [envelope for envelope in envelopes if is_part_of_a_story(envelope)]
    if told:
        keep_records(tx, told)
        write_entries(tx, told)


def know_names(tx: Session, envelope: Envelope) -> None:
    """A timeline says who acted by name."""
    if envelope.type.startswith("gateway.user."):
        user = envelope.parse(UserUpdated).user
        note_name(tx, user.id, user.name)
    else:
        partner = envelope.parse(PartnerUpdated).partner
        note_name(tx, partner.id, partner.name)


def note_handovers(tx: Session, envelope: Envelope) -> None:
    """What a seller who leaves has planned is to go to others."""
    handovers.begin(tx, envelope.parse(HandoverRequested).handover)


def follow_the_records(tx: Session, envelope: Envelope) -> None:
    """When the records have their new owners, the activities about them follow."""
    progress = envelope.parse(HandoverAdvancedInSales).handover
    if progress.phase == "moving" and progress.done:
        handovers.sales_is_through(tx, progress.id)


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
        name="activities.keep_timeline",
        order="any",
        everything=True,
        react_many=keep_timeline,
        projection=(records, links, entries),
    ),
    Reaction(
        name="activities.know_names",
        order="latest",
        to=(*_USERS, *_PARTNERS),
        react=know_names,
        projection=(people,),
    ),
    Reaction(name="activities.note_handovers", order="any", to=(HandoverRequested,), react=note_handovers),
    Reaction(
        name="activities.follow_the_records", order="any", to=(HandoverAdvancedInSales,), react=follow_the_records
    ),
    Reaction(name="activities.revoke_handovers", order="any", to=(HandoverRevoked,), react=revoke_handovers),
    Reaction(name="activities.go_on_with_handovers", order="any", to=(HandoverAdvanced,), react=go_on_with_handovers),
)

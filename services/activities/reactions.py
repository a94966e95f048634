"""What activities does because of what others announce."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.gateway import PartnerCreated, PartnerUpdated, UserCreated, UserDeactivated, UserUpdated
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
)

"""What insight does because of what others announce: it keeps what reports count, and nothing else."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.gateway import PartnerCreated, PartnerUpdated, UserCreated, UserDeactivated, UserUpdated
from services.insight.facts import actions
from services.insight.facts.model import facts
from services.insight.facts.reading import INVOICES, LEADS, OPPORTUNITIES, ORDERS, read_fact
from services.insight.people.actions import note_name
from services.insight.people.model import people


def know_names(tx: Session, envelope: Envelope) -> None:
    """A report by owner or partner says who that is."""
    if envelope.type.startswith("gateway.user."):
        user = envelope.parse(UserUpdated).user
        note_name(tx, user.id, user.name)
    else:
        partner = envelope.parse(PartnerUpdated).partner
        note_name(tx, partner.id, partner.name)


def keep_facts(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Of each record the newest state is all that counts, so twins and late events change nothing."""
    actions.keep_facts(tx, [read_fact(envelope) for envelope in envelopes])


# The one lock that is held until commit comes last.
REACTIONS = (
    Reaction(
        name="insight.know_names",
        order="latest",
        to=(UserCreated, UserUpdated, UserDeactivated, PartnerCreated, PartnerUpdated),
        react=know_names,
        projection=(people,),
    ),
    Reaction(
        name="insight.keep_facts",
        order="latest",
        to=(*LEADS, *OPPORTUNITIES, *ORDERS, *INVOICES),
        react_many=keep_facts,
        projection=(facts,),
    ),
)

"""What the gateway does because of what others announce."""

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.activities import HandoverAdvanced as HandoverAdvancedInActivities
from events.sales import HandoverAdvanced as HandoverAdvancedInSales
from gateway.handovers.actions import note_progress


def follow_handovers(tx: Session, envelope: Envelope) -> None:
    """A handover shows how far each service has got, and is done when all of them are."""
    note_progress(tx, envelope.type.partition(".")[0], envelope.parse(HandoverAdvancedInSales).handover)


REACTIONS = (
    # Of each service the newest word counts: sequences are counted by source and subject.
    Reaction(
        name="gateway.follow_handovers",
        order="latest",
        to=(HandoverAdvancedInSales, HandoverAdvancedInActivities),
        react=follow_handovers,
    ),
)

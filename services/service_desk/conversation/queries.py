"""The list of a case's messages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.paging import Listing
from services.service_desk.conversation.model import Direction, Message, Visibility

MESSAGES = Listing(
    model=Message,
    sorts=("created_at",),
    default_sort="created_at",
    filters={
        "visibility": Filter(Message.visibility, Visibility),
        "direction": Filter(Message.direction, Direction),
    },
)


def known_message(tx: Session, channel: str | None, external_id: str | None) -> Message | None:
    """The message that has this name in its channel already."""
    if external_id is None:
        return None
    return tx.scalars(select(Message).where(Message.channel == channel, Message.external_id == external_id)).first()

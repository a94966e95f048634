"""Saying something in a case. Whoever calls found the case, locked, as the one who asks."""

from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from chassis.ids import new_id
from chassis.outbox import emit
from events.service_desk import MessageWritten
from services.service_desk.cases.actions import hear_from_customer, hear_from_us
from services.service_desk.cases.model import Case
from services.service_desk.conversation.model import Direction, Message, Visibility
from services.service_desk.conversation.queries import known_message


class MessageOfAnotherCase(Conflict):
    """The channel's message of this name is in another case."""

    code = "message_of_another_case"


def write_message(
    tx: Session,
    case: Case,
    *,
    text: str,
    visibility: Visibility,
    direction: Direction,
    author: str | None,
    channel: str | None = None,
    external_id: str | None = None,
    message_id: str | None = None,
) -> Message:
    """Add what was said. What a channel hands over twice is there once.

    An answer to the customer is the first response; a word of theirs ends the wait, and opens again what was over.
    Raises CaseIsOver for an answer in a closed case, CaseWasMerged for any word with the customer in one that went into
    another, or MessageOfAnotherCase.
    """
    known = known_message(tx, channel, external_id)
    if known is not None:
        if known.case_id != case.id:
            raise MessageOfAnotherCase(say("This message is in another case."))
        return known
    if visibility == Visibility.PUBLIC:
        case.must_not_be_merged()
    answers = visibility == Visibility.PUBLIC and direction == Direction.OUT
    if answers:
        case.must_not_be_closed()
    message = Message(
        id=message_id or new_id(),
        case_id=case.id,
        visibility=visibility,
        direction=direction,
        channel=channel,
        external_id=external_id,
        text=text,
        author=author,
    )
    tx.add(message)
    tx.flush()
    emit(tx, MessageWritten(message=message.state(), **case.customers))
    if answers:
        hear_from_us(tx, case)
    elif direction == Direction.IN:
        hear_from_customer(tx, case)
    return message

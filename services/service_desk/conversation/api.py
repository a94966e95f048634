"""The routes of what is said in a case. Whoever may read the case may read it, whoever may change it may write."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.http import Router
from chassis.paging import ListRequest, Page
from chassis.rights import to_change, to_read
from services.service_desk.cases.model import Case
from services.service_desk.cases.queries import merged_into
from services.service_desk.conversation import actions
from services.service_desk.conversation.model import Message
from services.service_desk.conversation.queries import MESSAGES
from services.service_desk.conversation.schemas import MessageView, WriteMessage

router = Router(tags=["cases"])


@router.get("/cases/{case_id}/messages", listing=MESSAGES)
def list_messages(tx: Session, asked: ListRequest, case_id: UUID) -> Page[MessageView]:
    """What was said in a case and in those that went into it, the earliest first."""
    case = to_read(tx, Case, case_id)
    ids = [case.id, *(each.id for each in merged_into(tx, case.id))]
    return MESSAGES.page(tx, asked, MessageView.of, where=[Message.case_id.in_(ids)])


@router.post("/cases/{case_id}/messages", status_code=201)
def write_message(tx: Session, caller: Caller, case_id: UUID, body: WriteMessage) -> MessageView:
    """Note something, answer the customer, or write down what they said."""
    message = actions.write_message(
        tx,
        to_change(tx, Case, case_id),
        text=body.text,
        visibility=body.visibility,
        direction=body.direction,
        author=caller.actor,
        channel=body.channel,
        external_id=body.external_id,
        message_id=str(body.id) if body.id else None,
    )
    return MessageView.of(message)

"""What was said in a case: to the customer, by the customer, or among ourselves."""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.published import Published
from chassis.records import Record
from events.service_desk import MessageState
from services.service_desk.tables import Base


class Visibility(StrEnum):
    """Who may read it: the customer too, or only we."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Direction(StrEnum):
    """Who said it: the customer (in), or we (out)."""

    IN = "in"
    OUT = "out"


class Message(Published, Record, Base):
    """``channel`` is how it came or went, ``external_id`` what it is called there: one such message is there once."""

    __tablename__ = "messages"
    __noun__: ClassVar[str] = "message"
    __state__ = MessageState

    case_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("cases.id"))
    visibility: Mapped[str] = mapped_column(String(10))
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str | None] = mapped_column(String(30))
    external_id: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(String(200))


# One for each published filter and sort, within a case.
Index("messages_case", Message.case_id, Message.created_at, Message.id)
Index("messages_created_at", Message.created_at, Message.id)
Index("messages_visibility", Message.visibility, Message.created_at, Message.id)
Index("messages_direction", Message.direction, Message.created_at, Message.id)
_foreign = Message.external_id.is_not(None)
Index(
    "messages_external_key",
    Message.channel,
    Message.external_id,
    unique=True,
    postgresql_where=_foreign,
    sqlite_where=_foreign,
)

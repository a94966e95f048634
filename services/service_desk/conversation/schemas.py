"""What is said in a case, as asked and answered."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.fields import Text
from chassis.http import Body, View
from chassis.i18n import say
from chassis.text import nfc
from services.service_desk.conversation.model import Direction, Message, Visibility

MessageText = Annotated[Text, Field(max_length=50_000)]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
ExternalId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(nfc)]


class WriteMessage(Body):
    """A note among ourselves unless ``visibility`` is public. ``external_id`` is what the channel calls it."""

    id: UUID | None = None
    text: MessageText
    visibility: Visibility = Visibility.INTERNAL
    direction: Direction = Direction.OUT
    channel: Channel | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.direction == Direction.IN and self.visibility == Visibility.INTERNAL:
            raise ValueError(say("What the customer says is public."))
        if self.external_id is not None and self.channel is None:
            raise ValueError(say("An external_id needs a channel."))
        return self


class MessageView(View):
    """What was said. ``author`` is who wrote it down: ``user:<id>``, ``key:<id>``."""

    id: str
    case_id: str
    visibility: Visibility
    direction: Direction
    channel: str | None
    external_id: str | None
    text: str
    author: str | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, message: Message) -> Self:
        """This message."""
        return cls.model_validate(message)

"""One service that emits and two that take: in batches, and one by one."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Column, MetaData, String, Table, Text
from sqlalchemy.orm import Session

from chassis.event import Envelope, Event
from chassis.service import Reaction, Service


class Made(Event):
    """Something was made."""

    type: ClassVar[str] = "sender.thing.made.v1"
    thing_id: str
    note: str

    @property
    def subject(self) -> str:
        return f"thing:{self.thing_id}"


takings = MetaData()
taken = Table("taken", takings, Column("id", String(36), primary_key=True), Column("note", Text))


def take_many(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """A row for each, in one statement."""
    tx.execute(taken.insert(), [{"id": each.id, "note": each.parse(Made).note} for each in envelopes])


def take_one(tx: Session, envelope: Envelope) -> None:
    """A row."""
    tx.execute(taken.insert(), {"id": envelope.id, "note": envelope.parse(Made).note})


SENDER = Service(name="sender", metadata=MetaData(), emits=(Made,))
BULK = Service(name="bulk", metadata=takings, reactions=(Reaction("bulk.take", "any", (Made,), react_many=take_many),))
ONE_BY_ONE = Service(
    name="single", metadata=takings, reactions=(Reaction("single.take", "any", (Made,), react=take_one),)
)

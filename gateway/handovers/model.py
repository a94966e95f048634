"""A handover: a seller leaves, the relationships stay. What is to go to whom, and how far it has got."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import Record
from events.gateway import HandoverState
from events.handovers import HandoverProgress
from gateway.model import Base

Json = JSON().with_variant(JSONB(), "postgresql")
# Who moves what: each says of itself when it is through.
PARTS = ("sales", "activities")


class Status(StrEnum):
    """Where a handover stands."""

    RUNNING = "running"
    DONE = "done"
    RETURNING = "returning"
    RETURNED = "returned"


class HandoverRunning(Conflict):
    """Another handover of this person is under way, or this one still is."""

    code = "handover_running"


class UndoTooLate(Conflict):
    """The days in which it could be undone are over."""

    code = "undo_too_late"


class NotActive(Conflict):
    """This person may not sign in, so nothing can be given to them."""

    code = "user_not_active"


class Handover(Record, Base):
    """``shares`` as events show them; ``progress`` by service, as each told it last."""

    __tablename__ = "handovers"
    __noun__ = "handover"
    __history__ = frozenset({"status"})

    from_user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"))
    from_team_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    shares: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default=Status.RUNNING.value)
    requested_by: Mapped[str] = mapped_column(String(200))
    undo_until: Mapped[datetime] = mapped_column(UtcDateTime)
    progress: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    @property
    def to_user_ids(self) -> list[str]:
        """Who takes over."""
        return [share["to_user_id"] for share in self.shares]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """By kind of record."""
        return {noun: count for name in PARTS for noun, count in self.progress.get(name, {}).get("counts", {}).items()}

    def note_progress(self, service: str, told: HandoverProgress) -> bool:
        """Keep what a service says of itself; whether that was the last word of this phase."""
        self.progress = {**self.progress, service: told.model_dump(mode="json", exclude={"id"})}
        phase = {Status.RUNNING: "moving", Status.RETURNING: "returning"}.get(Status(self.status))
        parts = [self.progress.get(name, {}) for name in PARTS]
        if phase is None or any(part.get("phase") != phase or not part.get("done") for part in parts):
            return False
        self.status = Status.DONE if phase == "moving" else Status.RETURNED
        return True

    def revoke(self, at: datetime) -> bool:
        """It is to be undone. False when that was said before; raises HandoverRunning or UndoTooLate."""
        if self.status in (Status.RETURNING, Status.RETURNED):
            return False
        if self.status == Status.RUNNING:
            raise HandoverRunning(say("This handover is still under way. Undo it when it is done."))
        if at > self.undo_until:
            raise UndoTooLate(say("This handover can no longer be undone."))
        self.status = Status.RETURNING
        return True

    def state(self) -> HandoverState:
        """The published state, as events carry it."""
        return HandoverState.model_validate({name: getattr(self, name) for name in HandoverState.model_fields})


# Who gets customers by it, so that a list of one's own is found by an index.
class Recipient(Base):
    """Somebody who takes over."""

    __tablename__ = "handover_recipients"

    handover_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"), primary_key=True, index=True)


_running = Handover.status.in_((Status.RUNNING, Status.RETURNING))
Index("handovers_running", Handover.from_user_id, unique=True, postgresql_where=_running, sqlite_where=_running)
Index("handovers_created_at", Handover.created_at, Handover.id)
Index("handovers_from_user_id", Handover.from_user_id, Handover.created_at, Handover.id)
Index("handovers_status", Handover.status, Handover.created_at, Handover.id)

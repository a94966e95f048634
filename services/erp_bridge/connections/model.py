"""To which ERPs we are connected, with what settings, and whether documents go there at the moment."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from chassis.money import Amount
from chassis.records import Record
from services.erp_bridge.tables import Base, Json


class Status(StrEnum):
    """``active``; ``paused``: documents wait; ``standby``: the ledger, while there is a real ERP."""

    ACTIVE = "active"
    PAUSED = "paused"
    STANDBY = "standby"


class Connection(Record, Base):
    """An ERP. ``settings`` are those of its kind without the secrets, which are sealed in ``secrets``.

    ``rate`` is how many documents a second it is sent at most; ``poll_every_s`` how often it is asked what changed.
    """

    __tablename__ = "erp_connections"
    __noun__ = "erp_connection"
    __history__ = frozenset({"name", "settings", "status", "rate", "poll_every_s", "custom", "deleted_at"})

    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    secrets: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default=Status.ACTIVE)
    rate: Mapped[Decimal] = mapped_column(Amount)
    poll_every_s: Mapped[int] = mapped_column(Integer)

    @property
    def receiver(self) -> str:
        """How deliveries name it."""
        return receiver_of(self.id)


class Following(Base):
    """How far a connection has been read. ``error``: why the last look did not succeed."""

    __tablename__ = "erp_followings"

    connection_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    cursor: Mapped[str | None] = mapped_column(Text)
    next_poll_at: Mapped[datetime] = mapped_column(UtcDateTime)
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(Text)


def receiver_of(connection_id: str) -> str:
    """How deliveries name a connection."""
    return f"erp:{connection_id}"


Index("erp_connections_created_at", Connection.created_at, Connection.id)
Index("erp_connections_status", Connection.status)
Index("erp_connections_kind", Connection.kind)

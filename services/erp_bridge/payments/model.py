"""Payments that ERPs have told us of, and looks at them that somebody asked for."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import Boolean, Date, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.ids import new_id
from chassis.money import Amount
from services.erp_bridge.tables import Base


class BookedPayment(Base):
    """A payment as it was last announced. Its id follows from the connection and the ERP's id of it."""

    __tablename__ = "erp_payments"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    connection_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    erp_id: Mapped[str] = mapped_column(String(100))
    invoice_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    paid_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str | None] = mapped_column(String(200))
    reference: Mapped[str | None] = mapped_column(String(500))
    is_booked: Mapped[bool] = mapped_column(Boolean, default=True)


class SyncState(StrEnum):
    """``asked → done | failed``."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


class Sync(Base):
    """A look at what changed in an ERP that somebody asked for; what it found is counted."""

    __tablename__ = "erp_syncs"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    connection_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    state: Mapped[str] = mapped_column(String(10), default=SyncState.ASKED)
    booked: Mapped[int] = mapped_column(Integer, default=0)
    unbooked: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def payment_id(connection_id: str, erp_id: str) -> str:
    """The same payment has the same id however often the ERP tells of it."""
    return str(uuid5(UUID(connection_id), f"payment:{erp_id}"))


Index("erp_payments_invoice", BookedPayment.invoice_id, BookedPayment.connection_id)
Index("erp_syncs_created_at", Sync.created_at, Sync.id)
for _name in ("connection_id", "state"):
    Index(f"erp_syncs_{_name}", getattr(Sync, _name), Sync.created_at, Sync.id)

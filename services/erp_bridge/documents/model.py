"""Which of our documents are to be in which ERP, how far they have got, and what they are called there."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.ids import new_id
from chassis.money import Amount
from services.erp_bridge.tables import Base, Json
from services.erp_bridge.words import Kept, keep

# How deliveries name the kind of call that takes a document to an ERP.
KIND = "erp_document"


class State(StrEnum):
    """``queued → accepted | delayed | refused | dropped``, ``delayed → accepted | refused``, ``refused → queued``."""

    QUEUED = "queued"
    DELAYED = "delayed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DROPPED = "dropped"


class NotRefused(Conflict):
    """It is on its way, or there."""

    code = "document_not_refused"


class BridgedDocument(Base):
    """One document for one ERP. ``document_id`` is ours; the pair of it and the connection is there once.

    ``reason`` says what is the matter, of an accepted one what an accountant should know of all the same.
    """

    __tablename__ = "erp_documents"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    connection_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    type: Mapped[str] = mapped_column(String(10))
    document_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    number: Mapped[str] = mapped_column(String(60))
    customer: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[Decimal] = mapped_column(Amount)
    state: Mapped[str] = mapped_column(String(10), default=State.QUEUED)
    reason: Mapped[dict[str, Any] | None] = mapped_column(Json)
    erp_id: Mapped[str | None] = mapped_column(String(100))
    erp_number: Mapped[str | None] = mapped_column(String(100))
    erp_state: Mapped[str | None] = mapped_column(String(60))
    delivery_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def accept(self, *, erp_id: str, number: str | None, state: str | None, note: Kept | None) -> None:
        """The ERP has it."""
        self.state, self.reason, self.accepted_at = State.ACCEPTED, note, utcnow()
        self.erp_id, self.erp_number, self.erp_state = erp_id, number, state

    def delay(self, reason: str) -> bool:
        """The ERP does not take it at the moment. False when that was known."""
        is_news = self.state != State.DELAYED
        self.state, self.reason = State.DELAYED, keep(reason)
        return is_news

    def refuse(self, reason: str) -> None:
        """The ERP will not take it as it is."""
        self.state, self.reason = State.REFUSED, keep(reason)

    def must_be_refused(self) -> None:
        """Raise NotRefused."""
        if self.state != State.REFUSED:
            raise NotRefused(say("Only a refused document can be sent again or given up."))


class Link(Base):
    """What one of our records is called in an ERP."""

    __tablename__ = "erp_links"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    connection_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    type: Mapped[str] = mapped_column(String(10))
    crm_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    erp_id: Mapped[str] = mapped_column(String(100))
    erp_number: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


Index(
    "erp_documents_document_key",
    BridgedDocument.document_id,
    BridgedDocument.type,
    BridgedDocument.connection_id,
    unique=True,
)
for _name in ("connection_id", "state", "type", "customer"):
    Index(f"erp_documents_{_name}", getattr(BridgedDocument, _name), BridgedDocument.created_at, BridgedDocument.id)
Index("erp_documents_created_at", BridgedDocument.created_at, BridgedDocument.id)
Index("erp_links_crm_key", Link.crm_id, Link.type, Link.connection_id, unique=True)
Index("erp_links_erp_id", Link.erp_id, Link.connection_id)
for _name in ("connection_id", "type"):
    Index(f"erp_links_{_name}", getattr(Link, _name), Link.created_at, Link.id)
Index("erp_links_created_at", Link.created_at, Link.id)

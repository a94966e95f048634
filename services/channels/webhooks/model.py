"""Who outside wants to hear of what happens here."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from chassis.records import Record
from services.channels.model import Base

KIND = "webhook"

# How long a receiver may take to learn its new secret; until then both of them sign.
BOTH_SIGN_HOURS = 24


class Webhook(Record, Base):
    """An address that hears of events. ``events`` are types, or beginnings such as ``sales.*``.

    Secrets are sealed. ``disabled_reason`` says why it was switched off when nobody here did it.
    """

    __tablename__ = "webhooks"
    __noun__ = "webhook"
    __history__ = frozenset({"url", "events", "order", "active", "disabled_reason", "deleted_at", "custom"})

    url: Mapped[str] = mapped_column(String(2_000))
    events: Mapped[list[str]] = mapped_column(JSON)
    order: Mapped[Literal["per_subject", "none"]] = mapped_column(String(12))
    active: Mapped[bool] = mapped_column(Boolean)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def receiver(self) -> str:
        """How deliveries name it."""
        return receiver_of(self.id)


def receiver_of(webhook_id: str) -> str:
    """How deliveries name a webhook."""
    return f"{KIND}:{webhook_id}"


def wants(patterns: list[str], event_type: str) -> bool:
    """Whether an event of this type is among those asked for."""
    return any(
        event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern for pattern in patterns
    )


Index("webhooks_created", Webhook.created_at, Webhook.id)
Index("webhooks_active", Webhook.active)

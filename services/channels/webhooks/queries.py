"""What was sent to a webhook, and what it answered."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.deliveries import DeliveryState, Which, delivery_attempts, find_deliveries
from services.channels.webhooks.model import Webhook


def sent_to(
    tx: Session, webhook: Webhook, *, before: int | None, limit: int, status: DeliveryState | None
) -> list[tuple[Row[Any], list[Row[Any]]]]:
    """Rows of ``deliveries``, newest first, each with its attempts in the order they were made."""
    which = Which(receiver=webhook.receiver, states=(status,) if status else ())
    found = find_deliveries(tx, which, limit=limit, before=before)
    made = select(delivery_attempts).where(delivery_attempts.c.delivery_id.in_([row.id for row in found]))
    attempts: dict[str, list[Row[Any]]] = defaultdict(list)
    for attempt in tx.execute(made.order_by(delivery_attempts.c.id)):
        attempts[attempt.delivery_id].append(attempt)
    return [(row, attempts[row.id]) for row in found]

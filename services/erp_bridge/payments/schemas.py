"""Looks at ERPs as people ask for them."""

from datetime import datetime
from uuid import UUID

from chassis.http import Body, View
from services.erp_bridge.payments.model import SyncState


class AskForSync(Body):
    """Which ERP to look at."""

    connection_id: UUID


class SyncView(View):
    """One look: payments booked and unbooked since the one before it, and documents whose state changed."""

    id: str
    connection_id: str
    state: SyncState
    booked: int
    unbooked: int
    changed: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None

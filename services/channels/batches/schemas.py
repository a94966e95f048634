"""What a partner sees of a batch."""

from datetime import datetime

from chassis.http import View
from services.channels.intake.schemas import PushedLead


class RowErrorView(View):
    """``row`` counts from 1; ``pointer`` is a JSON pointer inside the row, empty for the row as a whole."""

    row: int
    pointer: str
    message: str


class BatchAccepted(View):
    """The good rows are taken in. ``errors`` tells the first thousand things that were wrong, of ``errors_total``."""

    batch_id: str
    status_url: str
    accepted: int
    rejected: int
    errors: list[RowErrorView]
    errors_total: int


class BatchRowView(PushedLead):
    """One row that was taken in, and what became of it."""

    row: int


class BatchCounts(View):
    """How many of the accepted rows stand where. When ``received`` is 0 every row has its verdict."""

    received: int = 0
    created: int = 0
    merged: int = 0
    duplicate: int = 0
    rejected: int = 0


class BatchView(View):
    """A batch, and a page of its rows in their order."""

    batch_id: str
    received_at: datetime
    accepted: int
    rejected: int
    errors: list[RowErrorView]
    errors_total: int
    counts: BatchCounts
    items: list[BatchRowView]
    next_cursor: str | None

"""How far a batch has got."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from services.channels.batches.model import Batch, BatchRow
from services.channels.intake.model import Status, Submission


def find_own_batch(tx: Session, partner_id: str, batch_id: str) -> Batch:
    """The batch if this partner pushed it; raises NotFound, also for somebody else's."""
    found = tx.get(Batch, batch_id)
    if found is None or found.partner_id != partner_id:
        raise NotFound
    return found


def count_rows(tx: Session, batch_id: str) -> Mapping[str, int]:
    """How many rows of a batch stand at each status."""
    counted = (
        select(Submission.status, func.count().label("rows"))
        .join(BatchRow, BatchRow.submission_id == Submission.id)
        .where(BatchRow.batch_id == batch_id)
        .group_by(Submission.status)
    )
    return {row.status: row.rows for row in tx.execute(counted)}


def rows_of(
    tx: Session, batch_id: str, *, after: int, limit: int, status: Status | None = None
) -> list[tuple[int, Submission]]:
    """Rows of a batch beyond row number ``after``, with the submissions they became."""
    chosen = (
        select(BatchRow.row, Submission)
        .join(Submission, BatchRow.submission_id == Submission.id)
        .where(BatchRow.batch_id == batch_id, BatchRow.row > after)
        .order_by(BatchRow.row)
        .limit(limit)
    )
    if status is not None:
        chosen = chosen.where(Submission.status == status)
    return [(row, submission) for row, submission in tx.execute(chosen)]

"""Looking at what came in."""

from sqlalchemy.orm import Session

from chassis.errors import NotFound
from services.channels.intake.model import Submission


def find_submission(tx: Session, submission_id: str, *, lock: bool = False) -> Submission:
    """The submission; raises NotFound."""
    found = tx.get(Submission, submission_id, with_for_update=lock or None)
    if found is None:
        raise NotFound
    return found


def find_own_submission(tx: Session, partner_id: str, submission_id: str) -> Submission:
    """The submission if this partner pushed it; raises NotFound, also for somebody else's."""
    found = tx.get(Submission, submission_id)
    if found is None or found.partner_id != partner_id:
        raise NotFound
    return found

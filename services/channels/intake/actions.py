"""Taking in what partners push and people fill in, and keeping what sales made of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.ids import new_id
from chassis.outbox import emit
from events.channels import Submission as SubmissionState
from events.channels import SubmissionReceived, SubmissionUpdated
from services.channels.intake.model import Capture, Facts, Status, Submission, Verdict, submissions
from services.channels.intake.queries import find_submission
from services.channels.intake.statements import (
    VERDICT,
    insert_submissions,
    select_known,
    write_stages,
    write_verdicts,
)


class NothingToReprocess(Conflict):
    """The submission says nothing that could become a lead."""

    code = "nothing_to_reprocess"


def receive_push(tx: Session, partner_id: str, *, external_id: str | None, facts: Facts, capture: Capture) -> str:
    """Take in one pushed lead; answers the submission's id.

    A known ``external_id`` is an update of the same submission, and no news at all when it says the same again.
    """
    row = new_row("partner", facts, capture, utcnow(), partner_id=partner_id, external_id=external_id)
    if insert_submissions(tx, [row]):
        emit(tx, received(row))
        return str(row["id"])
    # The insert has waited for whoever holds this external_id, so it is there now, and locked from here on.
    known = dict(tx.execute(select_known(partner_id, [external_id or ""])).one()._mapping)
    if facts != known["facts"]:
        now = utcnow()
        tx.execute(update(submissions).where(submissions.c.id == known["id"]).values(change_of(facts, capture, now)))
        emit(tx, updated(known, facts))
    return str(known["id"])


def receive_form(tx: Session, form_key: str, *, facts: Facts, capture: Capture, suspicious: bool) -> str:
    """Take in what somebody filled in; a suspicious one stays in quarantine and is announced to nobody."""
    row = new_row("web", facts, capture, utcnow(), form_key=form_key)
    if suspicious:
        row["status"] = Status.QUARANTINED
    tx.execute(submissions.insert(), row)
    if not suspicious:
        emit(tx, received(row))
    return str(row["id"])


def reprocess(tx: Session, submission_id: str, *, facts: Facts | None = None) -> Submission:
    """Announce a submission again, with new ``facts`` if given. One in quarantine is let in by this."""
    submission = find_submission(tx, submission_id, lock=True)
    known = {each.key: getattr(submission, each.key) for each in submissions.columns}
    facts = submission.facts if facts is None else facts
    if not (facts.get("email") or facts.get("phone")):
        raise NothingToReprocess(say("It has neither an e-mail address nor a phone number."))
    submission.facts = facts
    submission.updated_at = utcnow()
    if submission.status == Status.QUARANTINED:
        submission.status = Status.RECEIVED
        emit(tx, received({**known, "facts": facts}))
    else:
        emit(tx, updated(known, facts))
    return submission


def new_row(
    channel: str,
    facts: Facts,
    capture: Capture,
    received_at: datetime,
    *,
    partner_id: str | None = None,
    external_id: str | None = None,
    form_key: str | None = None,
) -> dict[str, Any]:
    """A row of ``submissions`` for something that has just arrived."""
    return {
        "id": new_id(),
        "channel": channel,
        "status": Status.RECEIVED,
        "received_at": received_at,
        "updated_at": received_at,
        "partner_id": partner_id,
        "external_id": external_id,
        "form_key": form_key,
        "facts": facts,
        "raw": capture.raw,
        "content_type": capture.content_type,
        "headers": capture.headers,
    }


def change_of(facts: Facts, capture: Capture, now: datetime) -> dict[str, Any]:
    """The columns of a submission that a newer push replaces."""
    return {
        "facts": facts,
        "raw": capture.raw,
        "content_type": capture.content_type,
        "headers": capture.headers,
        "updated_at": now,
    }


def received(row: Mapping[str, Any]) -> SubmissionReceived:
    """The announcement of a new submission."""
    return SubmissionReceived(submission=_state(row, row["facts"]))


def updated(known: Mapping[str, Any], facts: Facts) -> SubmissionUpdated:
    """The announcement that a known submission now says this."""
    before = known["facts"]
    names = [name for name in sorted(before.keys() | facts.keys()) if before.get(name) != facts.get(name)]
    changed = {name: (before.get(name), facts.get(name)) for name in names}
    return SubmissionUpdated(submission=_state(known, facts), changed=changed)


_IDENTITY = ("id", "channel", "received_at", "partner_id", "form_key", "external_id")


def _state(row: Mapping[str, Any], facts: Facts) -> SubmissionState:
    return SubmissionState.model_validate({**facts, **{name: row[name] for name in _IDENTITY}})


def record_verdicts(tx: Session, verdicts: Iterable[Verdict]) -> None:
    """Keep what sales decided. Late and repeated verdicts change nothing, in whatever order they come.

    Verdicts about one lead are ordered by their sequence. Between subjects there is no sequence, and time decides: a
    submission that was refused may become a lead later, after its partner corrected it.
    """
    newest: dict[str, Verdict] = {}
    for verdict in verdicts:
        other = newest.get(verdict.submission_id)
        if other is None or verdict.supersedes(other):
            newest[verdict.submission_id] = verdict
    # Sorted, so that two replicas take the rows in the same order and rarely get in each other's way.
    if newest:
        write_verdicts(tx, [{name: getattr(newest[key], name) for name in VERDICT} for key in sorted(newest)])


def record_stages(tx: Session, stages: Mapping[str, str]) -> None:
    """Keep the stage that each lead has reached, by lead id."""
    if stages:
        write_stages(tx, [{"lead_id": lead_id, "stage": stages[lead_id]} for lead_id in sorted(stages)])

"""Everything channels does because of an event: verdicts and stages from sales, the feed, and webhooks from everybody.

The feed comes last in the manifest: its lock is held until commit, so it is taken when all other work is done.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.sales import (
    IntakeRejected,
    LeadAssigned,
    LeadContacted,
    LeadCreated,
    LeadDeleted,
    LeadDisqualified,
    LeadMerged,
    LeadQualified,
    LeadReattributed,
    LeadRestored,
    LeadUpdated,
)
from services.channels.feed import actions as feed
from services.channels.intake import actions as intake
from services.channels.intake.model import Status, Verdict
from services.channels.webhooks import actions as webhooks

_VERDICTS = (LeadCreated, LeadMerged, LeadReattributed, IntakeRejected)
_LEAD_CHANGES = {
    event.type: event
    for event in (
        LeadCreated,
        LeadUpdated,
        LeadMerged,
        LeadReattributed,
        LeadAssigned,
        LeadContacted,
        LeadQualified,
        LeadDisqualified,
        LeadDeleted,
        LeadRestored,
    )
}
DELETED = "deleted"
"""The stage of a lead that is gone; restored it has the stage again that it had."""


def record_verdicts(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """A partner sees what became of each lead that it pushed."""
    intake.record_verdicts(tx, [verdict for envelope in envelopes for verdict in _verdicts_in(envelope)])


def _verdicts_in(envelope: Envelope) -> Iterator[Verdict]:
    match envelope.type:
        case LeadCreated.type:
            created = envelope.parse(LeadCreated)
            if created.submission_id is not None:  # else somebody typed it in
                yield _verdict(envelope, created.submission_id, Status.CREATED, created.lead.id)
        case LeadMerged.type:
            merged = envelope.parse(LeadMerged)
            yield _verdict(envelope, merged.submission_id, Status(merged.verdict), merged.lead.id)
        case LeadReattributed.type:
            moved = envelope.parse(LeadReattributed)
            yield _verdict(envelope, moved.submission_id, Status.CREATED, moved.lead.id)
            yield _verdict(envelope, moved.former_submission_id, Status(moved.former_verdict), moved.lead.id)
        case IntakeRejected.type:
            rejected = envelope.parse(IntakeRejected)
            yield _verdict(envelope, rejected.submission_id, Status.REJECTED, reason=rejected.reason)


def _verdict(
    envelope: Envelope, submission_id: str, status: Status, lead_id: str | None = None, reason: str | None = None
) -> Verdict:
    return Verdict(submission_id, status, envelope.subject, envelope.sequence, envelope.time, lead_id, reason)


def record_stage(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """A partner sees how far its leads have got, up to qualified, and when one is gone."""
    stages: dict[str, str] = {}
    for envelope in envelopes:
        lead = envelope.parse(_LEAD_CHANGES[envelope.type]).lead
        stages[lead.id] = DELETED if envelope.type == LeadDeleted.type else lead.stage
    intake.record_stages(tx, stages)


def notify_webhooks(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Other systems hear of the events they asked for."""
    webhooks.notify(tx, envelopes)


def append_to_feed(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Whoever follows the feed hears of everything, once, in an order that never changes afterwards."""
    feed.append_to_feed(tx, envelopes)


REACTIONS = (
    Reaction("channels.record_verdicts", order="any", to=_VERDICTS, react_many=record_verdicts),
    Reaction("channels.record_stage", order="latest", to=tuple(_LEAD_CHANGES.values()), react_many=record_stage),
    Reaction("channels.notify_webhooks", order="any", everything=True, react_many=notify_webhooks),
    Reaction("channels.append_to_feed", order="any", everything=True, react_many=append_to_feed),
)

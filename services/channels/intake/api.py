"""Routes for partners who push leads one by one, and for those who look after what came in."""

from uuid import UUID

from sqlalchemy.orm import Session
from starlette.requests import Request

from chassis.caller import Caller, requires_role
from chassis.filters import Filter
from chassis.http import RawBody, Router
from chassis.paging import Listing, ListRequest, Page
from services.channels.intake import actions, queries
from services.channels.intake.model import Status, Submission
from services.channels.intake.partners import partner_of, pushes_leads
from services.channels.intake.schemas import (
    Accepted,
    PushedLead,
    PushLead,
    SubmissionSummary,
    SubmissionView,
    capture_of,
    headers_of,
    read_again,
)

router = Router(tags=["leads coming in"])

PUSHED_LEADS = Listing(
    model=Submission,
    sorts=("received_at",),
    default_sort="-received_at",
    filters={
        "external_id": Filter(Submission.external_id),
        "status": Filter(Submission.status, Status),
        "received_at": Filter(Submission.received_at),
    },
)

SUBMISSIONS = Listing(
    model=Submission,
    sorts=("received_at",),
    default_sort="-received_at",
    filters={
        "status": Filter(Submission.status, Status),
        "partner_id": Filter(Submission.partner_id),
        "external_id": Filter(Submission.external_id),
        "form_key": Filter(Submission.form_key),
        "lead_id": Filter(Submission.lead_id),
        "received_at": Filter(Submission.received_at),
    },
)

_SEES_CUSTOMERS = ("administrator", "director", "sales_manager", "marketing_manager", "data_protection")
_keeps_watch = requires_role("operator", *_SEES_CUSTOMERS)


@router.post("/partner/leads", status_code=202, allow=pushes_leads)
def push_lead(tx: Session, caller: Caller, request: Request, body: PushLead, raw: RawBody) -> Accepted:
    """Push a lead. A known `external_id` updates the same submission instead of adding another."""
    submission_id = actions.receive_push(
        tx,
        partner_of(caller),
        external_id=body.external_id,
        facts=body.facts,
        capture=capture_of(raw, headers_of(request)),
    )
    return Accepted.of(submission_id)


@router.get("/partner/leads", allow=pushes_leads, listing=PUSHED_LEADS)
def list_pushed_leads(tx: Session, caller: Caller, asked: ListRequest) -> Page[PushedLead]:
    """The leads this partner has pushed, newest first."""
    return PUSHED_LEADS.page(tx, asked, PushedLead.of, where=[Submission.partner_id == partner_of(caller)])


@router.get("/partner/leads/{submission_id}", allow=pushes_leads)
def read_pushed_lead(tx: Session, caller: Caller, submission_id: UUID) -> PushedLead:
    """What became of a lead this partner has pushed."""
    return PushedLead.of(queries.find_own_submission(tx, partner_of(caller), str(submission_id)))


@router.get("/submissions", allow=_keeps_watch, listing=SUBMISSIONS)
def list_submissions(tx: Session, asked: ListRequest) -> Page[SubmissionSummary]:
    """Everything that came in, newest first."""
    return SUBMISSIONS.page(tx, asked, SubmissionSummary.model_validate)


@router.get("/submissions/{submission_id}", allow=_keeps_watch)
def read_submission(tx: Session, caller: Caller, submission_id: UUID) -> SubmissionView:
    """One submission, with its raw form for those who may see customers."""
    return _shown(queries.find_submission(tx, str(submission_id)), caller)


@router.post("/submissions/{submission_id}/reprocess", allow=_keeps_watch)
def reprocess_submission(tx: Session, caller: Caller, submission_id: UUID) -> SubmissionView:
    """Read a submission anew and announce it again; this also lets one out of quarantine."""
    submission = queries.find_submission(tx, str(submission_id), lock=True)
    return _shown(actions.reprocess(tx, submission.id, facts=read_again(submission)), caller)


def _shown(submission: Submission, caller: Caller) -> SubmissionView:
    return SubmissionView.of(submission, with_person=not caller.roles.isdisjoint(_SEES_CUSTOMERS))

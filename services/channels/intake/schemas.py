"""What partners send and see, and what the people who run this installation see of it."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request

from chassis.clock import Moment
from chassis.errors import FieldError, Invalid
from chassis.http import API, Body, View
from chassis.i18n import complaint, say
from chassis.problems import pointer
from services.channels.intake.model import Capture, Facts, Status, Submission

MOST_CUSTOM_FIELDS = 100
MOST_CUSTOM_BYTES = 16_384


def _none_if_blank(text: str | None) -> str | None:
    # Spreadsheets and forms send "" for what they do not know.
    return text or None


_BLANK_IS_NONE = AfterValidator(_none_if_blank)
Text100 = Annotated[str | None, Field(max_length=100), _BLANK_IS_NONE]
Text200 = Annotated[str | None, Field(max_length=200), _BLANK_IS_NONE]
Text320 = Annotated[str | None, Field(max_length=320), _BLANK_IS_NONE]
Text500 = Annotated[str | None, Field(max_length=500), _BLANK_IS_NONE]
Text1000 = Annotated[str | None, Field(max_length=1_000), _BLANK_IS_NONE]
Text5000 = Annotated[str | None, Field(max_length=5_000), _BLANK_IS_NONE]


def _bounded(custom: dict[str, Any]) -> dict[str, Any]:
    if len(custom) > MOST_CUSTOM_FIELDS:
        raise ValueError(say("At most {limit} custom fields.", limit=MOST_CUSTOM_FIELDS))
    if any(not name or len(name) > 100 for name in custom):
        raise ValueError(say("A custom field's name has 1 to {limit} characters.", limit=100))
    if len(orjson.dumps(custom)) > MOST_CUSTOM_BYTES:
        raise ValueError(say("Custom fields may take {limit} bytes together.", limit=MOST_CUSTOM_BYTES))
    return custom


class _Trimmed(Body):
    model_config = ConfigDict(str_strip_whitespace=True)


class PushedConsent(_Trimmed):
    """That the person agreed to be contacted for one purpose on one channel, and how that can be shown."""

    purpose: Annotated[str, Field(min_length=1, max_length=100)]
    channel: Annotated[str, Field(min_length=1, max_length=50)]
    given_at: Moment | None = None
    text_version: Text100 = None
    proof: Text1000 = None


class LeadFacts(_Trimmed):
    """What somebody tells us about a person who may become a customer: at least an e-mail address or a phone number."""

    name: Text200 = None
    first_name: Text100 = None
    last_name: Text100 = None
    company: Text200 = None
    email: Text320 = None
    phone: Text100 = None
    title: Text200 = None
    source: Text200 = None
    campaign: Text200 = None
    product_interest: Text500 = None
    note: Text5000 = None
    consents: list[PushedConsent] = Field(default_factory=list, max_length=50)
    custom: Annotated[dict[str, Any], AfterValidator(_bounded)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _reachable(self) -> "LeadFacts":
        if self.email is None and self.phone is None:
            raise ValueError(say("Give at least one of email and phone."))
        return self

    @property
    def facts(self) -> Facts:
        """What was given, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True, exclude={"external_id"})


class PushLead(LeadFacts):
    """A lead. With an ``external_id`` of the partner's own, pushing it again updates it instead of adding another."""

    external_id: Text200 = None


class Accepted(View):
    """Taken in: from here on it is not lost. ``status_url`` says what becomes of it."""

    submission_id: str
    status_url: str

    @classmethod
    def of(cls, submission_id: str) -> "Accepted":
        """The answer for this submission."""
        return cls(submission_id=submission_id, status_url=f"{API}/partner/leads/{submission_id}")


# Of leads that somebody else brought, a partner learns nothing but that they are known.
_OWN_LEAD = frozenset({Status.CREATED, Status.MERGED})


class PushedLead(View):
    """What became of a pushed lead. ``lead_id`` and ``stage`` are there when it is the partner's own."""

    submission_id: str
    external_id: str | None
    status: Status
    lead_id: str | None = None
    stage: str | None = None
    reason: str | None = None
    received_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, submission: Submission) -> "PushedLead":
        """What its partner may see."""
        own = submission.status in _OWN_LEAD
        return cls(
            submission_id=submission.id,
            external_id=submission.external_id,
            status=Status(submission.status),
            lead_id=submission.lead_id if own else None,
            stage=submission.stage if own else None,
            reason=submission.reason if submission.status == Status.REJECTED else None,
            received_at=submission.received_at,
            updated_at=submission.updated_at,
        )


class SubmissionSummary(View):
    """A submission in a list, without anything about the person."""

    id: str
    channel: str
    status: Status
    partner_id: str | None
    external_id: str | None
    form_key: str | None
    lead_id: str | None
    stage: str | None
    reason: str | None
    received_at: datetime
    updated_at: datetime


class RawForm(View):
    """A submission word for word."""

    body: str
    content_type: str
    headers: dict[str, str]


class SubmissionView(SubmissionSummary):
    """A submission as it came and as it was read; both null for those who run the system and see no customers."""

    facts: dict[str, Any] | None = None
    raw: RawForm | None = None

    @classmethod
    def of(cls, submission: Submission, *, with_person: bool) -> "SubmissionView":
        """What this reader may see."""
        view = cls.model_validate(SubmissionSummary.model_validate(submission).model_dump())
        if with_person:
            view.facts = submission.facts
            view.raw = RawForm(body=submission.raw, content_type=submission.content_type, headers=submission.headers)
        return view


def read_again(submission: Submission) -> Facts | None:
    """The facts in what a partner pushed, as they are read today; None where only the form knew how to read them.

    Raises Invalid when they would be refused today.
    """
    if submission.channel != "partner":
        return None
    try:
        return PushLead.model_validate_json(submission.raw).facts
    except ValidationError as error:
        raise Invalid(errors=field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    """What pydantic has against a lead, with a JSON pointer each."""
    return [
        FieldError(pointer(detail["loc"]), complaint(detail["type"], detail["msg"], detail.get("ctx") or {}))
        for detail in error.errors(include_url=False, include_input=False)
    ]


# Enough to tell where something came from, and nothing that lets anybody in.
_HEADERS_KEPT = frozenset(
    {b"content-type", b"user-agent", b"origin", b"referer", b"accept-language", b"idempotency-key"}
)


def headers_of(request: Request) -> dict[str, str]:
    """The headers worth keeping."""
    found = (each for each in request.scope["headers"] if each[0] in _HEADERS_KEPT)
    return {name.decode("latin-1"): value.decode("latin-1")[:500] for name, value in found}


def capture_of(body: bytes, headers: dict[str, str]) -> Capture:
    """The body as text that every database takes, whatever bytes it is made of."""
    text = body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return Capture(text, headers.get("content-type", "")[:200], headers)

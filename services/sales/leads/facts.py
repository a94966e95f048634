"""What a submission says about a person, and how it goes into a lead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.text import nfc
from events.channels import Submission
from services.sales.leads.model import Lead, LeadStatus
from services.sales.names import name_parts
from services.sales.people.queries import Person
from services.sales.points.model import Element, Point, as_point, element, read_emails, read_phones

# Columns that a submission fills one by one, and the longest text that each keeps.
_TEXTS = {"company": 300, "title": 200, "product_interest": 500, "needs": 10_000}

Touch = tuple[datetime, str]


@dataclass(slots=True, frozen=True)
class Facts:
    """One submission, read. ``values`` has the columns that it says something about; ``custom`` keys of custom fields.

    ``name`` is full, given and other names, the full one empty when none was said. Texts longer than a lead keeps are
    cut; channels has them whole.
    """

    submission: Submission
    phones: list[Point]
    emails: list[Point]
    name: tuple[str, str | None, str | None]
    values: dict[str, Any]
    attribution: dict[str, str | None]

    @classmethod
    def of(cls, submission: Submission) -> "Facts":
        """Read a submission."""
        said = {
            "company": submission.company,
            "title": submission.title,
            "product_interest": submission.product_interest,
            "needs": submission.note,
        }
        cut = {name: _cut(text, _TEXTS[name]) for name, text in said.items()}
        values: dict[str, Any] = {name: text for name, text in cut.items() if text}
        if submission.consents:
            values["contactable"] = True
        return cls(
            submission=submission,
            phones=read_phones(submission.phone),
            emails=read_emails(submission.email),
            name=name_parts(submission.name, submission.first_name, submission.last_name),
            values=values,
            attribution={"source": _cut(submission.source, 200), "campaign": _cut(submission.campaign, 200)},
        )

    @property
    def id(self) -> str:
        """The submission's id."""
        return self.submission.id

    @property
    def touch(self) -> Touch:
        """What decides who was first: when it was accepted, and its id where two were accepted at once."""
        return (self.submission.received_at, self.submission.id)

    def points(self) -> list[Point]:
        """Every way to reach this person."""
        return [*self.phones, *self.emails]

    def new_lead(self, lead_id: str, owner: Person | None, actor: str | None) -> dict[str, Any]:
        """The row of the lead that this submission makes."""
        full_name, first_name, last_name = self.name
        phones, emails = _elements(self.phones), _elements(self.emails)
        company = self.values.get("company")
        return {
            "id": lead_id,
            "kind": "company" if company and not full_name else "person",
            "full_name": full_name or _stand_in(company, phones, emails),
            "first_name": first_name,
            "last_name": last_name,
            "salutation": None,
            "company": company,
            "title": self.values.get("title"),
            "phones": phones,
            "emails": emails,
            **self.attribution,
            "product_interest": self.values.get("product_interest"),
            "needs": self.values.get("needs"),
            "rating": None,
            "status": LeadStatus.NEW.value,
            "stage": LeadStatus.NEW.value,
            "disqualified_reason": None,
            "contactable": self.values.get("contactable", False),
            "custom": dict(self.submission.custom),
            "owner_id": owner.id if owner else None,
            "team_id": owner.team_id if owner else None,
            "partner_id": self.submission.partner_id,
            "submission_id": self.id,
            "first_touch_at": self.submission.received_at,
            "created_by": actor,
        }

    def fill(self, lead: Lead, written: Collection[str]) -> None:
        """Add to the lead what it has no value for. ``written`` are fields that people have set: those stay."""
        for name, value in self.values.items():
            if not getattr(lead, name) and name not in written:
                setattr(lead, name, value)
        _set_custom(lead, {**self.submission.custom, **lead.custom}, written)
        for point in self.points():
            lead.add_point(point)
        if _is_nameless(lead, written):
            self._name(lead)

    def overrule(self, lead: Lead, written: Collection[str]) -> None:
        """Say it instead of a later submission; what this one leaves out stays, and so does what people wrote."""
        nameless = _is_nameless(lead, written)
        for name, value in self.values.items():
            if name not in written:
                setattr(lead, name, value)
        _set_custom(lead, {**lead.custom, **self.submission.custom}, written)
        lead.lead_with("phone", self.phones, primary="phones" not in written)
        lead.lead_with("email", self.emails, primary="emails" not in written)
        if nameless or (self.name[0] and "full_name" not in written and lead.submission_id is not None):
            self._name(lead)

    def attribute(self, lead: Lead, written: Collection[str]) -> None:
        """Make this submission the lead's first touch."""
        for name, value in self.attribution.items():
            if name not in written:
                setattr(lead, name, value)
        lead.partner_id = self.submission.partner_id
        lead.submission_id = self.id
        lead.first_touch_at = self.submission.received_at

    def correct_attribution(self, lead: Lead, written: Collection[str]) -> None:
        """The first touch says anew where it came from; what it leaves out stays."""
        for name, value in self.attribution.items():
            if value and name not in written:
                setattr(lead, name, value)

    def _name(self, lead: Lead) -> None:
        full_name, first_name, last_name = self.name
        if full_name:
            lead.full_name, lead.first_name, lead.last_name, lead.kind = full_name, first_name, last_name, "person"
        else:
            lead.full_name = _stand_in(lead.company, lead.phones, lead.emails)
            lead.kind = "company" if lead.company else "person"


def fill_from(lead: Lead, other: Lead, written: Collection[str]) -> None:
    """Add to the lead what another one, of the same person, has and it has not."""
    for name in (*_TEXTS, "contactable"):
        if not getattr(lead, name) and name not in written:
            setattr(lead, name, getattr(other, name))
    _set_custom(lead, {**other.custom, **lead.custom}, written)
    for each in (*other.phones, *other.emails):
        lead.add_point(as_point(each))
    if _is_nameless(lead, written) and other.first_name is not None:
        for name in ("full_name", "first_name", "last_name", "kind"):
            setattr(lead, name, getattr(other, name))


def _cut(text: str | None, longest: int) -> str | None:
    return nfc(text).strip()[:longest] or None if text else None


def _elements(points: list[Point]) -> list[Element]:
    return [element(point, primary=number == 0) for number, point in enumerate(points)]


def _stand_in(company: str | None, phones: list[Element], emails: list[Element]) -> str:
    """What a lead is called while nobody has said a name."""
    return company or next(iter([*phones, *emails]))["original"]


def _is_nameless(lead: Lead, written: Collection[str]) -> bool:
    """Whether the lead is called by a stand-in. One that a person typed in is called what they typed."""
    return lead.first_name is None and lead.submission_id is not None and "full_name" not in written


def _set_custom(lead: Lead, custom: dict[str, Any], written: Collection[str]) -> None:
    for key in custom:
        if f"custom.{key}" in written and key in lead.custom:
            custom[key] = lead.custom[key]
    if custom != lead.custom:
        lead.custom = custom

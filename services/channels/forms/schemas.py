"""Forms as administrators make them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from chassis.http import Body, View
from chassis.i18n import say
from services.channels.forms.model import Form

# What a form may ask for; anything else is a custom field, "custom.<name>".
FACTS = (
    *("name", "first_name", "last_name", "company", "email", "phone"),
    *("title", "campaign", "product_interest", "note"),
)
CONSENT = "consent"
# What the embedded form adds by itself: where the visitor came from.
TRACKED = ("page", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

FieldName = Annotated[
    str, StringConstraints(pattern=r"^(" + "|".join(FACTS) + r"|custom\.[a-z][a-z0-9_]{0,49})$", max_length=60)
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]{1,253}(:\d{1,5})?$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ThankYou = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Honeypot = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]


class FormField(Body):
    """One thing that is asked. Without labels the well-known fields have their usual ones."""

    name: FieldName
    label_vi: Label | None = None
    label_en: Label | None = None
    kind: Literal["text", "email", "tel", "textarea"] = "text"
    required: StrictBool = False


class FormConsent(Body):
    """What a person who ticks the box agrees to: shown beside the box, and kept as proof."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    channels: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=50)]], Field(min_length=1, max_length=10)
    ]
    text_vi: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    text_en: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    text_version: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def _reachable(fields: list[FormField]) -> list[FormField]:
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise ValueError(say("A field is there twice."))
    if not {"email", "phone"} & set(names):
        raise ValueError(say("Ask for at least one of email and phone."))
    return fields


Fields = Annotated[list[FormField], Field(min_length=1, max_length=50), AfterValidator(_reachable)]
Origins = Annotated[list[Origin], Field(max_length=50)]
Custom = Annotated[dict[str, Any], Field(max_length=100)]


class CreateForm(Body):
    """A form. ``key`` stands in the address that pages use."""

    id: UUID | None = None
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$")]
    name: Name
    source: Name | None = None
    fields: Fields
    allowed_origins: Origins = Field(default_factory=list)
    honeypot: Honeypot = "website"
    consent: FormConsent | None = None
    thank_you: ThankYou | None = None
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)

    @model_validator(mode="after")
    def _honeypot_is_no_field(self) -> "CreateForm":
        if self.honeypot in (*FACTS, *TRACKED, CONSENT):
            raise ValueError(say("People may fill in a field of this name."))
        return self


class ChangeForm(Body):
    """What is given is changed; the key cannot be."""

    name: Name = ""
    source: Name | None = None
    fields: Fields = Field(default_factory=list)
    allowed_origins: Origins = Field(default_factory=list)
    consent: FormConsent | None = None
    thank_you: ThankYou | None = None
    active: StrictBool = True
    custom: Custom = Field(default_factory=dict)


class FormView(View):
    """A form."""

    id: str
    key: str
    name: str
    source: str | None
    fields: list[FormField]
    allowed_origins: list[str]
    honeypot: str
    consent: FormConsent | None
    thank_you: str | None
    active: bool
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int


class Thanks(View):
    """Taken in, or taken for a robot's: the answer is the same."""

    status: Literal["received"] = "received"
    message: str

    @classmethod
    def of(cls, form: Form, message: str) -> "Thanks":
        """What the form says to whoever filled it in; ``message`` when it has no words of its own."""
        return cls(message=form.thank_you or message)

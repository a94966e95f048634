"""Reads what somebody filled in: JSON from a script, or what a browser sends by itself."""

from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from chassis.clock import utcnow
from chassis.errors import BadRequest, FieldError, Invalid, UnsupportedMedia
from chassis.http.json_body import read_json
from chassis.i18n import complaint, say
from chassis.problems import pointer
from services.channels.forms.model import Form
from services.channels.forms.schemas import CONSENT, TRACKED
from services.channels.intake.model import Facts
from services.channels.intake.schemas import LeadFacts, field_errors

MOST_FIELDS = 100
_TICKED = frozenset({"true", "on", "1", "yes"})


def read_answers(body: bytes, content_type: str) -> dict[str, str]:
    """Field names and what stands in them. Raises BadRequest, UnsupportedMedia, or Invalid that names the field."""
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    if media == "application/json":
        return _plain(read_json(body))
    raise UnsupportedMedia(
        say("The body must be sent as {media}.", media="application/json, application/x-www-form-urlencoded")
    )


def _urlencoded(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
            strict_parsing=bool(body),
        )
    except ValueError as error:
        raise BadRequest(say("The body cannot be read as a form.")) from error
    for name, value in pairs:
        if "\x00" in name + value:
            raise _wrong(name, say("A NUL character is not allowed."))
    return dict(pairs)


def _plain(answers: Any) -> dict[str, str]:
    if not isinstance(answers, dict) or len(answers) > MOST_FIELDS:
        raise Invalid(say("The body must be an object with at most {limit} fields.", limit=MOST_FIELDS))
    read = {}
    for name, value in answers.items():
        if isinstance(value, bool):
            value = "true" if value else ""
        if value is not None and not isinstance(value, str):
            raise _wrong(name, complaint("string_type", "Input should be a valid string", {}))
        read[name] = value or ""
    return read


def is_robot(form: Form, answers: dict[str, str]) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(answers.get(form.honeypot, "").strip())


def facts_in(form: Form, answers: dict[str, str]) -> Facts:
    """What the answers say about a person; raises Invalid that names every field that is unknown, missing or wrong."""
    asked = {field["name"]: field for field in form.fields}
    known = {*asked, *TRACKED, CONSENT, form.honeypot}
    unknown = [name for name in answers if name not in known]
    missing = [name for name, field in asked.items() if field["required"] and not answers.get(name, "").strip()]
    errors = [_error(name, complaint("extra_forbidden", "Extra inputs are not permitted", {})) for name in unknown]
    errors += [_error(name, complaint("missing", "Field required", {})) for name in missing]
    try:
        facts = LeadFacts.model_validate(
            _lead(form, {name: answers[name] for name in asked if name in answers}, answers)
        )
    except ValidationError as error:
        errors += field_errors(error)
    if errors:
        raise Invalid(errors=errors)
    return facts.facts


def _lead(form: Form, given: dict[str, str], answers: dict[str, str]) -> dict[str, Any]:
    custom = {name.removeprefix("custom."): text for name, text in given.items() if name.startswith("custom.") and text}
    tracked = {name: answers[name][:500] for name in TRACKED if answers.get(name)}
    lead: dict[str, Any] = {name: text for name, text in given.items() if not name.startswith("custom.")}
    lead["source"] = form.source
    lead.setdefault("campaign", answers.get("utm_campaign"))
    lead["custom"] = {"form": form.name, **tracked, **custom}
    if form.consent and answers.get(CONSENT, "").strip().lower() in _TICKED:
        lead["consents"] = [
            {
                "purpose": form.consent["purpose"],
                "channel": channel,
                "given_at": utcnow(),
                "text_version": form.consent["text_version"],
                "proof": f"form {form.key}",
            }
            for channel in form.consent["channels"]
        ]
    return lead


def _error(name: str, message: str) -> FieldError:
    return FieldError(pointer([name]) if name else "", message)


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(message, errors=[_error(name, message)])

"""Contact points: the phones and e-mail addresses of a lead, as typed and in the one spelling that finds a twin."""

import re
from dataclasses import dataclass
from typing import Literal, TypedDict

from chassis.emails import normalise_email
from chassis.ids import new_id
from chassis.phones import parse_phones

Kind = Literal["phone", "email"]

_LONGEST_ORIGINAL = 200
_BETWEEN_EMAILS = re.compile(r"[\s;,/|]+")


@dataclass(slots=True, frozen=True)
class Point:
    """One way to reach somebody. ``value`` is E.164 or a lower-case address, ``original`` what was typed.

    ``ambiguous``: it may belong to somebody else as well. ``identifies``: false for hotlines and placeholders.
    """

    kind: Kind
    value: str
    original: str
    ambiguous: bool = False
    identifies: bool = True

    @property
    def matches(self) -> bool:
        """Whether two leads that share it are the same party without anybody looking."""
        return self.identifies and not self.ambiguous


class Element(TypedDict):
    """A contact point as a lead keeps it. The first one is the primary one unless a person chose another."""

    id: str
    value: str
    original: str
    primary: bool
    ambiguous: bool
    identifies: bool


def read_phones(text: str | None) -> list[Point]:
    """The distinct phone numbers in this text; often one, sometimes two in a cell, empty when there is none."""
    if not text:
        return []
    original = text.strip()[:_LONGEST_ORIGINAL]
    return [Point("phone", phone.e164, original, phone.ambiguous, phone.identifies) for phone in parse_phones(text)]


def read_emails(text: str | None) -> list[Point]:
    """The distinct e-mail addresses in this text; empty when there is none."""
    if not text:
        return []
    whole = normalise_email(text)
    if whole is not None:
        return [Point("email", whole, text.strip()[:_LONGEST_ORIGINAL])]
    found: dict[str, Point] = {}
    for part in _BETWEEN_EMAILS.split(text[:1000]):
        value = normalise_email(part) if part else None
        if value is not None:
            found.setdefault(value, Point("email", value, part[:_LONGEST_ORIGINAL]))
    return list(found.values())


def element(point: Point, *, primary: bool) -> Element:
    """A new element for this contact point."""
    return {
        "id": new_id(),
        "value": point.value,
        "original": point.original,
        "primary": primary,
        "ambiguous": point.ambiguous,
        "identifies": point.identifies,
    }


def as_point(kept: Element) -> Point:
    """The contact point of an element."""
    kind: Kind = "email" if "@" in kept["value"] else "phone"
    return Point(kind, kept["value"], kept["original"], kept["ambiguous"], kept["identifies"])


def national(e164: str) -> str:
    """A Vietnamese number as people dial it (``0912345678``); any other as it is."""
    return "0" + e164[3:] if e164.startswith("+84") else e164

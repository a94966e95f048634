"""Contact points: phones and e-mail addresses, as typed and in the one spelling that finds a twin."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from sqlalchemy.orm import Mapped, mapped_column

from chassis.emails import normalise_email
from chassis.errors import Invalid, NotFound
from chassis.i18n import say
from chassis.ids import new_id
from chassis.phones import parse_phones
from services.sales.tables import Json

Kind = Literal["phone", "email"]

MOST_POINTS = 50
_LONGEST_ORIGINAL = 200
_BETWEEN_EMAILS = re.compile(r"[\s;,/|]+")


class TooManyPoints(Invalid):
    """More phones or e-mail addresses than one record keeps."""

    code = "too_many_contact_points"


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
        """Whether two that share it are the same party without anybody looking."""
        return self.identifies and not self.ambiguous


class Element(TypedDict):
    """A contact point as a record keeps it. The first one is the primary one unless a person chose another."""

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


def elements(points: Sequence[tuple[Point, bool]], known: Sequence[Element] = ()) -> list[Element]:
    """These contact points, each with whether it is primary, as a record keeps them; what is known keeps its id."""
    ids = {each["value"]: each["id"] for each in known}
    kept: dict[str, Element] = {}
    for point, primary in points:
        new = element(point, primary=primary and not any(each["primary"] for each in kept.values()))
        kept.setdefault(point.value, {**new, "id": ids.get(point.value, new["id"])})
    return _with_primary(list(kept.values()))


def _with_primary(elements: list[Element]) -> list[Element]:
    if elements and not any(each["primary"] for each in elements):
        return [{**elements[0], "primary": True}, *elements[1:]]
    return elements


def as_point(kept: Element) -> Point:
    """The contact point of an element."""
    kind: Kind = "email" if "@" in kept["value"] else "phone"
    return Point(kind, kept["value"], kept["original"], kept["ambiguous"], kept["identifies"])


def national(e164: str) -> str:
    """A Vietnamese number as people dial it (``0912345678``); any other as it is."""
    return "0" + e164[3:] if e164.startswith("+84") else e164


class Reachable:
    """Mixin of a record that has phones and e-mail addresses."""

    phones: Mapped[list[Element]] = mapped_column(Json, default=list)
    emails: Mapped[list[Element]] = mapped_column(Json, default=list)

    @staticmethod
    def reach_words(row: Mapping[str, Any]) -> list[str | None]:
        """What a search finds it by: addresses, and phones as they are dialled here and from abroad."""
        parts: list[str | None] = [each["value"] for each in row["emails"]]
        for each in row["phones"]:
            parts += [each["value"], national(each["value"])]
        return parts

    @classmethod
    def shown(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Columns as events show them: of a contact point only what it is."""
        points = {name: tuple(each["value"] for each in values[name]) for name in ("emails", "phones")}
        return {**values, **points}

    def points(self, kind: Kind) -> list[Element]:
        """The phones or the e-mail addresses."""
        return self.phones if kind == "phone" else self.emails

    def _keep(self, kind: Kind, elements: list[Element]) -> None:
        if elements == self.points(kind):
            return
        if len(elements) > MOST_POINTS:
            raise TooManyPoints(say("At most {limit} of a kind.", limit=MOST_POINTS))
        elements = _with_primary(elements)
        if kind == "phone":
            self.phones = elements
        else:
            self.emails = elements

    def add_point(self, point: Point, *, primary: bool = False) -> Element:
        """The element for this contact point, new if it was not there; with ``primary`` it becomes the primary one."""
        elements = list(self.points(point.kind))
        if not any(each["value"] == point.value for each in elements):
            elements.append(element(point, primary=not elements))
        if primary:
            elements = [{**each, "primary": each["value"] == point.value} for each in elements]
        self._keep(point.kind, elements)
        return next(each for each in self.points(point.kind) if each["value"] == point.value)

    def lead_with(self, kind: Kind, points: list[Point], *, primary: bool) -> None:
        """Put these contact points before all others, and make the first one primary if so asked."""
        known = {each["value"]: each for each in self.points(kind)}
        first: list[Element] = []
        for point in points:
            old = known.pop(point.value, None)
            new = element(point, primary=False)
            first.append({**new, "id": old["id"], "primary": old["primary"]} if old else new)
        elements = [*first, *known.values()][:MOST_POINTS]
        if primary and elements:
            elements = [{**each, "primary": number == 0} for number, each in enumerate(elements)]
        self._keep(kind, elements)

    def replace_points(self, kind: Kind, points: list[tuple[Point, bool]]) -> None:
        """These, each with whether it is primary, instead of those there were; what stays keeps its id."""
        self._keep(kind, elements(points, self.points(kind)))

    def remove_point(self, kind: Kind, element_id: str) -> None:
        """Take one away; raises NotFound when it is not there. The next one becomes primary."""
        left = [each for each in self.points(kind) if each["id"] != element_id]
        if len(left) == len(self.points(kind)):
            raise NotFound()
        self._keep(kind, left)

    @property
    def all_points(self) -> list[Point]:
        """Every way to reach it."""
        return [as_point(each) for each in (*self.phones, *self.emails)]

    def primary(self, kind: Kind) -> str | None:
        """The value of the primary phone or e-mail address; None when there is none."""
        return next((each["value"] for each in self.points(kind) if each["primary"]), None)

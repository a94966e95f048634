"""How contact points are asked for and shown."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool

from chassis.errors import FieldError, Invalid
from chassis.fields import Text200
from chassis.http import Body
from chassis.i18n import say
from services.sales.points.model import MOST_POINTS, Element, Kind, Point, read_emails, read_phones


class NewPoint(Body):
    """A phone number or an e-mail address as it is written. The first one is primary unless another says so."""

    value: Text200
    primary: StrictBool = False


class AddPoint(NewPoint):
    """One more way to reach somebody."""


NewPoints = Annotated[list[NewPoint | Text200], Field(max_length=MOST_POINTS)]


class WithPoints(Body):
    """A request that may name phones and e-mail addresses."""

    phones: NewPoints = Field(default_factory=list)
    emails: NewPoints = Field(default_factory=list)

    def points(self, kind: Kind) -> list[tuple[Point, bool]] | None:
        """The contact points that were given, each with whether it is primary; None when they were left out.

        Raises Invalid for one that can reach nobody.
        """
        name = "phones" if kind == "phone" else "emails"
        if name not in self.model_fields_set:
            return None
        return [
            (point, given.primary if isinstance(given, NewPoint) else False)
            for number, given in enumerate(getattr(self, name))
            for point in read_points(kind, given if isinstance(given, str) else given.value, f"/{name}/{number}")
        ]


class PointView(BaseModel):
    """``value`` is the normal form (E.164; lower case), ``original`` what was written.

    ``ambiguous`` numbers may be somebody else's as well; those that do not identify are hotlines and placeholders.
    """

    id: str
    value: str
    original: str
    primary: bool
    ambiguous: bool
    identifies: bool


KNOWN: dict[int | str, Any] = {200: {"model": PointView, "description": "It was known already."}}
"""What a route says that adds a contact point."""


def read_points(kind: Kind, text: str, pointer: str) -> list[Point]:
    """The contact points in this text; raises Invalid, naming the place, when there is none."""
    points = read_phones(text) if kind == "phone" else read_emails(text)
    if points:
        return points
    message = say("This is not a phone number.") if kind == "phone" else say("This is not an e-mail address.")
    raise Invalid(message, errors=[FieldError(pointer, message)])


def view_of(element: Element | Mapping[str, Any]) -> PointView:
    """A contact point as it is shown."""
    return PointView.model_validate(element)

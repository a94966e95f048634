"""Who might buy while they are no customer, and where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from services.sales.points.model import Element, Point, as_point


class Prospect(TypedDict):
    """A person or a company that is no customer yet, as an opportunity carries them."""

    kind: str
    full_name: str
    first_name: str | None
    last_name: str | None
    salutation: str | None
    company: str | None
    title: str | None
    tax_code: str | None
    phones: list[Element]
    emails: list[Element]


@dataclass(slots=True, frozen=True)
class Origin:
    """The first touch of a customer, and who works on them."""

    lead_id: str | None = None
    source: str | None = None
    campaign: str | None = None
    partner_id: str | None = None
    owner_id: str | None = None
    team_id: str | None = None

    def facts(self) -> dict[str, str | None]:
        """The columns of an account or a contact that say where they came from."""
        return {
            "lead_id": self.lead_id,
            "source": self.source,
            "campaign": self.campaign,
            "partner_id": self.partner_id,
        }


def is_organisation(prospect: Prospect) -> bool:
    """Whether they become an account: companies do, and whoever has a tax code. Everybody else becomes a contact."""
    return prospect["kind"] == "company" or prospect["tax_code"] is not None


def points_of(prospect: Prospect) -> list[Point]:
    """Every way to reach them."""
    return [as_point(each) for each in (*prospect["phones"], *prospect["emails"])]


def shown(prospect: Mapping[str, Any]) -> dict[str, Any]:
    """A prospect as events and answers show it: of a contact point only what it is."""
    points = {name: tuple(each["value"] for each in prospect[name]) for name in ("phones", "emails")}
    return {**prospect, **points}

"""Where somebody can go: what their work areas and rights let them see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the menu, for those who have one of the ``areas`` and of the ``roles``, and may do what it ``needs``.

    What is left empty is asked of nobody.
    """

    path: str
    label: str
    icon: str
    group: str
    areas: frozenset[str] = frozenset()
    needs: str = ""
    roles: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Whether this page belongs here; ``also`` are further paths that do."""
        return any(path == each or path.startswith(each + "/") for each in (self.path, *self.also))

    def is_for(self, me: Mapping[str, Any]) -> bool:
        """Whether this person can use it."""
        if self.roles and self.roles.isdisjoint(role["key"] for role in me["roles"]):
            return False
        if self.areas and me["work_areas"] and self.areas.isdisjoint(me["work_areas"]):
            return False
        return not self.needs or me["privileges"].get(self.needs, "none") != "none"


_SELLING = frozenset({"sales", "marketing"})
# Whoever raises cases looks for answers, too.
_SERVING = frozenset({"service", "sales"})
_TRADING = frozenset({"sales", "finance"})
_OPERATING = frozenset({"operator", "administrator"})

# The order of the menu. Texts are keys of the message catalogue.
PLACES: tuple[Place, ...] = (
    Place("/my-day", "My day", "sun", "Work", needs="activity.read"),
    Place("/leads", "Leads", "people", "Work", areas=_SELLING, needs="lead.read"),
    Place("/pipeline", "Pipeline", "kanban", "Work", areas=_SELLING, needs="opportunity.read", also=("/deals",)),
    Place("/customers", "Customers", "building", "Work", needs="account.read", also=("/accounts", "/contacts")),
    Place("/handovers", "Handovers", "arrow-left-right", "Work", needs="handover.read"),
    Place("/cases", "Cases", "headset", "Service", needs="case.read"),
    Place("/articles", "Knowledge", "book", "Service", areas=_SERVING, needs="article.read"),
    Place("/quotes", "Quotes", "file-earmark-text", "Documents", areas=_TRADING, needs="quote.read"),
    Place("/orders", "Orders", "bag-check", "Documents", needs="order.read"),
    Place("/invoices", "Invoices", "receipt", "Documents", areas=_TRADING, needs="invoice.read"),
    Place("/debts", "Debts", "cash-coin", "Documents", areas=_TRADING, needs="invoice.read"),
    Place("/reports", "Reports", "bar-chart", "Insight", needs="report.read"),
    Place("/flow", "Flow", "diagram-3", "Operations", roles=_OPERATING),
)


def places_for(me: Mapping[str, Any]) -> dict[str, list[Place]]:
    """The menu of this person, by group, in order."""
    groups: dict[str, list[Place]] = {}
    for place in PLACES:
        if place.is_for(me):
            groups.setdefault(place.group, []).append(place)
    return groups


def first_place(me: Mapping[str, Any]) -> str:
    """Where somebody lands who has just signed in."""
    for group in places_for(me).values():
        return group[0].path
    return "/me"

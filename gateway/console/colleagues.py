"""The names of colleagues, for lists and for choosing somebody."""

from collections.abc import Iterable

from gateway.console.calling import Page, if_allowed
from gateway.console.visits import Visit

_MOST = 200
_NOBODY = Page([])


async def names_of(visit: Visit, ids: Iterable[str | None]) -> dict[str, str]:
    """Names by id; whoever is not found is left out."""
    wanted = sorted({each for each in ids if each})
    names: dict[str, str] = {}
    for first in range(0, len(wanted), 100):
        some = ",".join(wanted[first : first + 100])
        page: Page = await if_allowed(visit.api.page("/colleagues", id__in=some, limit=_MOST), _NOBODY)
        names |= {each["id"]: each["name"] for each in page.items}
    return names


async def choices(visit: Visit) -> list[tuple[str, str]]:
    """Who may be given something: ids and names, in the order of names."""
    page: Page = await if_allowed(visit.api.page("/colleagues", active=True, limit=_MOST), _NOBODY)
    return [(each["id"], each["name"]) for each in page.items]

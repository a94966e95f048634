"""What happened to a record: the timeline that everybody's events make, and the changes of its fields."""

import asyncio
from dataclasses import dataclass
from typing import Any

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.visits import Visit

# Where the API keeps records of a type, and where we show them.
API_OF = {
    "lead": "/leads",
    "opportunity": "/opportunities",
    "account": "/accounts",
    "contact": "/contacts",
    "case": "/cases",
}
PAGE_OF = {
    "lead": "/leads",
    "opportunity": "/deals",
    "account": "/accounts",
    "contact": "/contacts",
    "quote": "/quotes",
    "order": "/orders",
    "invoice": "/invoices",
    "case": "/cases",
    "article": "/articles",
}


@dataclass(frozen=True)
class Past:
    """``entries`` newest first, None while nobody answers. ``more``: there are earlier ones.

    ``next_steps`` are open activities, soonest first.
    """

    regarding: str
    entries: list[Record] | None
    more: bool
    changes: list[Record]
    next_steps: list[Record]

    @property
    def people(self) -> list[str]:
        """The ids of users who did something."""
        return [by.partition(":")[2] for each in self.changes if (by := each["changed_by"] or "").startswith("user:")]


async def past_of(visit: Visit, kind: str, record_id: str, *, limit: int = 30) -> Past:
    """What happened to this record, as far as it can be told now."""
    regarding = f"{kind}:{record_id}"
    told: tuple[Any, Page, Page] = await asyncio.gather(
        if_allowed(visit.api.get("/timeline", regarding=regarding, limit=limit), None),
        if_allowed(visit.api.page(f"{API_OF[kind]}/{record_id}/history", limit=limit), Page([])),
        if_allowed(
            visit.api.page("/activities", regarding=regarding, status="planned", sort="due_at", limit=10), Page([])
        ),
    )
    timeline, changes, steps = told
    entries = timeline["items"] if timeline else None
    more = bool(timeline and timeline["next_cursor"])
    return Past(regarding, entries, more, changes.items, sorted(steps.items, key=when))


def when(activity: Record) -> str:
    """When it is due or begins; what has no day comes last."""
    return str(activity["due_at"] or activity["starts_at"] or "9999")


def page_of(kind: str, record_id: str) -> str:
    """Where we show this record, after ``/app``; "" when we do not."""
    return f"{PAGE_OF[kind]}/{record_id}" if kind in PAGE_OF else ""

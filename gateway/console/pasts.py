"""What happened to a record: the timeline that everybody's events make, and the changes of its fields."""

import asyncio
from dataclasses import dataclass
from typing import Any

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.visits import Visit

# Where the API keeps records of a type, and where we show them.
API_OF = {"lead": "/leads", "opportunity": "/opportunities", "account": "/accounts", "contact": "/contacts"}
PAGE_OF = {
    "lead": "/leads",
    "opportunity": "/deals",
    "account": "/accounts",
    "contact": "/contacts",
    "quote": "/quotes",
    "order": "/orders",
    "invoice": "/invoices",
}


@dataclass(frozen=True)
class Past:
    """``entries`` newest first, None while nobody answers. ``next_steps``: open activities, soonest first."""

    regarding: str
    entries: list[Record] | None
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
    return Past(regarding, timeline["items"] if timeline else None, changes.items, steps.items)


def page_of(kind: str, record_id: str) -> str:
    """Where we show this record, after ``/app``; "" when we do not."""
    return f"{PAGE_OF[kind]}/{record_id}" if kind in PAGE_OF else ""

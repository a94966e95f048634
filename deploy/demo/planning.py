"""Calls and visits that were made, and what everybody has planned for today or has forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from chassis.context import Context
from deploy.demo import words
from deploy.demo.acts import ZONE, Act
from services.activities.activities.actions import complete_activity, create_activity
from services.activities.activities.model import Activity, Kind

TODAY, OVERDUE, LATER = 5, 3, 3


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that somebody works on: ``<noun>:<id>``, and whose it is."""

    ref: str
    owner_id: str | None
    team_id: str | None


@dataclass
class Planning:
    """One transaction of activities. ``subjects`` by noun and the story's key."""

    tx: Session
    subjects: Mapping[tuple[str, str], Subject]

    def do(self, act: Act) -> None:
        """Something was done, and what came of it is written down."""
        noun = act.facts.get("noun", "opportunity")
        kind, subject = (
            (Kind.PHONE_CALL, "Gọi điện") if act.verb == "call" else (Kind.APPOINTMENT, "Khảo sát tại xưởng")
        )
        done = self._plan(self.subjects[noun, act.key], kind, subject, due_at=act.at)
        complete_activity(self.tx, done, result=act.facts["result"])

    def plan_ahead(self, seller_id: str, subjects: Sequence[Subject], now: datetime) -> None:
        """A day's work, some of it left over from other days, and some for the next."""
        here = now.astimezone(ZONE)
        for place, subject in enumerate(subjects[: TODAY + OVERDUE + LATER]):
            due_at = here.replace(minute=30 * (place % 2), second=0, microsecond=0)
            if place < TODAY:
                due_at = due_at.replace(hour=9 + 2 * place)
            elif place < TODAY + OVERDUE:
                due_at = due_at.replace(hour=10 + place % 5) - timedelta(days=1 + 2 * (place - TODAY))
            else:
                due_at = due_at.replace(hour=9 + place % 6) + timedelta(days=1 + place - TODAY - OVERDUE)
            kind = Kind.PHONE_CALL if place % 3 else Kind.TASK
            self._plan(subject, kind, words.NEXT_TASKS[place % len(words.NEXT_TASKS)], due_at=due_at, by=seller_id)

    def remind(self, manager_id: str, subject: Subject, name: str, now: datetime) -> None:
        """The manager is to give away what this seller has, who leaves today."""
        due_at = now.astimezone(ZONE).replace(hour=16, minute=0, second=0, microsecond=0)
        text = f"{name} nghỉ việc từ hôm nay: bàn giao toàn bộ khách hàng"
        self._plan(subject, Kind.TASK, text, due_at=due_at, by=manager_id)

    def _plan(self, subject: Subject, kind: Kind, text: str, *, due_at: datetime, by: str | None = None) -> Activity:
        owner_id = by or subject.owner_id
        self.tx.info["context"] = Context.fresh(f"user:{owner_id}")
        facts = {"subject": text, "due_at": due_at, "direction": "out" if kind == Kind.PHONE_CALL else None}
        return create_activity(
            self.tx, kind=kind, regarding=subject.ref, facts=facts, owner_id=owner_id, team_id=subject.team_id
        )

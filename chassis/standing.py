"""How a service stands: what waits to be sent, heard, done and called, and who is at work on it. Nothing about people.

Counts end at ten thousand: more is shown as that, and a look stays cheap however long a backlog is.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, literal, select
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.deliveries import HELD_BACK, UNFINISHED, DeliveryState, deliveries
from chassis.inbox import OPEN, State, inbox, undecodable
from chassis.jobs import recent_runs
from chassis.leases import leases
from chassis.outbox import outbox
from chassis.service import Service

MOST = 10_000
_MINUTE = timedelta(minutes=1)


def standing(tx: Session, service: Service) -> dict[str, Any]:
    """``{"service", "outbox", "reactions": […], "deliveries", "jobs": […], "leases": […]}``, ready for JSON."""
    now = utcnow()
    return {
        "service": service.name,
        "outbox": _outbox(tx, now),
        "reactions": _reactions(tx, service, now),
        "handled_last_minute": _count(tx, inbox, inbox.c.handled_at > now - _MINUTE),
        "undecodable": _count(tx, undecodable, undecodable.c.dropped_at.is_(None)),
        "deliveries": _deliveries(tx, now) if service.deliveries else None,
        "jobs": _jobs(tx, service),
        "leases": _leases(tx, service, now),
    }


def _outbox(tx: Session, now: datetime) -> dict[str, Any]:
    unsent = outbox.c.sent_at.is_(None) & outbox.c.parked_at.is_(None)
    first = select(outbox.c.created_at).where(unsent).order_by(outbox.c.position).limit(1)
    oldest = tx.scalar(first)
    return {
        "waiting": _count(tx, outbox, unsent),
        "oldest_s": _age(oldest, now),
        "parked": _count(tx, outbox, outbox.c.parked_at.is_not(None)),
    }


def _reactions(tx: Session, service: Service, now: datetime) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def line(name: str) -> dict[str, Any]:
        return found.setdefault(name, {"name": name, **dict.fromkeys(OPEN, 0), "lag_s": 0.0})

    for reaction in service.reactions:
        line(reaction.name)
    for state in OPEN:
        # One state at a time: each walks its own part of the index, the oldest first.
        oldest = select(inbox.c.reaction, inbox.c.received_at).where(inbox.c.state == state)
        part = oldest.order_by(inbox.c.received_at).limit(MOST).subquery()
        counted = select(part.c.reaction, func.count(), func.min(part.c.received_at)).group_by(part.c.reaction)
        for name, count, since in tx.execute(counted):
            here = line(name)
            here[state] = count
            if state != State.PARKED:
                here["lag_s"] = max(here["lag_s"], _age(since, now) or 0.0)
    return list(found.values())


def _deliveries(tx: Session, now: datetime) -> dict[str, Any]:
    unfinished = select(deliveries.c.state, deliveries.c.next_attempt_at).where(deliveries.c.state.in_(UNFINISHED))
    counts = {"due": 0, "on_the_way": 0, "later": 0, "retry": 0, "waiting": 0, "held_back": 0, "parked": 0}
    oldest: datetime | None = None
    for state, at in tx.execute(unfinished.limit(MOST)):
        match state:
            case DeliveryState.LEASED:
                kind = "on_the_way"
            case DeliveryState.PENDING if at >= HELD_BACK:
                kind = "held_back"
            case DeliveryState.PENDING:
                kind = "due" if at <= now else "later"
            case _:
                kind = str(state)
        counts[kind] += 1
        if kind == "due":
            oldest = at if oldest is None else min(at, oldest)
    return {**counts, "oldest_s": _age(oldest, now)}


def _jobs(tx: Session, service: Service) -> list[dict[str, Any]]:
    lines = []
    for job in service.jobs:
        runs = recent_runs(tx, job=job.name, limit=1)
        last = runs[0] if runs else None
        lines.append(
            {
                "name": job.name,
                "state": last.state if last else None,
                "started_at": last.started_at.isoformat() if last else None,
                "finished_at": last.finished_at.isoformat() if last and last.finished_at else None,
                "reason": last.reason if last else None,
            }
        )
    return lines


def _leases(tx: Session, service: Service, now: datetime) -> list[dict[str, Any]]:
    wanted = ["relay", "courier"] if service.deliveries else ["relay"]
    found = select(leases.c.name, leases.c.expires_at).where(leases.c.name.in_(wanted))
    until: dict[str, datetime] = {name: expires_at for name, expires_at in tx.execute(found)}  # noqa: C416
    return [{"name": name, "is_held": name in until and until[name] > now} for name in wanted]


def _count(tx: Session, table: FromClause, which: ColumnElement[bool]) -> int:
    some = select(literal(1)).select_from(table).where(which).limit(MOST).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, round((now - moment).total_seconds(), 1))

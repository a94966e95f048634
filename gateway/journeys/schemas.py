"""A journey as operators read it: everything that happened and everything done because of it, in order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Self

from chassis.http import View
from gateway.journeys.asking import Told

_RANK = {"event": 0, "reaction": 1, "delivery": 2}


class Step(View):
    """One step: an event, a reaction to one, or a delivery to the outside (``receiver``), such as a call of an ERP.

    ``state`` of an event is ``told``, or ``sent`` just before that or, while it has not left its service, ``unsent`` or
    ``parked``; of a reaction ``missing`` when it has not arrived where it is to be heard, ``forgotten`` after a month.
    """

    at: datetime
    kind: Literal["event", "reaction", "delivery"]
    service: str
    name: str
    state: str
    event_id: str | None = None
    subject: str | None = None
    sequence: int | None = None
    position: int | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    actor: str | None = None
    receiver: str | None = None
    attempts: int | None = None
    status: int | None = None
    reason: str | None = None
    finished_at: datetime | None = None


class JourneyView(View):
    """Part of a journey, oldest first. ``parts`` says of each service whether it answered."""

    items: list[Step]
    next_cursor: str | None
    parts: dict[str, str]

    @classmethod
    def of(cls, told: Told) -> Self:
        """This part, in order: what came of an event stands behind it."""
        times = {event["id"]: datetime.fromisoformat(event["time"]) for event in told.events}
        steps = [*map(_event, told.events)]
        for service, found in told.footprints.items():
            steps += _unsent(service, found, set(times))
            steps += [_reaction(service, row, times) for row in found["reactions"]]
            steps += [_delivery(service, row) for row in found["deliveries"]]
        steps.sort(key=lambda step: (step.at, _RANK[step.kind], step.position or 0, step.service, step.name))
        return cls(items=steps, next_cursor=told.next_cursor, parts=told.parts)


def _event(event: dict[str, Any]) -> Step:
    shared = ("subject", "sequence", "position", "correlation_id", "causation_id", "actor")
    return Step(
        at=event["time"],
        kind="event",
        service=event["source"].rpartition("/")[2],
        name=event["type"],
        state="told",
        event_id=event["id"],
        **{name: event[name] for name in shared},
    )


def _unsent(service: str, found: dict[str, Any], told: set[str]) -> Iterator[Step]:
    for row in found["unsent"]:
        wire = row["envelope"]
        if wire["id"] in told:  # it was on its way when the others were asked
            continue
        yield Step(
            at=wire["time"],
            kind="event",
            service=service,
            name=wire["type"],
            state=row["state"],
            event_id=wire["id"],
            subject=wire["subject"],
            sequence=int(wire["sequence"]),
            correlation_id=wire["correlationid"],
            causation_id=wire.get("causationid"),
            actor=wire.get("actor"),
            attempts=row["attempts"],
        )


def _reaction(service: str, row: dict[str, Any], times: dict[str, datetime]) -> Step:
    event_at = times[row["event_id"]]
    at = row.get("handled_at") or row.get("received_at")
    # The clocks of two services differ; nothing is done before what it is done for.
    return Step(
        at=max(datetime.fromisoformat(at), event_at) if at else event_at,
        kind="reaction",
        service=service,
        name=row["reaction"],
        state=row["state"],
        event_id=row["event_id"],
        attempts=row.get("attempts"),
        reason=row.get("reason"),
        finished_at=row.get("handled_at"),
    )


def _delivery(service: str, row: dict[str, Any]) -> Step:
    shared = ("event_id", "subject", "receiver", "state", "attempts", "status", "finished_at")
    return Step(
        at=row["created_at"],
        kind="delivery",
        service=service,
        name=row["kind"],
        **{name: row[name] for name in shared},
    )

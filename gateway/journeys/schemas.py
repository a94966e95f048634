"""A journey as operators read it: everything that happened and everything done because of it, in order."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from chassis.clock import utcnow
from chassis.http import View
from gateway.journeys.asking import Latest, Told

# What has not arrived after this long will hardly come by itself.
_PATIENCE = timedelta(minutes=10)
_ENDED = frozenset({"done", "dropped", "delivered", "forgotten", "told"})
_RANK = {"event": 0, "reaction": 1, "delivery": 2}


class Step(View):
    """One step: an event, a reaction to one, or a delivery to the outside (``receiver``), such as a call of an ERP.

    ``state`` of an event is ``told`` or, while it has not left its service, ``unsent`` or ``parked``; of a reaction
    ``missing`` when it has not arrived where it is to be heard, ``forgotten`` after a month.
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


class LatestJourneyView(View):
    """A request and what came of it. ``state``: ``complete``, ``under_way``, or ``stuck`` where somebody must look.

    ``is_whole`` is false when more events belong to it than were looked at: its first and its last ones.
    """

    correlation_id: str
    state: Literal["complete", "under_way", "stuck"]
    at: datetime
    ended_at: datetime
    first: str
    subject: str
    service: str
    actor: str | None
    events: int
    is_whole: bool


class LatestJourneysView(View):
    """The newest first. ``parts`` says of each service whether it answered: one that did not may have more to do."""

    items: list[LatestJourneyView]
    parts: dict[str, str]

    @classmethod
    def of(cls, latest: Latest) -> Self:
        """These journeys."""
        states = _states(latest)
        return cls(items=[_latest(each, states) for each in latest.journeys], parts=latest.parts)


def _states(latest: Latest) -> dict[str, list[tuple[str, datetime]]]:
    """By event: where each reaction and delivery stands, and when it got there; by correlation: what was not sent."""
    found: dict[str, list[tuple[str, datetime]]] = {}
    times = {event["id"]: event["time"] for journey in latest.journeys for event in journey["items"]}
    for told in latest.footprints.values():
        for row in (*told["reactions"], *told["deliveries"]):
            at = row.get("handled_at") or row.get("finished_at") or row.get("received_at")
            at = at or row.get("created_at") or times[row["event_id"]]
            key = row["event_id"] or ""
            found.setdefault(key, []).append((row["state"], datetime.fromisoformat(at)))
        for row in told["unsent"]:
            if row["envelope"]["id"] not in times:
                at = datetime.fromisoformat(row["created_at"])
                found.setdefault(row["envelope"]["correlationid"], []).append((row["state"], at))
    return found


def _latest(journey: dict[str, Any], states: dict[str, list[tuple[str, datetime]]]) -> LatestJourneyView:
    events, correlation_id = journey["items"], journey["correlation_id"]
    first = events[0]
    begun = datetime.fromisoformat(first["time"])
    steps = [step for key in (correlation_id, *(event["id"] for event in events)) for step in states.get(key, ())]
    return LatestJourneyView(
        correlation_id=correlation_id,
        state=_state(steps),
        at=begun,
        ended_at=max([begun, *(at for _, at in steps)]),
        first=first["type"],
        subject=first["subject"],
        service=first["source"].rpartition("/")[2],
        actor=first["actor"],
        events=len(events),
        is_whole=journey["is_whole"],
    )


def _state(steps: list[tuple[str, datetime]]) -> Literal["complete", "under_way", "stuck"]:
    open_since = [(state, at) for state, at in steps if state not in _ENDED]
    long_ago = utcnow() - _PATIENCE
    if any(state == "parked" or at < long_ago for state, at in open_since):
        return "stuck"
    return "under_way" if open_since else "complete"


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

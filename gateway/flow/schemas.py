"""How the whole stands, as operators read it."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from chassis.clock import utcnow
from chassis.http import Body, View
from gateway.flow.asking import Shelves
from gateway.flow.tour import Tour

Kind = Literal["delivery", "inbox", "outbox", "undecodable"]


class OutboxFlow(View):
    """Events that have happened and have not left yet."""

    waiting: int
    oldest_s: float | None
    parked: int


class ReactionFlow(View):
    """What one reaction has before it. ``lag_s``: how long the oldest of it has waited; without what is parked."""

    name: str
    pending: int
    retry: int
    waiting: int
    parked: int
    lag_s: float


class DeliveriesFlow(View):
    """Calls to the outside that are not finished. ``held_back``: until somebody switches the receiver on again."""

    due: int
    on_the_way: int
    later: int
    retry: int
    waiting: int
    held_back: int
    parked: int
    oldest_s: float | None


class JobFlow(View):
    """The last run of what a service does by the clock; all null before the first."""

    name: str
    state: str | None
    started_at: datetime | None
    finished_at: datetime | None
    reason: str | None


class FaceFlow(View):
    """A face of which one at a time is at work; ``is_held`` while one is. With nothing to send no relay is."""

    name: str
    is_held: bool


class QueueFlow(View):
    """A queue of the broker: messages that wait, and who takes from it."""

    queue: str
    ready: int
    consumers: int


class ServiceFlow(View):
    """One service. While it is ``down`` nothing else is known of it. ``queues`` is null while the broker is away."""

    service: str
    state: Literal["up", "down"]
    outbox: OutboxFlow | None = None
    reactions: list[ReactionFlow] = Field(default_factory=list)
    handled_last_minute: int | None = None
    undecodable: int | None = None
    deliveries: DeliveriesFlow | None = None
    jobs: list[JobFlow] = Field(default_factory=list)
    leases: list[FaceFlow] = Field(default_factory=list)
    queues: list[QueueFlow] | None = None


class FlowView(View):
    """Everything at one moment. Counts end at 10,000: as many or more."""

    at: datetime
    services: list[ServiceFlow]
    parked: int
    waiting: int

    @classmethod
    def of(cls, standings: dict[str, dict[str, Any] | None]) -> Self:
        """From what each service said of itself, or did not say."""
        services = [
            ServiceFlow(service=name, state="down") if told is None else ServiceFlow(**{**told, "state": "up"})
            for name, told in standings.items()
        ]
        return cls(
            at=utcnow(),
            services=services,
            parked=sum(map(_parked, services)),
            waiting=sum(map(_waiting, services)),
        )


def _parked(flow: ServiceFlow) -> int:
    calls = flow.deliveries.parked if flow.deliveries else 0
    events = flow.outbox.parked if flow.outbox else 0
    return calls + events + (flow.undecodable or 0) + sum(each.parked for each in flow.reactions)


def _waiting(flow: ServiceFlow) -> int:
    events = flow.outbox.waiting if flow.outbox else 0
    calls = flow.deliveries.due + flow.deliveries.retry if flow.deliveries else 0
    return events + calls + sum(each.pending + each.retry + each.waiting for each in flow.reactions)


class ParkedView(View):
    """What waits for a person: a reaction that gave up, an event that no queue took, bytes that are no event, a call.

    ``id`` names it in its service. ``reason`` names nobody when an operator reads it.
    """

    service: str
    id: str
    kind: Kind
    reaction: str | None
    receiver: str | None
    type: str
    subject: str
    sequence: int | None
    reason: str
    attempts: int
    since: datetime


class ParkedPage(View):
    """Oldest first. ``parts`` says of each service that was asked whether it answered."""

    items: list[ParkedView]
    next_cursor: str | None
    parts: dict[str, str]

    @classmethod
    def of(cls, told: Shelves) -> Self:
        """This page."""
        items = [ParkedView.model_validate({name: item[name] for name in _SHOWN}) for item in told.items]
        return cls(items=items, next_cursor=told.next_cursor, parts=told.parts)


_SHOWN = tuple(ParkedView.model_fields)


class ParkedDetailView(ParkedView):
    """The whole of it. ``behind``: so many later events wait for it. An operator sees of ``body`` what names nobody."""

    behind: int
    body: Any


class DropParked(Body):
    """Why nobody wants its effect any more."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ActView(View):
    """Where it stands now. ``changed`` is false when it had been done before: then nothing was done again."""

    service: str
    id: str
    state: str
    changed: bool


class TourView(View):
    """A hundred leads pushed while the sales worker stands still. ``journey`` is the request of the first of them."""

    state: Literal["unavailable", "idle", "running", "done", "failed"]
    wanted: int
    accepted: int
    verdicts: int
    paused_s: float
    journey: str | None

    @classmethod
    def of(cls, tour: Tour | None) -> Self:
        """How far it is."""
        if tour is None:
            return cls(state="unavailable", wanted=0, accepted=0, verdicts=0, paused_s=0, journey=None)
        return cls.model_validate(tour.look())


class FlowActView(View):
    """What an operator did. ``outcome``: ``asked`` while the service was never heard to answer."""

    id: str
    at: datetime
    actor: str
    verb: str
    service: str
    ref: str
    reason: str
    outcome: str
    finished_at: datetime | None

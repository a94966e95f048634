"""Why something is happening: carried by every transaction and copied into every event emitted in it."""

from dataclasses import dataclass

from chassis.event import Envelope
from chassis.ids import new_id


@dataclass(slots=True, frozen=True)
class Context:
    """``correlation_id`` names the whole journey, ``causation_id`` the event or request that led here."""

    correlation_id: str
    causation_id: str | None = None
    actor: str | None = None
    traceparent: str | None = None

    @classmethod
    def fresh(cls, actor: str) -> "Context":
        """A journey that starts here (a job, the command line)."""
        return cls(correlation_id=new_id(), actor=actor)

    @classmethod
    def caused_by(cls, envelope: Envelope) -> "Context":
        """The context of whatever is done because of this event."""
        return cls(envelope.correlation_id, envelope.id, envelope.actor, envelope.traceparent)

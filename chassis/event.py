"""What passes between services: a fact in the past tense, in a CloudEvents 1.0 envelope."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict


class PersonalMark:
    """Marks an event field that says something about a person, so that erasure finds it."""


Personal = Annotated[str, PersonalMark()]
OptionalPersonal = Annotated[str | None, PersonalMark()]


class Event(BaseModel):
    """A fact. Subclasses carry a literal ``type`` and say which subject they are about and which persons they name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """``<noun>:<id>``: events of one subject are numbered and kept in order."""
        raise TypeError(f"{type(self).__name__} names no subject")

    def persons(self) -> Sequence[str]:
        """References (``lead:<id>``, ``user:<id>``) of the people whose data this event holds."""
        return ()


E = TypeVar("E", bound=Event)


class Undecodable(Exception):
    """These bytes are no envelope of ours; the message says what is missing."""


@dataclass(slots=True, frozen=True)
class Envelope:
    """One event on its way: what happened, to what, in which place of its subject's order, and because of what.

    ``sequence`` counts from 1 within (source, subject). ``time`` is aware UTC. ``body`` is the JSON text that was
    stored and sent, kept so that nothing is encoded twice.
    """

    id: str
    source: str
    type: str
    subject: str
    sequence: int
    time: datetime
    data: dict[str, Any]
    correlation_id: str
    causation_id: str | None = None
    actor: str | None = None
    traceparent: str | None = None
    persons: tuple[str, ...] = ()
    body: str = field(default="", compare=False, repr=False)

    def parse(self, cls: "builtins.type[E]") -> E:
        """The typed event; raises pydantic's ValidationError when the data does not fit the class."""
        return cls.model_validate(self.data)


def encode(envelope: Envelope) -> str:
    """The envelope as structured CloudEvents JSON."""
    wire: dict[str, Any] = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        # CloudEvents integers are 32 bit; a padded string is safe and still sorts.
        "sequence": f"{envelope.sequence:020d}",
        "correlationid": envelope.correlation_id,
    }
    if envelope.causation_id:
        wire["causationid"] = envelope.causation_id
    if envelope.actor:
        wire["actor"] = envelope.actor
    if envelope.traceparent:
        wire["traceparent"] = envelope.traceparent
    if envelope.persons:
        wire["persons"] = ",".join(envelope.persons)
    wire["data"] = envelope.data
    return orjson.dumps(wire).decode()


def decode(body: bytes | str) -> Envelope:
    """The envelope in these bytes; raises Undecodable for anything that is not one of ours."""
    try:
        wire = orjson.loads(body)
        return Envelope(
            id=str(UUID(wire["id"])),
            source=_text(wire, "source"),
            type=_text(wire, "type"),
            subject=_text(wire, "subject"),
            sequence=_positive(wire["sequence"]),
            time=datetime.fromisoformat(wire["time"]),
            data=_object(wire["data"]),
            correlation_id=_text(wire, "correlationid"),
            causation_id=wire.get("causationid"),
            actor=wire.get("actor"),
            traceparent=wire.get("traceparent"),
            persons=tuple(wire["persons"].split(",")) if wire.get("persons") else (),
            body=body if isinstance(body, str) else body.decode(),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Undecodable(f"not an event envelope: {type(error).__name__} {error}") from error


def _text(wire: dict[str, Any], key: str) -> str:
    value = wire[key]
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError(f"{key} must be a text of 1 to 200 characters")
    return value


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("sequence must be 1 or more")
    return number


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("data must be an object")
    return value

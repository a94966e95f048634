"""Two services under test: ``shop`` tells of orders, ``taker`` reacts to them in all three orders.

What becomes of an event is written in the event itself (``fates``), so that the same services run inside the test and
as worker processes. Tries are counted in files, which survive a rollback and a kill.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.errors import Conflict
from chassis.event import Envelope, Event, decode, encode
from chassis.ids import new_id
from chassis.outbox import emit, emit_many
from chassis.service import Order, Reaction, Service

Act = Callable[[Session, Sequence[Envelope]], None]

# Long enough for a test to see it and to send a signal.
LINGERS_S = 2.0

ANY, LATEST, STRICT, SLOW = "taker.collect", "taker.mirror", "taker.follow", "taker.ponder"


class OrderEvent(Event):
    """``fates`` by reaction: ``fails:n``, ``kills:n``, ``lingers:n`` (the first n tries), ``broken``, ``refuses``.

    The last two, and what fails or kills for ever, go well once the event is healed.
    """

    order: str
    label: str
    fates: dict[str, str] = Field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"order:{self.order}"


class OrderPlaced(OrderEvent):
    type = "shop.order.placed.v1"


class OrderPaid(OrderEvent):
    type = "shop.order.paid.v1"


class OrderNoted(OrderEvent):
    """The strict reaction does not name this one: it takes a place in the sequence and nothing else."""

    type = "shop.order.noted.v1"


class ItemCollected(Event):
    """What the taker's first reaction tells the world."""

    type = "taker.item.collected.v1"
    order: str
    label: str

    @property
    def subject(self) -> str:
        return f"item:{self.order}"


KINDS: tuple[type[OrderEvent], ...] = (OrderPlaced, OrderPaid, OrderNoted)
NAMED_BY_STRICT = (OrderPlaced, OrderPaid)

taker_tables = MetaData()


def _effects(name: str) -> Table:
    # No constraint forbids a second effect: the test counts them.
    return Table(
        name,
        taker_tables,
        Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("event_id", Uuid(as_uuid=False), nullable=False),
        Column("subject", String(200), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("label", String(100), nullable=False),
    )


collected, mirrorings, followed, pondered = map(_effects, ("collected", "mirrorings", "followed", "pondered"))
mirrored = Table(
    "mirrored",
    taker_tables,
    Column("subject", String(200), primary_key=True),
    Column("label", String(100), nullable=False),
)


class Tries:
    """How often each reaction tried each event, and which events somebody has healed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def count(self, label: str, reaction: str) -> int:
        """Note one more try; answers how many there were with it."""
        with (self.folder / f"{label}.{reaction}").open("ab") as file:
            file.write(b".")
            return file.tell()

    def counted(self, label: str, reaction: str) -> int:
        """How many tries there were."""
        file = self.folder / f"{label}.{reaction}"
        return file.stat().st_size if file.exists() else 0

    def heal(self, label: str) -> None:
        """Whatever was wrong with this event is right from now on."""
        (self.folder / f"{label}.healed").touch()

    def is_healed(self, label: str) -> bool:
        """Whether ``heal`` was called."""
        return (self.folder / f"{label}.healed").exists()


def shop() -> Service:
    """The emitter."""
    return Service(name="shop", metadata=MetaData(), emits=KINDS)


def taker(tries: Tries, kill: Callable[[], None], *, many: bool, slow: bool = False) -> Service:
    """The receiver; ``many``: it reacts to batches. ``slow`` adds a reaction with a queue of its own."""
    acts = _Taker(tries, kill, many)

    def reaction(name: str, order: Order, act: Act, to: tuple[type[Event], ...], slow: bool = False) -> Reaction:
        if many:
            return Reaction(name, order, to, react_many=act, slow=slow)
        return Reaction(name, order, to, react=lambda tx, envelope: act(tx, [envelope]), slow=slow)

    reactions = [
        reaction(ANY, "any", acts.collect, KINDS),
        reaction(LATEST, "latest", acts.mirror, KINDS),
        reaction(STRICT, "strict", acts.follow, NAMED_BY_STRICT),
    ]
    if slow:
        reactions.append(reaction(SLOW, "any", acts.ponder, KINDS, slow=True))
    return Service(name="taker", metadata=taker_tables, reactions=tuple(reactions), emits=(ItemCollected,))


@dataclass(frozen=True)
class _Taker:
    """What the taker does; each act is given one event or many."""

    tries: Tries
    kill: Callable[[], None]
    many: bool

    def collect(self, tx: Session, envelopes: Sequence[Envelope]) -> None:
        self._write(tx, ANY, collected, envelopes)
        if self.many:
            emit_many(tx, [(_collected(envelope), envelope) for envelope in envelopes])
        else:
            for envelope in envelopes:
                emit(tx, _collected(envelope))

    def mirror(self, tx: Session, envelopes: Sequence[Envelope]) -> None:
        # Whoever comes writes: only the chassis stands between an old state and the mirror.
        insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
        for envelope in envelopes:
            state = {"subject": envelope.subject, "label": envelope.data["label"]}
            base = insert(mirrored).values(state)
            tx.execute(base.on_conflict_do_update(index_elements=["subject"], set_={"label": base.excluded.label}))
        self._write(tx, LATEST, mirrorings, envelopes)

    def follow(self, tx: Session, envelopes: Sequence[Envelope]) -> None:
        self._write(tx, STRICT, followed, envelopes)

    def ponder(self, tx: Session, envelopes: Sequence[Envelope]) -> None:
        self._write(tx, SLOW, pondered, envelopes)

    def _write(self, tx: Session, reaction: str, effects: Table, envelopes: Sequence[Envelope]) -> None:
        tx.execute(effects.insert(), [_effect(envelope) for envelope in envelopes])
        # After the write, so that a failure has something to roll back.
        for envelope in envelopes:
            _meet_fate(self.tries, self.kill, reaction, envelope)


def orders(count: int, *, prefix: str = "order") -> list[OrderEvent]:
    """Events of five subjects that all go well."""
    return [OrderPlaced(order=f"{prefix}{n % 5}", label=f"{prefix}-{n}") for n in range(count)]


def troubled(label: str, reaction: str, fate: str) -> OrderEvent:
    """An event alone in its subject, with this fate in this reaction."""
    return OrderPaid(order=f"of-{label}", label=label, fates={reaction: fate})


def as_told(event: OrderEvent, sequence: int = 1, *, actor: str = "test") -> Envelope:
    """The envelope in which the shop's relay would send this event."""
    envelope = Envelope(
        id=new_id(),
        source="relata/shop",
        type=event.type,
        subject=event.subject,
        sequence=sequence,
        time=utcnow(),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
        actor=actor,
    )
    return decode(encode(envelope))


def _meet_fate(tries: Tries, kill: Callable[[], None], reaction: str, envelope: Envelope) -> None:
    label = envelope.data["label"]
    fate, _, times = envelope.data["fates"].get(reaction, "").partition(":")
    if not fate or tries.is_healed(label):
        return
    tried = tries.count(label, reaction)
    if fate == "broken" or (fate == "fails" and tried <= int(times)):
        raise RuntimeError(f"{label} fails here")
    if fate == "refuses":
        raise Conflict(f"{label} is refused")
    if fate == "kills" and tried <= int(times):
        kill()
    if fate == "lingers" and tried <= int(times):
        time.sleep(LINGERS_S)


def _collected(envelope: Envelope) -> ItemCollected:
    return ItemCollected(order=envelope.data["order"], label=envelope.data["label"])


def _effect(envelope: Envelope) -> dict[str, object]:
    return {
        "event_id": envelope.id,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "label": envelope.data["label"],
    }

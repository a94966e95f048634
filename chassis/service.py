"""A Service is a frozen manifest of what a service is; a Node is a service plugged into its database."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.database import Database
from chassis.event import Envelope, Event
from chassis.history import install_history
from chassis.owner_filter import install_access
from chassis.settings import Settings

Order = Literal["any", "latest", "strict"]

RETRY_DELAYS_S = (1.0, 10.0, 60.0, 600.0, 3600.0, 21600.0)


@dataclass(frozen=True)
class Reaction:
    """What a service does because something happened. Give ``react`` (one event) or ``react_many`` (a batch).

    ``order`` says what it needs: ``any`` for work that commutes, ``latest`` when only the newest state of a subject
    counts, ``strict`` when every event of a subject must take effect in sequence. ``to`` lists event classes;
    ``everything`` takes every type there is. A projection names its tables, and neither emits nor delivers.
    """

    name: str
    order: Order
    to: tuple[type[Event], ...] = ()
    react: Callable[[Session, Envelope], None] | None = None
    react_many: Callable[[Session, Sequence[Envelope]], None] | None = None
    everything: bool = False
    projection: tuple[Table, ...] = ()
    slow: bool = False

    def __post_init__(self) -> None:
        if (self.react is None) == (self.react_many is None):
            raise TypeError(f"{self.name}: give react or react_many")
        if self.everything and self.order == "strict":
            raise TypeError(f"{self.name}: a strict reaction names its types")

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types this reaction acts on."""
        return frozenset(cls.type for cls in self.to)

    @cached_property
    def bindings(self) -> frozenset[str]:
        """Routing keys its queue needs.

        A strict reaction hears everything about its nouns, so that a gap in the sequence always means "not here yet".
        """
        if self.everything:
            return frozenset({"#"})
        if self.order == "strict":
            return frozenset(".".join(name.split(".")[:2]) + ".#" for name in self.types)
        return self.types

    def hears(self, event_type: str) -> bool:
        """Whether events of this type reach the reaction (a strict one acts only on those among ``types``)."""
        if self.everything:
            return True
        if self.order == "strict":
            noun = ".".join(event_type.split(".")[:2]) + ".#"
            return noun in self.bindings
        return event_type in self.types


@dataclass(frozen=True)
class Service:
    """The manifest: everything the faces need to know about a service, and nothing that opens a connection.

    ``patience_s`` is how long its events may gather: a service that only keeps the books of what others do costs a
    fraction when it does not look at each entry by itself.
    """

    name: str
    metadata: MetaData
    routers: tuple[Any, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    jobs: tuple[Any, ...] = ()
    deliveries: Mapping[str, Any] = field(default_factory=dict)
    emits: tuple[type[Event], ...] = ()
    migrations: str = ""
    messages: Path | None = None  # a folder of <language>.json catalogues: what people read, in their language
    settings_model: Any = None
    patience_s: float = 0.0

    def hearing(self, event_type: str, *, slow: bool | None = None) -> list[Reaction]:
        """The reactions that events of this type reach, in the manifest's order; on demand only the slow or quick."""
        heard = [reaction for reaction in self.reactions if reaction.hears(event_type)]
        return heard if slow is None else [reaction for reaction in heard if reaction.slow == slow]


class Node:
    """A service on its database. Faces (http, worker, courier, relay) are small functions over a Node."""

    def __init__(self, service: Service, settings: Settings, *, pool_size: int | None = None) -> None:
        self.service = service
        self.settings = settings
        self.db = Database(settings.database_url_of(service.name), pool_size=pool_size or settings.http_pool)
        install_access(self.db, service.metadata)
        install_history(self.db)
        self.retry_delays_s = tuple(delay * settings.retry_scale for delay in RETRY_DELAYS_S)
        # Set when this process put something into the outbox or the inbox; loops wait on them instead of polling hard.
        self.outbox_filled = threading.Event()
        self.inbox_filled = threading.Event()
        self.deliveries_filled = threading.Event()
        self.after_emit: list[Callable[[], None]] = [self.outbox_filled.set]

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @contextmanager
    def begin(self, context: Context) -> Iterator[Session]:
        """A writing transaction in which ``emit`` works; after its commit the relay is woken."""
        with self.db.begin() as tx:
            tx.info.update(service=self.service.name, context=context, node=self)
            yield tx
        self.committed(tx)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only looks."""
        with self.db.read() as tx:
            tx.info.update(service=self.service.name, node=self)
            yield tx

    def committed(self, tx: Session) -> None:
        """Wake whoever waits for what this transaction wrote."""
        if tx.info.get("emitted"):
            for wake in self.after_emit:
                wake()
        if tx.info.get("delivers"):
            self.deliveries_filled.set()

    def close(self) -> None:
        """Close the database."""
        self.db.close()

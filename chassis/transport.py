"""The seam between the modes: how events get from an outbox to the inboxes. ``chassis.bus`` picks one."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from chassis.arrivals import keep_undecodable
from chassis.deliver import store
from chassis.event import Envelope, Undecodable, decode
from chassis.service import Node


class Outcome(Enum):
    """What became of one event that was handed to the bus."""

    SENT = "sent"
    UNROUTABLE = "unroutable"
    REFUSED = "refused"


class BusAway(Exception):
    """The bus cannot be reached or did not answer in time: what was handed to it must be sent again."""


class Transport(Protocol):
    """Takes encoded events; when it answers SENT the event is safe on the other side."""

    def publish(self, letters: Sequence["Letter"]) -> list[Outcome]:
        """One outcome per letter, in their order; raises BusAway."""

    def close(self) -> None:
        """Give up connections."""


class Letter:
    """One event ready to send: its id, its type (the routing key) and its encoded envelope."""

    __slots__ = ("body", "id", "type")

    def __init__(self, id: str, type: str, body: str) -> None:
        self.id = id
        self.type = type
        self.body = body


class MemoryTransport:
    """Within one process: commits a pending inbox row per matching reaction into each target database, and returns.

    Workers run from those rows, so a kill loses nothing and a slow reaction holds nobody up.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = list(nodes)

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        """See Transport. Twins are harmless: the rows are there already."""
        heard = [False] * len(letters)
        envelopes, broken = _opened(letters)
        for node in self._nodes:
            wanted = [place for place, letter in enumerate(letters) if node.service.hearing(letter.type)]
            if readable := [envelopes[place] for place in wanted if place in envelopes]:
                store(node, readable)
            if unreadable := [broken[place] for place in wanted if place in broken]:
                keep_undecodable(node, unreadable)
            for place in wanted:
                heard[place] = True
        return [Outcome.SENT if known else Outcome.UNROUTABLE for known in heard]

    def close(self) -> None:
        """Nothing to give up."""


def _opened(letters: Sequence[Letter]) -> tuple[dict[int, Envelope], dict[int, tuple[bytes, str]]]:
    """The envelopes by their place, and those that are none with the reason: one of them must not hold up the rest."""
    envelopes, broken = {}, {}
    for place, letter in enumerate(letters):
        try:
            envelopes[place] = decode(letter.body)
        except Undecodable as error:
            broken[place] = (letter.body.encode(), str(error))
    return envelopes, broken

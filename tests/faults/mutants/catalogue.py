"""Safeguards that can be switched off, each by a patch in a process of its own, and the tests that must notice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

SEMANTICS = "tests/semantics/test_semantics.py"
ORDER = "tests/semantics/test_order.py"
REPLICAS = "tests/semantics/test_replicas.py"
ACKNOWLEDGING = "tests/semantics/test_acknowledging.py"
PUBLISHING = "tests/semantics/test_publishing.py"


@dataclass(frozen=True)
class Mutant:
    """``patch`` switches the safeguard off in this process; ``quick`` is the test that notices soonest.

    ``thorough`` are pytest's arguments for a suite that must notice as well.
    """

    name: str
    safeguard: str
    patch: Callable[[], None]
    quick: str
    thorough: Sequence[str] = ()


def switch_off(name: str) -> None:
    """Run this process without the named safeguard."""
    CATALOGUE[name].patch()


def _no_inbox() -> None:
    from chassis.deliver import _FromBroker

    known = _FromBroker.take

    def take(self: Any, tx: Any, pairs: Any) -> Any:
        known(self, tx, pairs)
        return list(pairs)

    _FromBroker.take = take  # type: ignore[method-assign]


def _no_sequence_check() -> None:
    from sqlalchemy import true

    from chassis import order

    order.is_newer = lambda incoming, known: true()


def _no_strict_lock() -> None:
    from chassis import order

    order._locked = lambda query: query


def _ack_before_commit() -> None:
    from chassis.nameko_host import Batches, DrainingQueueConsumer

    handle, acknowledge = Batches.handle_message, DrainingQueueConsumer.acknowledge

    def at_once(self: Any, message: Any) -> None:
        acknowledge(self.queue_consumer, message)
        handle(self, message)

    Batches.handle_message = at_once  # type: ignore[method-assign]
    DrainingQueueConsumer.acknowledge = lambda self, message: None  # type: ignore[method-assign]


def _multiple_ack() -> None:
    from chassis.nameko_host import DrainingQueueConsumer

    def acknowledge(self: Any, message: Any) -> None:
        message.ack(multiple=True)

    DrainingQueueConsumer.acknowledge = acknowledge  # type: ignore[method-assign]


def _no_confirms() -> None:
    from chassis import amqp

    send = amqp._Link._send

    def and_hope(self: Any, batch: Any) -> None:
        send(self, batch)
        self._awaited.clear()
        for place in range(len(batch.letters)):
            batch.settle(place, True)

    amqp.enable_confirms = lambda channel, on_confirm, on_ready: on_ready(None)
    amqp._Link._send = and_hope  # type: ignore[method-assign]


def _no_mandatory() -> None:
    from chassis import amqp

    amqp.MANDATORY = False


def _no_owner_filter() -> None:
    from sqlalchemy import true

    from chassis import owner_filter

    owner_filter.owner_criterion = lambda model, depth: true()


CATALOGUE = {
    mutant.name: mutant
    for mutant in (
        Mutant(
            "no_inbox",
            "a twin inserts nothing and is not run",
            _no_inbox,
            quick=f"{ORDER}::test_any_takes_effect_in_whatever_order_events_come_and_once[sqlite]",
            thorough=[SEMANTICS, "-k", "sqlite and every"],
        ),
        Mutant(
            "no_sequence_check",
            "an older event does not overwrite a newer one",
            _no_sequence_check,
            quick=f"{ORDER}::test_latest_lets_an_older_state_change_nothing[sqlite]",
            thorough=[SEMANTICS, "-k", "sqlite and every"],
        ),
        Mutant(
            "no_strict_lock",
            "replicas take turns at a strict subject",
            _no_strict_lock,
            quick=f"{REPLICAS}::test_a_strict_event_waits_for_the_replica_that_is_still_at_its_predecessor",
        ),
        Mutant(
            "ack_before_commit",
            "a message is acknowledged when its work is committed",
            _ack_before_commit,
            quick=f"{ACKNOWLEDGING}::test_a_worker_killed_in_the_middle_of_a_transaction_loses_and_doubles_nothing",
        ),
        Mutant(
            "multiple_ack",
            "a message is acknowledged alone",
            _multiple_ack,
            quick=f"{ACKNOWLEDGING}::test_what_one_queue_has_acknowledged_says_nothing_about_its_neighbours",
        ),
        Mutant(
            "no_confirms",
            "an event counts as sent when the broker has confirmed it",
            _no_confirms,
            quick=f"{PUBLISHING}::test_what_was_swallowed_on_the_way_does_not_count_as_sent",
        ),
        Mutant(
            "no_mandatory",
            "an event that no queue takes comes back",
            _no_mandatory,
            quick=f"{PUBLISHING}::test_what_no_queue_takes_does_not_count_as_sent_and_the_binding_is_mended",
        ),
        Mutant(
            "no_owner_filter",
            "a person sees the rows that are theirs to see",
            _no_owner_filter,
            quick="tests/chassis/test_access.py",
        ),
    )
}

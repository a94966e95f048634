"""A worker or relay of the services under test as a process of its own: ``-m tests.semantics.process KIND JSON``.

It is the product's own worker or relay; what is added writes down what came in (``arrivals``), so that a test can
prove that its fault hit something.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any


def main(kind: str, told: dict[str, Any]) -> None:
    """Run until SIGTERM."""
    if kind == "worker":
        from chassis.green import green_process

        green_process()  # before anything else is imported
    if mutant := os.environ.get("RELATA_TEST_MUTANT"):
        from tests.faults.mutants.catalogue import switch_off

        switch_off(mutant)
    if kind == "worker":
        _work(told)
    else:
        _relay(told)


def _work(told: dict[str, Any]) -> None:
    from chassis import nameko_host
    from chassis.service import Node
    from chassis.settings import Settings
    from tests.semantics.shop import Tries, taker

    folder = Path(told["folder"])
    service = taker(Tries(folder / "tries"), _kill_myself, many=told["many"], slow=True)
    node = Node(service, Settings(**told["settings"]), pool_size=5)
    take_in = nameko_host.take_in  # type: ignore[attr-defined]

    def noted(node: Node, messages: Any, *rest: Any, **more: Any) -> None:
        with (folder / "arrivals").open("a") as file:
            queue = "slow" if more.get("slow") else "quick"
            file.write("".join(f"{queue} {_name(message)}\n" for message in messages))
        take_in(node, messages, *rest, **more)

    nameko_host.take_in = noted  # type: ignore[attr-defined]
    nameko_host.host_worker(node, lambda node: None)
    node.close()


def _name(message: Any) -> str:
    """``fresh`` or ``again``, and the event's id."""
    try:
        event_id = json.loads(message.body)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        event_id = "none"
    return f"{'again' if message.redelivered else 'fresh'} {event_id}"


def _relay(told: dict[str, Any]) -> None:
    from chassis import relay
    from chassis.amqp import AmqpTransport
    from chassis.service import Node
    from chassis.settings import Settings
    from tests.semantics.shop import Tries, shop, taker

    # Ten seconds until a dead relay is followed are right in production and long for a test.
    relay.LEASE_TTL_S, relay.LEASE_MARGIN_S, relay.PUBLISH_S = 5.0, 2.5, 1.0
    settings = Settings(**told["settings"])
    receiver = taker(Tries(Path(told["folder"]) / "tries"), _kill_myself, many=told["many"], slow=True)
    node = Node(shop(), settings, pool_size=2)
    transport = AmqpTransport(settings.bus_url, settings.prefix, [node.service, receiver])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    relay.Relay(node, transport).run(stop)
    transport.close()
    node.close()


def _kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))

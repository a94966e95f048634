"""Couriers that die: ``python -m tests.faults.erp.couriers``, its orders as JSON on stdin, what it did on stdout.

Each is a process of its own that is killed with -9 after the ERP has taken a document and before that is written down.
Others hear nothing although the ERP has it (Unknown). Every second one does not look up before it calls again, so that
the ERP's own rule, one document per reference, is tried as well. When enough have died, a last one ends the work.
"""

import json
import os
import random
import signal
import sys
import threading
from dataclasses import dataclass, replace

from pydantic import SecretStr

from chassis import courier as couriers
from chassis.calls import Delivered, Delivery, Outcome, Unknown
from chassis.service import Node, Service
from chassis.settings import Settings
from services.erp_bridge.documents.model import KIND
from services.erp_bridge.documents.sending import DELIVERIES
from services.erp_bridge.service import ERP_BRIDGE

# Days pressed into seconds: what a courier leaves behind is taken over soon.
COURIER_LEASE_S = 0.5


@dataclass(frozen=True)
class Orders:
    """``kills`` couriers die; a share of ``silent`` calls seem to be unanswered.

    ``lease_s`` outlives what the ERP still does for one that died, as it must in life.
    """

    database_url: str
    secret: str
    kills: int
    seed: int
    lease_s: float
    deadly: float = 0.3
    silent: float = 0.1


def main() -> None:
    orders = Orders(**json.loads(sys.stdin.readline()))
    couriers.LEASE_S, couriers.STANDBY_S, couriers.IDLE_S = COURIER_LEASE_S, 0.1, 0.05
    died = life = 0
    told_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    while not told_to_end.is_set():
        life += 1
        child = os.fork()
        if child == 0:
            _live(orders, life, may_die=died < orders.kills)
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if told_to_end.wait(0.02):
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)
                return
        died += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _live(orders: Orders, life: int, *, may_die: bool) -> None:
    chance = random.Random(orders.seed * 100_003 + life)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    handler = DELIVERIES[KIND]

    def send(node: Node, delivery: Delivery) -> Outcome:
        outcome = handler.send(node, delivery)
        if not isinstance(outcome, Delivered):
            return outcome
        if may_die and chance.random() < orders.deadly:
            _say("killed", delivery)
            os.kill(os.getpid(), signal.SIGKILL)
        if may_die and chance.random() < orders.silent:
            _say("silent", delivery)
            return Unknown("no answer came")
        return outcome

    look_up = handler.look_up if life % 2 else None
    deadly = replace(handler, send=send, look_up=look_up, timeout_s=orders.lease_s, unknown_wait_s=30.0)
    service: Service = replace(ERP_BRIDGE, deliveries={KIND: deadly})
    settings = Settings(
        database_url=orders.database_url, secret=SecretStr(orders.secret), outside_allow_private=True, retry_scale=0.01
    )
    couriers.courier(Node(service, settings, pool_size=6), stop)
    os._exit(0)


def _say(what: str, delivery: Delivery) -> None:
    # One write of few bytes: whole in the pipe, even as the last thing this process does.
    os.write(1, f"{what} {delivery.idempotency_key}\n".encode())


if __name__ == "__main__":
    main()

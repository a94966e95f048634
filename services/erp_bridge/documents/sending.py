"""How a document is taken to its ERP: what the courier calls, and what is written down afterwards.

The call goes out with no transaction open; its outcome, the link and the announcement are one transaction after it. Who
dies in between calls again, and the connector finds what is there under our reference.
"""

import threading
import time
from decimal import Decimal

import orjson
from sqlalchemy.orm import Session

from chassis.calls import Delivered, Delivery, DeliveryHandler, GivenUp, Gone, Later, Outcome, Settled
from chassis.calls import Refused as NotTaken
from chassis.calls import Unknown as Unsure
from chassis.i18n import Text, say
from chassis.outside import NoAnswer
from chassis.service import Node
from services.erp_bridge.connections.kinds import PUSH_S, Reached, open_connector, reach
from services.erp_bridge.connections.model import Status
from services.erp_bridge.connections.queries import get_live
from services.erp_bridge.connectors.base import CannotRead, Document, Refused, Retry, Sent, Unknown
from services.erp_bridge.documents.actions import record_accepted, record_delayed, record_refused, refuse_all
from services.erp_bridge.documents.model import KIND

PAUSED_S = 5.0
# Eight documents at the slowest rate.
_LONGEST_TURN_S = 40.0
# Quick at first, then patient: seventeen tries over three days and a half, the last ones twelve hours apart.
DELAYS_S = (0.0, 2.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, *(3600.0,) * 3, *(14_400.0,) * 2, *(43_200.0,) * 6)


class Pace:
    """Gives each connection's documents moments to leave at, so far apart that its rate is kept in this process.

    One courier is active per service, so that this is the rate of the installation.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, connection_id: str, rate: Decimal) -> None:
        """Return when it is this document's turn."""
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next.get(connection_id, 0.0))
            self._next[connection_id] = mine + float(1 / rate)
        time.sleep(mine - now)


_pace = Pace()


def send_document(node: Node, delivery: Delivery) -> Outcome:
    """Push one document; a paused connection lets it wait."""
    with node.read() as tx:
        connection = get_live(tx, delivery.receiver.removeprefix("erp:"))
        if connection is None:
            return Gone(say("The connection to this ERP was deleted."))
        if connection.status == Status.PAUSED:
            return Later("paused", retry_after=PAUSED_S)
        rate = connection.rate
        try:
            reached = reach(node, connection)
        except CannotRead as error:
            return Later(str(error))
    _pace.wait(reached.id, rate)
    return _as_outcome(open_connector(node, reached).push(Document.model_validate_json(delivery.body)), delivery)


def look_up_document(node: Node, delivery: Delivery) -> Delivered | None:
    """What the ERP has under our reference; that it does not say is as uncertain as before."""
    reached = _reached(node, delivery)
    if reached is None:
        return None
    kind, _, reference = delivery.idempotency_key.partition(":")
    try:
        found = open_connector(node, reached).look_up("order" if kind == "order" else "invoice", reference)
    except CannotRead as error:
        raise NoAnswer(str(error)) from error
    return _delivered(found, delivery, "found under our reference") if found else None


def _reached(node: Node, delivery: Delivery) -> Reached | None:
    with node.read() as tx:
        connection = get_live(tx, delivery.receiver.removeprefix("erp:"))
        try:
            return reach(node, connection) if connection is not None else None
        except CannotRead as error:
            raise NoAnswer(str(error)) from error


def _as_outcome(outcome: Sent | Refused | Retry | Unknown, delivery: Delivery) -> Outcome:
    request = delivery.idempotency_key
    match outcome:
        case Sent():
            return _delivered(outcome, delivery, "accepted")
        case Refused(reason):
            return NotTaken(reason, request=request)
        case Retry(reason, after):
            return Later(reason, retry_after=after, request=request)
        case Unknown(reason):
            return Unsure(reason, request=request)


def _delivered(sent: Sent, delivery: Delivery, how: str) -> Delivered:
    note = {"template": sent.note.template, "values": dict(sent.note.values)} if sent.note else None
    told = {"erp_id": sent.erp_id, "number": sent.number, "state": sent.state, "party_id": sent.party_id, "note": note}
    answer = f"{how}: {sent.number or sent.erp_id}"
    return Delivered(answer=answer, request=delivery.idempotency_key, reference=orjson.dumps(told).decode())


def settle(tx: Session, delivery: Delivery, outcome: Settled) -> None:
    """Keep what became of it, in the transaction that records the outcome."""
    match outcome:
        case Delivered():
            told = orjson.loads(outcome.reference or "{}")
            note = told.pop("note")
            record_accepted(
                tx, delivery.id, Sent(**told, note=say(note["template"], **note["values"]) if note else None)
            )
        case NotTaken(reason):
            record_refused(tx, delivery.id, _sentence(reason))
        case Gone(reason):
            refuse_all(tx, delivery.receiver.removeprefix("erp:"), _sentence(reason))
        case GivenUp(reason):
            words = say("The ERP did not take it for days: {words}", words=reason)
            record_refused(tx, delivery.id, words)


def _sentence(reason: str) -> Text:
    return reason if isinstance(reason, Text) else say("{words}", words=reason)


def put_off(tx: Session, delivery: Delivery, outcome: Later | Unsure) -> None:
    """It is tried again; people see that it is late."""
    record_delayed(tx, delivery.id, outcome.reason)


DELIVERIES = {
    KIND: DeliveryHandler(
        send=send_document,
        settled=settle,
        put_off=put_off,
        look_up=look_up_document,
        # The lease outlives a push of many calls, and the wait for its turn at the slowest rate.
        timeout_s=PUSH_S + _LONGEST_TURN_S + 10.0,
        # Longer than an ERP may work on a call that we have hung up on.
        unknown_wait_s=60.0,
        in_flight_per_receiver=8,
        delays_s=DELAYS_S,
    )
}

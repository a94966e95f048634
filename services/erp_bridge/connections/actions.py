"""Connections come, change, pause and go; the ledger steps in where there is no other."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.clock import db_now, utcnow
from chassis.database import lock
from chassis.deliveries import hold_back, let_go
from chassis.errors import Conflict, FieldError, Invalid
from chassis.i18n import say
from chassis.ids import new_id
from chassis.records import soft_delete
from chassis.settings import Settings
from services.erp_bridge.connections.kinds import CONNECTORS, DEFAULTS, LEDGER, read_settings, secrets_of, split
from services.erp_bridge.connections.model import Connection, Following, Status
from services.erp_bridge.connections.queries import live_connections

# One ledger per installation, under the same id wherever it is made first.
LEDGER_ID = str(uuid5(NAMESPACE_URL, "relata:ledger"))
_LOCK = "erp connections"


class ConnectionIdTaken(Conflict):
    """There is a connection with this id."""

    code = "connection_id_taken"


class LedgerStays(Conflict):
    """The ledger is not deleted: without another ERP it is the one that books."""

    code = "ledger_stays"


def receiving(tx: Session) -> list[Connection]:
    """The connections that documents go to, the ledger made if there is none at all. Paused ones are among them."""
    found = [each for each in live_connections(tx) if each.status != Status.STANDBY]
    if found:
        return found
    lock(tx, [_LOCK])
    ledger = tx.get(Connection, LEDGER_ID, populate_existing=True)
    if ledger is None:
        rate, poll = DEFAULTS[LEDGER]
        ledger = Connection(
            id=LEDGER_ID, kind=LEDGER, name="Sổ cái", settings={}, rate=rate, poll_every_s=poll, custom={}
        )
        _keep(tx, ledger)
    ledger.status, ledger.deleted_at = Status.ACTIVE, None
    tx.flush()
    return [ledger]


def create_connection(
    tx: Session,
    *,
    settings: Settings,
    kind: str,
    name: str,
    given: Mapping[str, Any],
    rate: Decimal | None,
    poll_every_s: int | None,
    custom: dict[str, Any],
    connection_id: str | None = None,
) -> Connection:
    """Connect an ERP. The ledger stands by from now on: two that book would book everything twice."""
    lock(tx, [_LOCK])
    if kind == LEDGER or kind not in CONNECTORS:
        message = say("There is one ledger already.") if kind == LEDGER else say("Unknown kind of ERP.")
        raise Invalid(message, errors=[FieldError("/kind", message)])
    if connection_id is not None and tx.get(Connection, connection_id) is not None:
        raise ConnectionIdTaken(say("There is a connection with this id."))
    shown, sealed = split(settings, read_settings(settings, kind, given))
    default_rate, default_poll = DEFAULTS[kind]
    connection = Connection(
        id=connection_id or new_id(),
        kind=kind,
        name=name,
        settings=shown,
        secrets=sealed,
        status=Status.ACTIVE,
        rate=rate or default_rate,
        poll_every_s=poll_every_s or default_poll,
        custom=custom,
    )
    _keep(tx, connection)
    ledger = tx.get(Connection, LEDGER_ID)
    if ledger is not None and ledger.status == Status.ACTIVE:
        ledger.status = Status.STANDBY
    tx.flush()
    return connection


def _keep(tx: Session, connection: Connection) -> None:
    tx.add(connection)
    tx.add(Following(connection_id=connection.id, next_poll_at=utcnow(), failures=0))


def change_connection(
    tx: Session, connection: Connection, changes: Mapping[str, Any], *, settings: Settings
) -> Connection:
    """Change what is given; settings that are not given stay, secrets among them."""
    for name, value in changes.items():
        if name == "settings":
            merged = {**connection.settings, **value}
            read = read_settings(settings, connection.kind, merged, secrets=secrets_of(settings, connection))
            connection.settings, connection.secrets = split(settings, read)
        else:
            setattr(connection, name, value)
    tx.flush()
    return connection


def pause(tx: Session, connection: Connection) -> Connection:
    """Documents wait from now on, and nobody asks what changed."""
    if connection.status == Status.ACTIVE:
        connection.status = Status.PAUSED
        hold_back(tx, connection.receiver)
        tx.flush()
    return connection


def resume(tx: Session, connection: Connection) -> Connection:
    """What waited goes out, in its order and at the connection's rate."""
    if connection.status == Status.PAUSED:
        connection.status = Status.ACTIVE
        let_go(tx, connection.receiver)
        poll_now(tx, connection.id)
        tx.flush()
    return connection


def delete_connection(tx: Session, connection: Connection) -> None:
    """Nothing goes there any more; what is still on its way is refused. Raises LedgerStays."""
    if connection.kind == LEDGER:
        raise LedgerStays(say("The ledger stays. Connect an ERP, and it stands by."))
    soft_delete(tx, connection)
    let_go(tx, connection.receiver)
    receiving(tx)


def poll_now(tx: Session, connection_id: str) -> None:
    """Have it asked at the next moment what changed."""
    following = tx.get(Following, connection_id, with_for_update=True)
    if following is not None:
        following.next_poll_at = tx.scalars(select(db_now(tx))).one()
        tx.flush()

"""Looking for connections."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.filters import Filter
from chassis.paging import Listing
from services.erp_bridge.connections.model import Connection, Following, Status

CONNECTIONS = Listing(
    model=Connection,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={"status": Filter(Connection.status, Status), "kind": Filter(Connection.kind)},
)


def live_connections(tx: Session) -> list[Connection]:
    """All that are not deleted, the oldest first."""
    there = select(Connection).where(Connection.deleted_at.is_(None))
    return list(tx.scalars(there.order_by(Connection.created_at, Connection.id)))


def get_live(tx: Session, connection_id: str) -> Connection | None:
    """The connection, unless it is deleted."""
    connection = tx.get(Connection, connection_id)
    return connection if connection is not None and connection.deleted_at is None else None


def following_of(tx: Session, connection_id: str) -> Following | None:
    """How far this connection has been read."""
    return tx.get(Following, connection_id)

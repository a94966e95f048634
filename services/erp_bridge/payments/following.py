"""Asks every ERP what changed, one look after the other, each under a lease; what it says is taken in at once."""

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.clock import db_later, db_now
from chassis.context import Context
from chassis.deliveries import try_now
from chassis.ids import new_id
from chassis.leases import release, take
from chassis.service import Node
from services.erp_bridge.connections.kinds import Reached, open_connector, reach
from services.erp_bridge.connections.model import Connection, Following, Status, receiver_of
from services.erp_bridge.connectors.base import CannotRead, Changes
from services.erp_bridge.payments.actions import Found, take_in
from services.erp_bridge.payments.model import Sync, SyncState

log = structlog.get_logger(__name__)

LEASE_S = 120.0
LONGEST_PAUSE_S = 300.0
# A look reads this many pages at most; a long absence is made up over several looks.
_PAGES = 20


def follow_erps(node: Node) -> None:
    """Look at each connection whose time has come. What goes wrong with one is its own affair."""
    with node.read() as tx:
        due = list(
            tx.scalars(
                select(Connection.id)
                .join(Following, Following.connection_id == Connection.id)
                .where(
                    Connection.deleted_at.is_(None),
                    Connection.status != Status.PAUSED,
                    Following.next_poll_at <= db_now(tx),
                )
                .order_by(Following.next_poll_at)
                .limit(50)
            )
        )
    for connection_id in due:
        holder, name = new_id(), f"erp follow {connection_id}"
        with node.db.begin() as tx:
            mine = take(tx, name, holder, LEASE_S)
        if not mine:
            continue
        try:
            _follow(node, connection_id)
        finally:
            with node.db.begin() as tx:
                release(tx, name, holder)


def _follow(node: Node, connection_id: str) -> None:
    found, error = Found(), None
    try:
        with node.read() as tx:
            connection = tx.get(Connection, connection_id)
            assert connection is not None
            reached, poll_every_s = reach(node, connection), connection.poll_every_s
            following = tx.get(Following, connection_id)
            cursor = following.cursor if following else None
        for _ in range(_PAGES):
            changes = open_connector(node, reached).changes(cursor)
            if not _take_in(node, reached, cursor, changes, found):
                return  # another look was faster: it has told everything
            cursor = changes.cursor
            if not changes.more:
                break
    except CannotRead as reason:
        error = str(reason)
    except Exception as bug:
        log.exception("following an ERP failed", connection=connection_id)
        error = f"{type(bug).__name__}: {bug}"
    _close(node, connection_id, found, error, poll_every_s=poll_every_s if error is None else None)


def _take_in(node: Node, reached: Reached, cursor: str | None, changes: Changes, found: Found) -> bool:
    """Take a page in and go on behind it, in one transaction; False when the cursor has moved meanwhile."""
    with node.begin(Context.fresh("job:erp_bridge.follow_erps")) as tx:
        as_system(tx, "what an ERP says about our documents")
        before = Following.cursor.is_(None) if cursor is None else Following.cursor == cursor
        moved = update(Following).where(Following.connection_id == reached.id, before)
        if tx.execute(moved.values(cursor=changes.cursor).returning(Following.connection_id)).first() is None:
            return False
        take_in(tx, reached.id, changes.documents, found)
    return True


def _close(node: Node, connection_id: str, found: Found, error: str | None, *, poll_every_s: int | None) -> None:
    with node.begin(Context.fresh("job:erp_bridge.follow_erps")) as tx:
        following = tx.get(Following, connection_id, with_for_update=True)
        assert following is not None
        if following.failures and not error:
            try_now(tx, receiver_of(connection_id))  # it was away: documents need not sit out their patience
        following.error = error[:1000] if error else None
        following.failures = following.failures + 1 if error else 0
        following.polled_at = following.polled_at if error else tx.scalars(select(db_now(tx))).one()
        pause = poll_every_s if poll_every_s is not None else min(2.0**following.failures, LONGEST_PAUSE_S)
        following.next_poll_at = tx.scalars(select(db_later(tx, pause))).one()
        _answer(tx, connection_id, found, error)


def _answer(tx: Session, connection_id: str, found: Found, error: str | None) -> None:
    """Whoever asked for this look is told what it brought."""
    asked = select(Sync).where(Sync.connection_id == connection_id, Sync.state == SyncState.ASKED).with_for_update()
    for sync in tx.scalars(asked):
        sync.state = SyncState.FAILED if error else SyncState.DONE
        sync.booked, sync.unbooked, sync.changed = found.booked, found.unbooked, found.changed
        sync.error, sync.finished_at = error, tx.scalars(select(db_now(tx))).one()

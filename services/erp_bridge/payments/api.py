"""Routes for those who do not want to wait for the next look at an ERP."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.errors import Conflict, NotFound
from chassis.http import Router
from chassis.i18n import say
from chassis.paging import ListRequest, Page
from services.erp_bridge.connections.model import Connection, Status
from services.erp_bridge.payments.actions import ask_for_sync
from services.erp_bridge.payments.model import Sync
from services.erp_bridge.payments.queries import SYNCS
from services.erp_bridge.payments.schemas import AskForSync, SyncView
from services.erp_bridge.rights import reads, replays

router = Router(tags=["erp"])


class ConnectionPaused(Conflict):
    """Nobody asks an ERP that is paused."""

    code = "connection_paused"


@router.get("/erp/syncs", allow=reads, listing=SYNCS)
def list_syncs(tx: Session, asked: ListRequest) -> Page[SyncView]:
    """Looks that somebody asked for, the newest first."""
    return SYNCS.page(tx, asked, SyncView.model_validate)


@router.post("/erp/syncs", status_code=202, allow=replays)
def sync_now(tx: Session, body: AskForSync) -> SyncView:
    """Ask an ERP what changed, within two seconds."""
    connection = find(tx, Connection, str(body.connection_id))
    if connection.status == Status.PAUSED:
        raise ConnectionPaused(say("This connection is paused."))
    return SyncView.model_validate(ask_for_sync(tx, connection))


@router.get("/erp/syncs/{sync_id}", allow=reads)
def read_sync(tx: Session, sync_id: UUID) -> SyncView:
    """One look and what it brought."""
    sync = tx.get(Sync, str(sync_id))
    if sync is None:
        raise NotFound
    return SyncView.model_validate(sync)

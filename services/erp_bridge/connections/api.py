"""Routes for those who connect ERPs."""

from asyncio import to_thread
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.history import history_of
from chassis.http import Face, IfMatch, Router
from chassis.i18n import Catalogue, Language
from chassis.paging import ListRequest, Page
from chassis.service import Node
from services.erp_bridge.connections import actions
from services.erp_bridge.connections.kinds import open_connector, reach
from services.erp_bridge.connections.model import Connection
from services.erp_bridge.connections.queries import CONNECTIONS, following_of
from services.erp_bridge.connections.schemas import (
    ChangeConnection,
    ChangeView,
    ConnectionView,
    CreateConnection,
    History,
    Tested,
)
from services.erp_bridge.connectors.base import CannotRead
from services.erp_bridge.rights import manages, reads

router = Router(tags=["erp"])


@router.get("/erp/connections", allow=reads, writes=True, listing=CONNECTIONS)
def list_connections(tx: Session, asked: ListRequest) -> Page[ConnectionView]:
    """The ERPs we are connected to, the newest first. Without any, the ledger books."""
    actions.receiving(tx)
    return CONNECTIONS.page(tx, asked, lambda each: _view(tx, each), where=[Connection.deleted_at.is_(None)])


@router.post("/erp/connections", status_code=201, allow=manages)
def create_connection(tx: Session, node: Node, body: CreateConnection) -> ConnectionView:
    """Connect an ERP: documents go there from now on, and its payments come back. The ledger stands by."""
    made = actions.create_connection(
        tx,
        settings=node.settings,
        kind=body.kind,
        name=body.name,
        given=body.settings,
        rate=body.rate,
        poll_every_s=body.poll_every_s,
        custom=body.custom,
        connection_id=str(body.id) if body.id else None,
    )
    return _view(tx, made)


@router.get("/erp/connections/{connection_id}", allow=reads)
def read_connection(tx: Session, connection_id: UUID) -> ConnectionView:
    """One connection."""
    return _view(tx, find(tx, Connection, str(connection_id)))


@router.patch("/erp/connections/{connection_id}", allow=manages)
def change_connection(
    tx: Session, node: Node, connection_id: UUID, body: ChangeConnection, if_match: IfMatch
) -> ConnectionView:
    """Change a connection; a setting that is not named stays as it is."""
    connection = _find_to_write(tx, connection_id, if_match)
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "custom" in changes:
        merged = {**connection.custom, **changes["custom"]}
        changes["custom"] = {name: value for name, value in merged.items() if value is not None}
    return _view(tx, actions.change_connection(tx, connection, changes, settings=node.settings))


@router.delete("/erp/connections/{connection_id}", allow=manages)
def delete_connection(tx: Session, connection_id: UUID, if_match: IfMatch) -> None:
    """Disconnect an ERP; what it has not taken yet is refused. When it was the last one, the ledger books again."""
    actions.delete_connection(tx, _find_to_write(tx, connection_id, if_match))


@router.post("/erp/connections/{connection_id}/pause", allow=manages)
def pause_connection(tx: Session, connection_id: UUID, if_match: IfMatch) -> ConnectionView:
    """Send nothing for a while; documents wait in their order."""
    return _view(tx, actions.pause(tx, _find_to_write(tx, connection_id, if_match)))


@router.post("/erp/connections/{connection_id}/resume", allow=manages)
def resume_connection(tx: Session, connection_id: UUID, if_match: IfMatch) -> ConnectionView:
    """Go on with what waited."""
    return _view(tx, actions.resume(tx, _find_to_write(tx, connection_id, if_match)))


@router.post("/erp/connections/{connection_id}/test", allow=manages, idempotent=False)
async def test_connection(face: Face, connection_id: UUID, language: Language, catalogue: Catalogue) -> Tested:
    """Sign in there and look; nothing is changed."""
    try:
        reached = await face.read(lambda tx: reach(face.node, find(tx, Connection, str(connection_id))))
        message = await to_thread(open_connector(face.node, reached).test)
    except CannotRead as error:
        return Tested(reached=False, message=str(error))
    return Tested(reached=True, message=catalogue.text(message, language))


@router.get("/erp/connections/{connection_id}/history", allow=reads)
def read_connection_history(
    tx: Session,
    connection_id: UUID,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> History:
    """What was changed on a connection, by whom and when."""
    connection = find(tx, Connection, str(connection_id))
    changes, next_cursor = history_of(tx, Connection.__noun__, connection.id, limit=limit, cursor=cursor)
    return History(items=[ChangeView.model_validate(change) for change in changes], next_cursor=next_cursor)


def _view(tx: Session, connection: Connection) -> ConnectionView:
    return ConnectionView.of(connection, following_of(tx, connection.id))


def _find_to_write(tx: Session, connection_id: UUID, if_match: IfMatch) -> Connection:
    connection = find(tx, Connection, str(connection_id), lock=True)
    if_match.check(connection.version, lambda: _view(tx, connection))
    return connection

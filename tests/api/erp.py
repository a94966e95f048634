"""For every operation of the ERP bridge: a connection, a document in the ledger, a payment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chassis.deliver import deliver
from chassis.service import Node
from chassis.settings import Settings
from services.erp_bridge.service import ERP_BRIDGE
from tests.erp_bridge import stage
from tests.installation import eventually

if TYPE_CHECKING:
    from tests.api.stage import World


def new_connection() -> dict[str, Any]:
    """A connection to a Tryton where nobody listens."""
    settings = {"url": "http://127.0.0.1:9", "database": "erp", "user": "relata", "password": "mật khẩu"}
    return {"kind": "tryton", "name": "Tryton", "settings": settings}


def _issued(world: World, *, is_sound: bool) -> dict[str, Any]:
    """An invoice as sales issues it, once the ledger has taken it, or refused it because it does not add up."""
    for connection in world.admin.get("/erp/connections").json()["items"]:
        if connection["kind"] != "ledger":
            world.admin.delete(f"/erp/connections/{connection['id']}")
    state = stage.invoice()
    if not is_sound:
        state = state.model_copy(update={"totals": state.totals.model_copy(update={"total": state.totals.total + 1})})
    node = Node(ERP_BRIDGE, Settings(database_url=world.relata.environment["RELATA_DATABASE_URL"]))
    try:
        deliver(node, [stage.issued(state)])
    finally:
        node.close()
    wanted = {"document_id": state.id, "state": "accepted" if is_sound else "refused"}
    found = eventually(lambda: world.admin.get("/erp/documents", params=wanted).json()["items"], within=30)
    return dict(found[0])


def payment(world: World) -> dict[str, Any]:
    invoice_id = _issued(world, is_sound=True)["document_id"]
    return {"invoice_id": invoice_id, "amount": "1000", "paid_on": "2026-11-21", "method": "bank_transfer"}


def _link(world: World) -> str:
    record = _issued(world, is_sound=True)["document_id"]
    return str(world.admin.get("/erp/links", params={"crm_id": record}).json()["items"][0]["id"])


def asked_sync(world: World) -> dict[str, str]:
    return {"connection_id": str(world.made("/erp/connections", new_connection())["id"])}


MAKERS: dict[str, Callable[[World], str]] = {
    "connection_id": lambda world: str(world.made("/erp/connections", new_connection())["id"]),
    "erp_document_id": lambda world: str(_issued(world, is_sound=False)["id"]),
    "link_id": _link,
    "sync_id": lambda world: str(world.admin.post("/erp/syncs", json=asked_sync(world)).json()["id"]),
    "ledger_payment_id": lambda world: str(world.made("/ledger/payments", payment(world))["id"]),
}

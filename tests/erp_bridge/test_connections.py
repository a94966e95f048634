"""Connections: made, tried, changed, paused and deleted; and what becomes of documents meanwhile."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chassis.deliver import deliver
from events.erp_bridge import DocumentDelayed, DocumentRefused
from services.erp_bridge.connections.model import Connection
from tests.erp_bridge.stage import CHIEF_ACCOUNTANT, FINANCE, OPERATOR, Bridge, buyer, invoice, issued
from tests.installation import eventually

# Nobody listens there.
NOWHERE = {"url": "http://127.0.0.1:9", "database": "erp", "user": "relata", "password": "mật khẩu rất kín"}


@pytest.fixture
def connection(bridge: Bridge) -> Iterator[dict[str, Any]]:
    """A Tryton that is not there; gone after the test, so that the ledger books again."""
    body = {"kind": "tryton", "name": "Tryton kế toán", "settings": NOWHERE}
    made = bridge.as_(CHIEF_ACCOUNTANT).post("/erp/connections", json=body)
    assert made.status_code == 201, made.text
    yield made.json()
    bridge.client.delete(f"/erp/connections/{made.json()['id']}")


def ledger(bridge: Bridge) -> dict[str, Any]:
    return next(each for each in bridge.client.get("/erp/connections").json()["items"] if each["kind"] == "ledger")


def test_the_ledger_stands_by_while_there_is_an_erp_and_books_when_there_is_none(bridge: Bridge) -> None:
    assert ledger(bridge)["status"] == "active"
    body = {"kind": "tryton", "name": "Tryton", "settings": NOWHERE}
    made = bridge.client.post("/erp/connections", json=body).json()
    assert ledger(bridge)["status"] == "standby"
    assert bridge.client.delete(f"/erp/connections/{made['id']}").status_code == 204
    assert ledger(bridge)["status"] == "active"
    answer = bridge.client.delete(f"/erp/connections/{ledger(bridge)['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "ledger_stays")


def test_a_password_is_sealed_and_never_shown(bridge: Bridge, connection: dict[str, Any]) -> None:
    shown = bridge.client.get(f"/erp/connections/{connection['id']}")
    assert NOWHERE["password"] not in shown.text
    assert shown.json()["settings"]["user"] == "relata"
    with bridge.node.read() as tx:
        kept = tx.get(Connection, connection["id"])
        assert kept is not None
        assert kept.secrets is not None
        assert NOWHERE["password"] not in kept.secrets
    changed = bridge.client.patch(f"/erp/connections/{connection['id']}", json={"settings": {"user": "ke-toan"}})
    assert changed.json()["settings"]["user"] == "ke-toan"
    assert changed.json()["settings"]["database"] == "erp"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"settings": {**NOWHERE, "database": "../etc"}}, "/settings/database"),
        ({"settings": {**NOWHERE, "colour": "blue"}}, "/settings/colour"),
        ({"kind": "ledger"}, "/kind"),
        ({"kind": "sap"}, "/kind"),
        ({"rate": "0"}, "/rate"),
    ],
)
def test_settings_that_do_not_fit_are_named(bridge: Bridge, change: dict[str, Any], pointer: str) -> None:
    body = {"kind": "tryton", "name": "Tryton", "settings": NOWHERE} | change
    answer = bridge.client.post("/erp/connections", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]


def test_a_test_says_what_is_wrong(bridge: Bridge, connection: dict[str, Any]) -> None:
    tried = bridge.client.post(f"/erp/connections/{connection['id']}/test").json()
    assert tried["reached"] is False
    assert "127.0.0.1" in tried["message"]
    tried = bridge.as_(CHIEF_ACCOUNTANT, **{"accept-language": "vi"}).post(
        f"/erp/connections/{ledger(bridge)['id']}/test"
    )
    assert tried.json() == {"reached": True, "message": "Sổ cái là một phần của Relata."}


def test_what_cannot_be_reached_is_late_and_that_is_said_once(bridge: Bridge, connection: dict[str, Any]) -> None:
    state = invoice()
    deliver(bridge.node, [issued(state)])
    late = eventually(lambda: bridge.stands(state.id, "delayed"))
    eventually(lambda: (bridge.stands(state.id, "delayed") or late)["attempts"] >= 2)
    (told,) = bridge.announced(DocumentDelayed, about=state.id)
    assert set(told.parse(DocumentDelayed).document.reasons) == {"en", "vi"}
    assert told.parse(DocumentDelayed).document.reasons["vi"].startswith("ERP hiện chưa nhận")


def test_what_is_on_its_way_to_a_deleted_erp_is_refused_all_of_it(bridge: Bridge) -> None:
    body = {"kind": "tryton", "name": "Tryton", "settings": NOWHERE}
    made = bridge.client.post("/erp/connections", json=body).json()
    customer = buyer()
    states = [invoice(buyer=customer) for _ in range(3)]
    deliver(bridge.node, [issued(state) for state in states])
    assert bridge.client.delete(f"/erp/connections/{made['id']}").status_code == 204
    for state in states:
        assert eventually(lambda state=state: bridge.stands(state.id, "refused"))
        assert len(bridge.announced(DocumentRefused, about=state.id)) == 1


def test_documents_wait_while_the_connection_is_paused(bridge: Bridge) -> None:
    path = f"/erp/connections/{ledger(bridge)['id']}"
    assert bridge.client.post(f"{path}/pause").json()["status"] == "paused"
    state = invoice()
    deliver(bridge.node, [issued(state)])
    refused = bridge.client.post("/erp/syncs", json={"connection_id": ledger(bridge)["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "connection_paused")
    assert bridge.stands(state.id, "queued")
    assert bridge.client.post(f"{path}/resume").json()["status"] == "active"
    assert eventually(lambda: bridge.stands(state.id, "accepted"))


def unsound(**fields: Any) -> Any:
    """An invoice whose total is not the sum of its parts: the ledger refuses it."""
    state = invoice(**fields)
    return state.model_copy(update={"totals": state.totals.model_copy(update={"total": state.totals.total + 1})})


def test_a_refused_document_says_why_and_holds_up_its_customer_only(bridge: Bridge) -> None:
    customer = buyer()
    bad, behind, other = unsound(buyer=customer), invoice(buyer=customer), invoice()
    deliver(bridge.node, [issued(bad), issued(behind), issued(other)])
    refused = eventually(lambda: bridge.stands(bad.id, "refused"))
    assert refused["reason"] == f"Net and tax of {bad.number} do not add up to its total."
    assert eventually(lambda: bridge.stands(other.id, "accepted"))
    assert bridge.stands(behind.id, "queued")
    (told,) = bridge.announced(DocumentRefused, about=bad.id)
    reasons = told.parse(DocumentRefused).document.reasons
    assert reasons["vi"] == f"Tiền hàng cộng thuế của {bad.number} không bằng tổng cộng."
    path = f"/erp/documents/{refused['id']}"
    assert bridge.as_(FINANCE).post(f"{path}/replay").status_code == 403
    assert bridge.as_(OPERATOR).post(f"{path}/replay").json()["state"] == "queued"
    again = eventually(lambda: bridge.stands(bad.id, "refused"))
    assert again["attempts"] == 2
    assert bridge.client.post(f"{path}/drop", json={"reason": "Đã ghi sổ bằng tay"}).json()["state"] == "dropped"
    assert eventually(lambda: bridge.stands(behind.id, "accepted"))
    accepted = bridge.stands(behind.id, "accepted")
    assert accepted is not None
    answer = bridge.client.post(f"/erp/documents/{accepted['id']}/replay")
    assert (answer.status_code, answer.json()["code"]) == (409, "document_not_refused")


def test_no_more_documents_a_second_leave_than_the_connection_may_have(bridge: Bridge) -> None:
    path = f"/erp/connections/{ledger(bridge)['id']}"
    assert bridge.client.patch(path, json={"rate": "10"}).json()["rate"] == "10"
    states = [invoice() for _ in range(15)]
    deliver(bridge.node, [issued(state) for state in states])
    eventually(lambda: all(bridge.stands(state.id, "accepted") for state in states), within=60, every=0.5)
    times = sorted(str(bridge.stands(state.id, "accepted")["accepted_at"]) for state in states)  # type: ignore[index]
    bridge.client.patch(path, json={"rate": "1000"})
    assert times[-1] > times[0]
    assert _seconds(times[-1]) - _seconds(times[0]) >= 1.0, "fifteen at ten a second"


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()

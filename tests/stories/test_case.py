"""A customer complains: somebody takes it up, answers, solves it; the seller finds it on the customer's timeline."""

from uuid import uuid4

import httpx

from tests.installation import Installation, eventually
from tests.stories.stage import Caller, new_seller


def test_a_complaint_is_settled_and_the_seller_sees_it(relata: Installation, admin: httpx.Client) -> None:
    seller = Caller(new_seller(relata, admin, "Trần Văn Bán"))
    manager = Caller(new_seller(relata, admin, "Lê Thị Quản Lý", role="service_manager"))
    agent_client = new_seller(relata, admin, "Phạm Văn Chăm Sóc", role="service_agent")
    agent, agent_id = Caller(agent_client), agent_client.headers["x-test-user"]
    kind = f"Khiếu nại {uuid4().hex[:8]}"

    account = seller.make("/accounts", {"name": "Công ty TNHH Thép Việt Đức"})
    hours = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]
    promise = {"name": kind, "type": "complaint", "first_response_minutes": 60, "resolution_minutes": 480}
    manager.make("/sla_policies", {**promise, "hours": hours})
    term = {"starts_on": "2026-01-01", "ends_on": "2099-12-31", "cases_allotted": 1}
    contract = manager.make("/entitlements", {"name": "Bảo trì", "account_id": account["id"], **term})

    body = {"type": "complaint", "subject": f"Máy nén khí kêu to, {kind}", "account_id": account["id"]}
    case = manager.make("/cases", body)
    path = f"/cases/{case['id']}"
    assert (case["status"], case["coverage"], case["entitlement_id"]) == ("new", "covered", contract["id"])
    assert case["due_at"] == case["first_response_due_at"]
    eventually(lambda: manager.get(path)["account"]["name"] == account["name"], within=30)

    assert agent_client.get(path).status_code == 404
    manager.do(f"{path}/assign", {"owner_id": agent_id})
    assert [each["id"] for each in agent.all("/cases", owner="me", q="may nen khi")] == [case["id"]]
    agent.do(f"{path}/messages", {"text": "Chào chị, sáng mai bên em đến xem máy.", "visibility": "public"})
    assert agent_client.post(f"{path}/close").status_code == 409
    agent.do(f"{path}/resolve", {"resolution": "Đã thay gioăng"})
    closed = agent.do(f"{path}/close")
    assert (closed["status"], closed["due_at"], closed["resolution_breached_at"]) == ("closed", None, None)

    regarding = f"account:{account['id']}"
    steps = ("case.created", "case.assigned", "message.written", "case.resolved", "case.closed")
    wanted = {f"service_desk.{step}.v1" for step in steps}

    # Until activities has heard of the account, its timeline is nobody's to see.
    eventually(lambda: seller.client.get("/timeline", params={"regarding": regarding}).status_code == 200, within=30)

    def told() -> bool:
        return wanted <= {each["type"] for each in seller.all("/timeline", regarding=regarding)}

    eventually(told, within=30)
    (short,) = seller.all("/customer_cases", regarding=regarding)
    assert (short["number"], short["status"]) == (case["number"], "closed")
    assert seller.client.get(path).status_code == 404

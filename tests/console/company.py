"""A little company's records, made over the API: from a lead to a paid invoice, with a name for each."""

from dataclasses import dataclass
from typing import Any

from tests.console.stage import Office
from tests.gateway.stage import Visitor
from tests.installation import eventually


@dataclass(frozen=True)
class Records:
    """Ids by what they are: ``lead``, ``deal``, ``account``, ``contact``, ``quote``, ``order``, ``invoice`` …"""

    ids: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


def post(api: Visitor, path: str, body: Any = None) -> Any:
    """What was made or done; with money and dates enough for everything here."""
    answer = api.post(path, json=body if body is not None else {})
    assert answer.status_code < 300, (path, answer.text)
    return answer.json()


def open_for_business(office: Office) -> Records:
    """Everything once."""
    api = office.admin
    product = post(
        api,
        "/products",
        {"code": "MNK-22", "name": "Máy nén khí", "unit": "cái", "price": {"amount": "185000000"}, "tax_rate": "8"},
    )
    lead = post(
        api,
        "/leads",
        {"full_name": "Nguyễn Hải Quang", "company": "Công ty Đại Lộc", "phones": ["0912345678"], "source": "Zalo OA"},
    )
    deal_id = post(api, f"/leads/{lead['id']}/qualify", {"opportunity": {"name": "Trạm khí nén"}})["opportunity_id"]
    post(api, f"/opportunities/{deal_id}/win")
    account = post(api, "/accounts", {"name": "Công ty Đại Lộc", "tax_code": "0100109106", "phones": ["0243 111 2222"]})
    open_deal = post(api, "/opportunities", {"name": "Bảo dưỡng năm 2027", "account_id": account["id"]})
    lines = [{"product_id": product["id"], "quantity": "2"}]
    draft = post(api, "/quotes", {"opportunity_id": open_deal["id"], "lines": lines})
    order, invoice = _sell(api, deal_id, lines)
    contact = post(api, "/contacts", {"full_name": "Trần Thị Ánh", "account_id": account["id"]})
    regarding = f"opportunity:{open_deal['id']}"
    eventually(lambda: api.get(f"/timeline?regarding={regarding}").status_code == 200)
    post(api, "/activities", {"kind": "task", "subject": "Gọi lại", "regarding": regarding})
    ids = {"product": product["id"], "lead": lead["id"], "deal": open_deal["id"], "won": deal_id}
    ids |= {"account": account["id"], "contact": contact["id"], "quote": draft["id"]}
    return Records(
        ids | {"order": order, "invoice": invoice, "handover": _hand_over(office)} | _serve(api, contact["id"])
    )


def _hand_over(office: Office) -> str:
    """Somebody leaves whose customer has a deal; the administrator takes over."""
    leaver = office.hire("Đặng Văn Nghỉ", "leaver.company@example.com")
    seller = office.api("leaver.company@example.com")
    account = post(seller, "/accounts", {"name": "Công ty Bãi Cháy", "phones": ["0243 111 4444"]})
    post(seller, "/opportunities", {"name": "Băng tải than", "account_id": account["id"]})
    mine = office.admin.get("/me").json()["id"]
    asked = {"from_user_id": leaver, "to_user_id": mine, "note": "Khách quen từ 2019"}
    made = post(office.admin, "/handovers", asked)
    eventually(lambda: office.admin.get(f"/handovers/{made['id']}").json()["status"] == "done", within=30)
    return str(made["id"])


def _serve(api: Visitor, contact_id: str) -> dict[str, str]:
    """A case that somebody answered, and a draft of what was learned from it."""
    case = {"type": "warranty", "subject": "Máy nén khí kêu to", "contact_id": contact_id, "category": "quality"}
    case_id = str(post(api, "/cases", case)["id"])
    post(api, f"/cases/{case_id}/messages", {"text": "Đã hẹn thợ.", "visibility": "public"})
    post(api, f"/cases/{case_id}/messages", {"text": "Khách đang nóng."})
    article = post(api, "/articles", {"title": "Máy nén khí kêu to", "body": "Thay dầu.", "tags": ["máy nén khí"]})
    return {"case": case_id, "article": str(article["id"])}


def _sell(api: Visitor, deal_id: str, lines: list[dict[str, str]]) -> tuple[str, str]:
    quote = post(api, "/quotes", {"opportunity_id": deal_id, "lines": lines})
    post(api, f"/quotes/{quote['id']}/send")
    order_id = post(api, f"/quotes/{quote['id']}/accept")["order_id"]
    for verb in ("confirm", "release"):
        post(api, f"/orders/{order_id}/{verb}")
    shipment = post(api, "/shipments", {"order_id": order_id})
    post(api, f"/shipments/{shipment['id']}/ship")
    post(api, f"/shipments/{shipment['id']}/deliver", {"received_by": "Ông Tư"})
    invoice = post(api, "/invoices", {"order_id": order_id, "due_on": "2026-01-31"})
    return order_id, str(post(api, f"/invoices/{invoice['id']}/issue")["id"])

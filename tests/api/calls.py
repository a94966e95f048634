"""One good call for every operation, who may make it, and what it needs to be there before."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.api import desk, documents, erp
from tests.api.stage import (
    ASKED_TO_WAIT,
    OWNED,
    PASSWORD,
    World,
    address,
    known_account,
    known_handover,
    known_lead,
    mobile,
    new_account,
    new_contact,
    new_form,
    new_handover,
    new_lead,
    new_opportunity,
    new_pipeline,
    new_role,
    new_sign_in,
    new_webhook,
    push,
)
from tests.installation import eventually


@dataclass(frozen=True)
class Call:
    """``who`` may do it: somebody ``signed_in``, ``public``, an ``administrator``, a ``partner``; ``lead``: by rights.

    ``document`` is by rights too, of what only the administrator has made; ``accountant`` and ``approver`` may
    more than salespeople. ``watch`` is for whoever keeps watch over what comes in, ``feed`` for readers of the feed,
    ``operator`` for those who follow what goes through; ``regarded``: by the rights to the record that is named;
    ``report``: each their own.
    """

    who: str
    body: Callable[[], Any] | None = None
    form: Callable[[World], dict[str, str]] | None = None
    query: dict[str, str] | None = None
    given: Callable[[World], Any] | None = None
    asks: Callable[[World], dict[str, str]] | None = None
    """Query parameters that name a record."""
    before: str = ""
    """What must be done first, or this one finds nothing to do: ``DELETE`` before a restore, else a transition."""

    def asked(self, world: World, operation: str) -> dict[str, str] | None:
        """The query parameters of the call."""
        if self.asks is None:
            return self.query
        key = (operation, "asks")
        if key not in world.bodies:
            world.bodies[key] = self.asks(world)
        return dict(world.bodies[key])

    def content(self, world: World, operation: str, ids: dict[str, str]) -> Any:
        """The body of the call on the record with these ids; None when it has none. ``given`` makes what it names."""
        make = documents.BODIES.get(operation)
        if make is None:
            return self.given(world) if self.given else self.body() if self.body else None
        key = (operation, *ids.values())
        if key not in world.bodies:
            world.bodies[key] = make(world.admin, ids)
        return world.bodies[key]


# One good call for every operation: a route that is missing here fails the tests that go through them all.
CALLS: dict[str, Call] = {
    "GET /health": Call("public"),
    "GET /ready": Call("public"),
    "GET /me": Call("signed_in"),
    "PATCH /me": Call("signed_in", lambda: {"locale": "vi"}),
    "POST /auth/token": Call("public", form=new_sign_in),
    "POST /auth/logout": Call("signed_in"),
    "POST /auth/password": Call("signed_in", lambda: {"current_password": PASSWORD, "new_password": PASSWORD}),
    "GET /colleagues": Call("signed_in", query={"q": "tran", "active": "true", "in_reach": "true"}),
    "GET /users": Call("administrator", query={"q": "tran", "count": "true"}),
    "POST /users": Call("administrator", lambda: {"email": address(), "name": "Phạm Thị Mới"}),
    "GET /users/{user_id}": Call("administrator"),
    "PATCH /users/{user_id}": Call("administrator", lambda: {"name": "Phạm Thị Khác"}),
    "POST /users/{user_id}/deactivate": Call("administrator"),
    "POST /users/{user_id}/activate": Call("administrator"),
    "GET /users/{user_id}/history": Call("administrator"),
    "GET /teams": Call("administrator"),
    "POST /teams": Call("administrator", lambda: {"name": uuid4().hex}),
    "GET /teams/{team_id}": Call("administrator"),
    "PATCH /teams/{team_id}": Call("administrator", lambda: {"name": uuid4().hex}),
    "DELETE /teams/{team_id}": Call("administrator"),
    "POST /teams/{team_id}/restore": Call("administrator", before="DELETE"),
    "GET /teams/{team_id}/history": Call("administrator"),
    "GET /roles": Call("administrator"),
    "POST /roles": Call("administrator", new_role),
    "GET /roles/{role_id}": Call("administrator"),
    "PATCH /roles/{role_id}": Call("administrator", lambda: {"labels": {"en": "Role"}}),
    "DELETE /roles/{role_id}": Call("administrator"),
    "GET /roles/{role_id}/history": Call("administrator"),
    "GET /partners": Call("administrator"),
    "POST /partners": Call("administrator", lambda: {"name": uuid4().hex}),
    "GET /partners/{partner_id}": Call("administrator"),
    "PATCH /partners/{partner_id}": Call("administrator", lambda: {"active": False}),
    "DELETE /partners/{partner_id}": Call("administrator"),
    "POST /partners/{partner_id}/restore": Call("administrator", before="DELETE"),
    "GET /partners/{partner_id}/history": Call("administrator"),
    "GET /keys": Call("administrator"),
    "POST /keys": Call("administrator", lambda: {"name": "Khoá", "scopes": ["leads:read"]}),
    "GET /keys/{key_id}": Call("administrator"),
    "PATCH /keys/{key_id}": Call("administrator", lambda: {"rate_limit": 10}),
    "POST /keys/{key_id}/rotate": Call("administrator", lambda: {"overlap_hours": 1}),
    "POST /keys/{key_id}/revoke": Call("administrator"),
    "GET /keys/{key_id}/history": Call("administrator"),
    "GET /handovers": Call("document", query={"status": "done", "count": "true"}),
    "POST /handovers": Call("administrator", given=new_handover),
    "GET /handover_teams": Call("administrator"),
    "GET /handovers/{handover_id}": Call("document"),
    "GET /handovers/{handover_id}/briefs": Call("document"),
    "POST /handovers/{handover_id}/undo": Call("document"),
    "GET /open_records/{user_id}": Call("administrator"),
    "GET /planned_activities/{user_id}": Call("administrator"),
    "GET /handed_over": Call("signed_in", asks=lambda world: {"handover_id": known_handover(world)}),
    "GET /contact_moments": Call("signed_in", asks=lambda world: {"regarding": known_lead(world)}),
    "GET /forms": Call("administrator"),
    "POST /forms": Call("administrator", new_form),
    "GET /forms/{form_id}": Call("administrator"),
    "PATCH /forms/{form_id}": Call("administrator", lambda: {"name": "Biểu mẫu khác"}),
    "DELETE /forms/{form_id}": Call("administrator"),
    "POST /forms/{form_id}/restore": Call("administrator", before="DELETE"),
    "GET /forms/{form_id}/history": Call("administrator"),
    "POST /public/forms/{form_key}": Call("public", lambda: {"email": address()}),
    "OPTIONS /public/forms/{form_key}": Call("public"),
    "GET /public/forms/{form_key}.js": Call("public"),
    "GET /webhooks": Call("administrator"),
    "POST /webhooks": Call("administrator", new_webhook),
    "GET /webhooks/{webhook_id}": Call("administrator"),
    "PATCH /webhooks/{webhook_id}": Call("administrator", lambda: {"order": "per_subject"}),
    "DELETE /webhooks/{webhook_id}": Call("administrator"),
    "POST /webhooks/{webhook_id}/restore": Call("administrator", before="DELETE"),
    "POST /webhooks/{webhook_id}/rotate": Call("administrator"),
    "POST /webhooks/{webhook_id}/test": Call("administrator"),
    "GET /webhooks/{webhook_id}/attempts": Call("administrator"),
    "GET /webhooks/{webhook_id}/history": Call("administrator"),
    "POST /webhooks/{webhook_id}/replay": Call("administrator", lambda: {"status": "parked"}),
    "GET /events": Call("feed", query={"limit": "5"}),
    "GET /events/journey": Call("operator", query={"correlation_id": "nobody"}),
    "GET /events/latest": Call("operator"),
    "GET /events/journeys": Call("operator"),
    "GET /flow": Call("operator"),
    "GET /flow/parked": Call("operator", query={"kind": "delivery"}),
    "GET /flow/parked/{service}/{parked_id}": Call("operator"),
    "POST /flow/parked/{service}/{parked_id}/replay": Call("operator"),
    "POST /flow/parked/{service}/{parked_id}/drop": Call("operator", lambda: {"reason": "Nobody wants it"}),
    "GET /flow/acts": Call("operator"),
    "GET /flow/tour": Call("operator"),
    "POST /flow/tour": Call("operator"),
    "GET /flow/journeys": Call("operator"),
    "GET /flow/journey": Call("operator", asks=lambda world: {"regarding": known_lead(world)}),
    "GET /flow/journeys/{correlation_id}": Call("operator"),
    "GET /timeline": Call("regarded", asks=lambda world: {"regarding": known_lead(world)}),
    "GET /activities": Call("lead", query={"status": "planned", "count": "true"}),
    "POST /activities": Call(
        "regarded", given=lambda world: {"kind": "note", "subject": "Đã gọi", "regarding": known_lead(world)}
    ),
    "GET /activities/{activity_id}": Call("lead"),
    "PATCH /activities/{activity_id}": Call("lead", lambda: {"subject": "Gửi báo giá mới"}),
    "POST /activities/{activity_id}/complete": Call("lead", lambda: {"result": "Đã gửi"}),
    "POST /activities/{activity_id}/cancel": Call("lead"),
    "GET /activities/{activity_id}/history": Call("lead"),
    "GET /reports": Call("report"),
    "GET /reports/{report}/run": Call("report", query={"from": "2026-01-01", "group_by": "partner"}),
    "GET /reports/{report}/rows": Call("report", query={"step": "won"}),
    "GET /submissions": Call("watch"),
    "GET /submissions/{submission_id}": Call("watch"),
    "POST /submissions/{submission_id}/reprocess": Call("watch"),
    "POST /partner/leads": Call("partner", push),
    "GET /partner/leads": Call("partner", query={"count": "true"}),
    "GET /partner/leads/{submission_id}": Call("partner"),
    "POST /partner/leads/batch": Call("partner", lambda: [push(), push()]),
    "GET /partner/batches/{batch_id}": Call("partner"),
    "GET /leads": Call("lead", query={"q": "khach", "count": "true"}),
    "POST /leads": Call("lead", new_lead),
    "GET /leads/summary": Call("lead", query={"by": "source"}),
    "GET /leads/{lead_id}": Call("lead"),
    "PATCH /leads/{lead_id}": Call("lead", lambda: {"company": "Công ty Khác"}),
    "DELETE /leads/{lead_id}": Call("lead"),
    "POST /leads/{lead_id}/restore": Call("lead", before="DELETE"),
    "POST /leads/{lead_id}/contact": Call("lead"),
    "POST /leads/{lead_id}/disqualify": Call("lead", lambda: {"reason": "Không có nhu cầu"}),
    "POST /leads/{lead_id}/assign": Call("lead", lambda: {"owner_id": str(uuid4())}),
    "POST /leads/{lead_id}/qualify": Call("lead", lambda: {"opportunity": {"name": "Máy lọc nước"}}),
    "GET /leads/{lead_id}/duplicates": Call("lead"),
    "GET /leads/{lead_id}/history": Call("lead"),
    "POST /leads/{lead_id}/phones": Call("lead", lambda: {"value": mobile()}),
    "DELETE /leads/{lead_id}/phones/{phone_id}": Call("lead"),
    "POST /leads/{lead_id}/emails": Call("lead", lambda: {"value": address()}),
    "DELETE /leads/{lead_id}/emails/{email_id}": Call("lead"),
    "GET /pipelines": Call("signed_in", query={"sort": "key", "count": "true"}),
    "POST /pipelines": Call("administrator", new_pipeline),
    "GET /pipelines/{pipeline_id}": Call("signed_in"),
    "PATCH /pipelines/{pipeline_id}": Call("administrator", lambda: {"name": {"en": "Projects"}}),
    "GET /pipelines/{pipeline_id}/history": Call("signed_in"),
    "GET /accounts": Call("lead", query={"q": "khach", "count": "true"}),
    "POST /accounts": Call("lead", new_account),
    "GET /accounts/{account_id}": Call("lead"),
    "PATCH /accounts/{account_id}": Call("lead", lambda: {"industry": "Nội thất"}),
    "DELETE /accounts/{account_id}": Call("lead"),
    "POST /accounts/{account_id}/restore": Call("lead", before="DELETE"),
    "POST /accounts/{account_id}/assign": Call("lead", lambda: {"owner_id": str(uuid4())}),
    "GET /accounts/{account_id}/duplicates": Call("lead"),
    "GET /accounts/{account_id}/history": Call("lead"),
    "POST /accounts/{account_id}/phones": Call("lead", lambda: {"value": mobile()}),
    "DELETE /accounts/{account_id}/phones/{phone_id}": Call("lead"),
    "POST /accounts/{account_id}/emails": Call("lead", lambda: {"value": address()}),
    "DELETE /accounts/{account_id}/emails/{email_id}": Call("lead"),
    "POST /accounts/{account_id}/addresses": Call("lead", lambda: {"province": "Đà Nẵng"}),
    "DELETE /accounts/{account_id}/addresses/{address_id}": Call("lead"),
    "GET /contacts": Call("lead", query={"q": "khach", "count": "true"}),
    "POST /contacts": Call("lead", new_contact),
    "GET /contacts/{contact_id}": Call("lead"),
    "PATCH /contacts/{contact_id}": Call("lead", lambda: {"title": "Kế toán trưởng"}),
    "DELETE /contacts/{contact_id}": Call("lead"),
    "POST /contacts/{contact_id}/restore": Call("lead", before="DELETE"),
    "POST /contacts/{contact_id}/assign": Call("lead", lambda: {"owner_id": str(uuid4())}),
    "GET /contacts/{contact_id}/duplicates": Call("lead"),
    "GET /contacts/{contact_id}/history": Call("lead"),
    "POST /contacts/{contact_id}/phones": Call("lead", lambda: {"value": mobile()}),
    "DELETE /contacts/{contact_id}/phones/{phone_id}": Call("lead"),
    "POST /contacts/{contact_id}/emails": Call("lead", lambda: {"value": address()}),
    "DELETE /contacts/{contact_id}/emails/{email_id}": Call("lead"),
    "POST /contacts/{contact_id}/addresses": Call("lead", lambda: {"province": "Đà Nẵng"}),
    "DELETE /contacts/{contact_id}/addresses/{address_id}": Call("lead"),
    "GET /opportunities": Call("lead", query={"q": "may loc", "count": "true"}),
    "POST /opportunities": Call("lead", new_opportunity),
    "GET /opportunities/{opportunity_id}": Call("lead"),
    "PATCH /opportunities/{opportunity_id}": Call("lead", lambda: {"next_step": "Gọi lại"}),
    "DELETE /opportunities/{opportunity_id}": Call("lead"),
    "POST /opportunities/{opportunity_id}/restore": Call("lead", before="DELETE"),
    "POST /opportunities/{opportunity_id}/assign": Call("lead", lambda: {"owner_id": str(uuid4())}),
    "POST /opportunities/{opportunity_id}/advance": Call("lead", lambda: {"stage": "proposal"}),
    "POST /opportunities/{opportunity_id}/win": Call("lead"),
    "POST /opportunities/{opportunity_id}/lose": Call("lead", lambda: {"reason": "Giá cao"}),
    "POST /opportunities/{opportunity_id}/reopen": Call("lead"),
    "GET /opportunities/{opportunity_id}/history": Call("lead"),
    "GET /tax_codes": Call("signed_in", query={"sort": "code", "count": "true"}),
    "GET /products": Call("signed_in", query={"q": "may nen", "count": "true"}),
    "POST /products": Call("administrator", documents.new_product),
    "GET /products/{product_id}": Call("signed_in"),
    "PATCH /products/{product_id}": Call("administrator", lambda: {"price": {"amount": "1350000"}}),
    "DELETE /products/{product_id}": Call("administrator"),
    "POST /products/{product_id}/restore": Call("administrator", before="DELETE"),
    "GET /products/{product_id}/history": Call("signed_in"),
    "GET /quotes": Call("document", query={"q": "thep", "count": "true"}),
    "POST /quotes": Call("document"),
    "GET /quotes/{quote_id}": Call("document"),
    "GET /quotes/{quote_id}/pdf": Call("document", query={"language": "en"}),
    "PATCH /quotes/{quote_id}": Call("document", lambda: {"discount_percent": "2.5"}),
    "POST /quotes/{quote_id}/send": Call("document"),
    "POST /quotes/{quote_id}/accept": Call("document", lambda: {"as": "order"}),
    "POST /quotes/{quote_id}/reject": Call("document", lambda: {"reason": "Giá cao"}),
    "POST /quotes/{quote_id}/revise": Call("document"),
    "GET /quotes/{quote_id}/history": Call("document"),
    "GET /orders": Call("document", query={"status": "draft", "count": "true"}),
    "POST /orders": Call("document"),
    "GET /orders/{order_id}": Call("document"),
    "PATCH /orders/{order_id}": Call("document", lambda: {"invoice_on": "confirmation"}),
    "POST /orders/{order_id}/confirm": Call("document"),
    "POST /orders/{order_id}/release": Call("approver"),
    "POST /orders/{order_id}/cancel": Call("document", lambda: {"reason": "Khách đổi ý"}),
    "GET /orders/{order_id}/history": Call("document"),
    "GET /shipments": Call("document", query={"sort": "number", "count": "true"}),
    "POST /shipments": Call("document"),
    "GET /shipments/{shipment_id}": Call("document"),
    "POST /shipments/{shipment_id}/ship": Call("document"),
    "POST /shipments/{shipment_id}/deliver": Call("document", lambda: {"received_by": "Chị Lan"}),
    "GET /shipments/{shipment_id}/history": Call("document"),
    "GET /invoices": Call("document", query={"overdue": "true", "count": "true"}),
    "POST /invoices": Call("document"),
    "GET /invoices/{invoice_id}": Call("document"),
    "POST /invoices/{invoice_id}/issue": Call("document"),
    "POST /invoices/{invoice_id}/discard": Call("document"),
    "GET /invoices/{invoice_id}/history": Call("document"),
    "GET /payments": Call("document", query={"origin": "erp", "count": "true"}),
    "POST /payments": Call("accountant"),
    "GET /payments/{payment_id}": Call("document"),
    "POST /payments/{payment_id}/allocate": Call("accountant"),
    "POST /payments/{payment_id}/reverse": Call("accountant"),
    "GET /payments/{payment_id}/history": Call("document"),
    "GET /cases": Call("lead", query={"q": "may nen", "overdue": "false", "count": "true"}),
    "POST /cases": Call("lead", desk.new_case),
    "GET /cases/{case_id}": Call("lead"),
    "PATCH /cases/{case_id}": Call("lead", lambda: {"priority": "urgent"}),
    "POST /cases/{case_id}/assign": Call("lead", lambda: {"owner_id": str(uuid4())}),
    "POST /cases/{case_id}/escalate": Call("lead", lambda: {"reason": "Khách đợi lâu"}),
    "POST /cases/{case_id}/open": Call("lead"),
    "POST /cases/{case_id}/wait": Call("lead"),
    "POST /cases/{case_id}/resolve": Call("lead", lambda: {"resolution": "Đã thay gioăng"}),
    "POST /cases/{case_id}/close": Call("lead", before="resolve"),
    "POST /cases/{case_id}/reopen": Call("lead", before="resolve"),
    "POST /cases/{case_id}/merge": Call(
        "lead", given=lambda world: {"into": world.made("/cases", desk.new_case())["id"]}
    ),
    "POST /cases/{case_id}/articles": Call(
        "lead", given=lambda world: {"article_id": desk.published_article(world.admin)["id"]}
    ),
    "DELETE /cases/{case_id}/articles/{article_id}": Call("lead"),
    "GET /cases/{case_id}/messages": Call("lead", query={"visibility": "public"}),
    "POST /cases/{case_id}/messages": Call("lead", lambda: {"text": "Chào chị", "visibility": "public"}),
    "GET /cases/{case_id}/history": Call("lead"),
    "GET /case_categories": Call("signed_in"),
    "GET /customer_cases": Call("regarded", asks=lambda world: {"regarding": known_account(world)}),
    "GET /sla_policies": Call("administrator", query={"active": "true"}),
    "POST /sla_policies": Call("administrator", desk.new_policy),
    "GET /sla_policies/{sla_policy_id}": Call("administrator"),
    "PATCH /sla_policies/{sla_policy_id}": Call("administrator", lambda: {"resolution_minutes": 90}),
    "GET /sla_policies/{sla_policy_id}/history": Call("administrator"),
    "GET /holidays": Call("administrator", query={"on__gte": "2026-01-01"}),
    "POST /holidays": Call("administrator", desk.new_holiday),
    "GET /holidays/{holiday_id}": Call("administrator"),
    "DELETE /holidays/{holiday_id}": Call("administrator"),
    "GET /articles": Call("signed_in", query={"q": "may nen", "count": "true"}),
    "POST /articles": Call("administrator", desk.new_article),
    "GET /articles/{article_id}": Call("signed_in"),
    "PATCH /articles/{article_id}": Call("administrator", lambda: {"body": "Kiểm tra dầu trước."}),
    "POST /articles/{article_id}/submit": Call("administrator"),
    "POST /articles/{article_id}/decline": Call("administrator", lambda: {"note": "Thiếu ảnh"}),
    "POST /articles/{article_id}/publish": Call("administrator"),
    "POST /articles/{article_id}/archive": Call("administrator"),
    "POST /articles/{article_id}/revise": Call("administrator"),
    "GET /articles/{article_id}/history": Call("administrator"),
    "GET /entitlements": Call("administrator", query={"active_on": "2026-11-20"}),
    "POST /entitlements": Call("administrator", desk.new_entitlement),
    "GET /entitlements/{entitlement_id}": Call("administrator"),
    "PATCH /entitlements/{entitlement_id}": Call("administrator", lambda: {"cases_allotted": 20}),
    "GET /entitlements/{entitlement_id}/history": Call("administrator"),
    "GET /receivables": Call("document", query={"currency": "VND", "as_of": "2026-12-31"}),
    "GET /receivables/invoices": Call("document", query={"limit": "5"}),
    "GET /erp/connections": Call("accountant"),
    "POST /erp/connections": Call("accountant", erp.new_connection),
    "GET /erp/connections/{connection_id}": Call("accountant"),
    "PATCH /erp/connections/{connection_id}": Call("accountant", lambda: {"rate": "5", "settings": {"taxes": {}}}),
    "DELETE /erp/connections/{connection_id}": Call("accountant"),
    "POST /erp/connections/{connection_id}/pause": Call("accountant"),
    "POST /erp/connections/{connection_id}/resume": Call("accountant"),
    "POST /erp/connections/{connection_id}/test": Call("accountant"),
    "GET /erp/connections/{connection_id}/history": Call("accountant"),
    "GET /erp/documents": Call("accountant", query={"state": "accepted", "count": "true"}),
    "GET /erp/documents/{erp_document_id}": Call("accountant"),
    "POST /erp/documents/{erp_document_id}/replay": Call("accountant"),
    "POST /erp/documents/{erp_document_id}/drop": Call("accountant", lambda: {"reason": "Đã ghi sổ bằng tay"}),
    "GET /erp/links": Call("accountant", query={"type": "invoice"}),
    "GET /erp/links/{link_id}": Call("accountant"),
    "GET /erp/syncs": Call("accountant"),
    "POST /erp/syncs": Call("accountant", given=erp.asked_sync),
    "GET /erp/syncs/{sync_id}": Call("accountant"),
    "GET /ledger/entries": Call("accountant", query={"booked_on__gte": "2026-01-01"}),
    "GET /ledger/documents": Call("accountant", query={"kind": "invoice"}),
    "GET /ledger/balances": Call("accountant"),
    "GET /ledger/payments": Call("accountant"),
    "POST /ledger/payments": Call("accountant", given=erp.payment),
    "GET /ledger/payments/{ledger_payment_id}": Call("accountant"),
    "POST /ledger/payments/{ledger_payment_id}/reverse": Call("accountant"),
}


def ask(world: World, client: httpx.Client, operation: str, ids: dict[str, str]) -> httpx.Response:
    """This client's good call of an operation, on the record with these ids; it waits where it is asked to."""
    method, path = operation.split()
    call = CALLS[operation]
    for _ in range(ASKED_TO_WAIT):
        answer = client.request(
            method,
            path.format(**ids),
            params=call.asked(world, operation),
            json=call.content(world, operation, ids),
            data=call.form(world) if call.form else None,
        )
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers["retry-after"]))
    return answer


def prepared(world: World, operation: str, seller: httpx.Client | None = None) -> dict[str, str]:
    """Ids of records that have been made for this operation, a sale by ``seller``, and stand as it wants them."""
    path = operation.split()[1]
    standing = {**documents.STANDING, **desk.STANDING}
    if operation in standing:
        (name,) = [part.partition("}")[0] for part in path.split("{")[1:]]
        return {name: str(standing[operation](world.admin)["id"])}
    ids = world.ids(path, seller)
    if before := CALLS[operation].before:
        client = seller if seller and OWNED.keys() & ids.keys() else world.admin
        record = path.rpartition("/")[0].format(**ids)
        if before == "DELETE":
            done = client.delete(record)
        else:
            done = client.post(f"{record}/{before}", json={"resolution": "Đã thay gioăng"})
        assert done.is_success, done.text
    return ids


def known_as(partner: httpx.Client, pushed: httpx.Response) -> dict[str, Any]:
    """What became of a pushed lead, once it is known."""
    assert pushed.status_code == 202, pushed.text
    submission = pushed.json()["submission_id"]

    def known() -> dict[str, Any] | None:
        told: dict[str, Any] = partner.get(f"/partner/leads/{submission}").json()
        return told if told["status"] != "received" else None

    return eventually(known, within=30)  # type: ignore[no-any-return]

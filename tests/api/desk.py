"""For every operation of the service desk: records that stand as it wants."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

Make = Callable[[httpx.Client], dict[str, Any]]


def _done(client: httpx.Client, path: str, body: Any = None) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    record: dict[str, Any] = answer.json()
    return record


def new_case() -> dict[str, Any]:
    """A matter of somebody whom nobody knows."""
    return {"type": "problem", "subject": "Máy nén khí kêu to", "description": "Từ sáng nay", "priority": "high"}


def new_article() -> dict[str, Any]:
    """An answer to a common question."""
    return {"title": "Máy nén khí kêu to", "body": "Kiểm tra gioăng trước.", "tags": ["máy nén khí"]}


def new_policy() -> dict[str, Any]:
    """A promise for what nobody asks for, so that no other case is measured by it."""
    return {"name": "Gấp", "priority": "low", "type": "warranty", "first_response_minutes": 5, "resolution_minutes": 60}


def new_holiday() -> dict[str, Any]:
    """A day that nobody else has taken."""
    day = uuid4().int
    return {"on": f"{2100 + day % 800}-{1 + day % 12:02d}-{1 + day % 28:02d}", "name": "Ngày nghỉ"}


def new_entitlement() -> dict[str, Any]:
    """A service contract of somebody whom sales has not announced yet."""
    term = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    return {"name": "Bảo trì năm", "account_id": str(uuid4()), "cases_allotted": 12, **term}


def draft_article(client: httpx.Client) -> dict[str, Any]:
    """An article that nobody but writers sees."""
    return _done(client, "/articles", new_article())


def article_in_review(client: httpx.Client) -> dict[str, Any]:
    """An article that waits for a second pair of eyes."""
    return _done(client, f"/articles/{draft_article(client)['id']}/submit")


def published_article(client: httpx.Client) -> dict[str, Any]:
    """An article that everybody finds."""
    return _done(client, f"/articles/{article_in_review(client)['id']}/publish")


# The record that an operation is tried on, where the usual one does not stand as it wants.
STANDING: dict[str, Make] = {
    "PATCH /articles/{article_id}": draft_article,
    "POST /articles/{article_id}/submit": draft_article,
    "POST /articles/{article_id}/decline": article_in_review,
    "POST /articles/{article_id}/publish": article_in_review,
}
USUAL: dict[str, Make] = {
    "article_id": published_article,
    "sla_policy_id": lambda client: _done(client, "/sla_policies", new_policy()),
    "holiday_id": lambda client: _done(client, "/holidays", new_holiday()),
    "entitlement_id": lambda client: _done(client, "/entitlements", new_entitlement()),
}

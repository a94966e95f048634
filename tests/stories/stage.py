"""Who takes part in a story: a partner, salespeople, and somebody who calls everything once, or twice."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from chassis.ids import new_id
from tests.installation import Installation, eventually


def new_partner(relata: Installation, admin: httpx.Client, name: str) -> httpx.Client:
    """A partner with a key that may push leads."""
    partner = admin.post("/partners", json={"name": name})
    assert partner.status_code == 201, partner.text
    key = admin.post(
        "/keys", json={"name": f"{name} key", "scopes": ["leads:push"], "partner_id": partner.json()["id"]}
    )
    assert key.status_code == 201, key.text
    return relata.client(authorization=f"Bearer {key.json()['secret']}")


def new_seller(relata: Installation, admin: httpx.Client, name: str, role: str = "salesperson") -> httpx.Client:
    """A salesperson, or somebody with another role, signed in; their id is in the header ``x-test-user``."""
    roles = {role["key"]: role["id"] for role in admin.get("/roles?limit=200").json()["items"]}
    email = f"{uuid4().hex[:8]}@example.com"
    user = admin.post(
        "/users",
        json={"email": email, "name": name, "password": "mật-khẩu-đủ-dài-1", "role_ids": [roles[role]]},
    )
    assert user.status_code == 201, user.text
    client = relata.sign_in(email, "mật-khẩu-đủ-dài-1")
    client.headers["x-test-user"] = user.json()["id"]
    return client


def verdict(partner: httpx.Client, pushed: httpx.Response) -> dict[str, Any]:
    """What became of a pushed lead, once it is known."""
    assert pushed.status_code == 202, pushed.text
    submission = pushed.json()["submission_id"]

    def known() -> dict[str, Any] | None:
        answer = partner.get(f"/partner/leads/{submission}")
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.json()["status"] != "received" else None

    told: dict[str, Any] = eventually(known, within=60)  # a fleet may still be starting
    return told


def lead(**fields: Any) -> dict[str, Any]:
    """A lead with an e-mail nobody else has, unless fields say otherwise."""
    return {"external_id": uuid4().hex, "name": "Nguyễn Thị Hồng Đào", "email": f"{uuid4().hex}@example.com"} | fields


@dataclass(frozen=True)
class Caller:
    """Somebody who asks for things; ``twice`` as one whose connection drops after every request."""

    client: httpx.Client
    twice: bool = False

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """The answer to a POST that succeeds. Sent again under its key it is the same answer."""
        headers = {"Idempotency-Key": uuid4().hex}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        if self.twice:
            again = self.client.post(path, json=body, headers=headers)
            assert (again.status_code, again.content) == (answer.status_code, answer.content), path
            assert again.headers["idempotency-replayed"] == "true", path
        return answer

    def do(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a transition answers. Twice also means: asked for a second time, which changes nothing."""
        told: dict[str, Any] = self.post(path, body).json()
        if self.twice:
            asked_again = self.client.post(path, json=body)
            assert asked_again.is_success, f"{path}: {asked_again.text}"
            # How it stands in the ERP may have gone on meanwhile, of itself.
            assert {**asked_again.json(), "erp": None} == {**told, "erp": None}, path
        return told

    def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A new record under an id of our own. Twice also means: under another key that id is taken."""
        body = {"id": new_id(), **body}
        made: dict[str, Any] = self.post(path, body).json()
        assert made["id"] == body["id"]
        if self.twice:
            assert self.client.post(path, json=body).status_code == 409, path
        return made

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """What a GET answers."""
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        told: dict[str, Any] = answer.json()
        return told

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **query)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

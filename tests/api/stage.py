"""A running Relata with people, partners and records in it, and for every operation one good call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx

from tests.api import desk, documents, erp
from tests.installation import Installation, eventually

METHODS = ("get", "post", "put", "patch", "delete", "options", "head", "trace")
API = "/api/v1"
ASKED_TO_WAIT = 20
PASSWORD = "mật-khẩu-đủ-dài-1"


def mobile() -> str:
    """A number that nobody else has."""
    return f"091{uuid4().int % 10**7:07d}"


def address() -> str:
    """An e-mail address that nobody else has."""
    return f"{uuid4().hex}@khach.example"


def push(**fields: Any) -> dict[str, Any]:
    """A lead as a partner pushes it."""
    return {"external_id": uuid4().hex, "name": "Nguyễn Thị Hồng Đào", "phone": mobile(), "email": address()} | fields


@dataclass
class World:
    """``admin`` is signed in, ``partner`` has a key that may push leads, ``visitor`` has nothing."""

    relata: Installation
    admin: httpx.Client
    visitor: httpx.Client = field(init=False)
    partner: httpx.Client = field(init=False)
    bodies: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visitor = self.relata.client()
        self.partner = self.new_partner()[0]

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document, as anybody gets it."""
        answer = httpx.get(f"{self.relata.url}/api/openapi.json", timeout=30)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    @cached_property
    def operations(self) -> list[str]:
        """Every operation of the document, as ``GET /leads/{lead_id}``."""
        return [
            f"{method.upper()} {path.removeprefix(API)}"
            for path, item in self.document["paths"].items()
            for method in item
            if method in METHODS
        ]

    def with_credential(self, secret: str) -> httpx.Client:
        """A client that shows this token or key."""
        return self.relata.client(authorization=f"Bearer {secret}")

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """A record that the administrator has made."""
        return made(self.admin, path, body)

    def new_partner(self, *scopes: str) -> tuple[httpx.Client, dict[str, Any]]:
        """A partner with a key of these scopes, ``leads:push`` if none is named; the client and the key."""
        partner = self.made("/partners", {"name": f"Đối tác {uuid4().hex}"})
        wanted = {"name": "Khoá", "scopes": scopes or ["leads:push"], "partner_id": partner["id"]}
        key = self.made("/keys", wanted)
        return self.with_credential(key["secret"]), key

    def new_key(self, *scopes: str) -> httpx.Client:
        """A key of our own systems."""
        return self.with_credential(self.made("/keys", {"name": "Hệ thống", "scopes": scopes})["secret"])

    def new_user(self, *role_keys: str) -> tuple[httpx.Client, dict[str, Any]]:
        """Somebody with these roles, salesperson if none is named, signed in; the client and the user."""
        body = {"email": address(), "name": "Trần Văn An", "password": PASSWORD}
        user = self.made("/users", body | {"role_ids": role_keys or ["salesperson"]})
        return self.relata.sign_in(user["email"], PASSWORD), user

    def ids(self, path: str, seller: httpx.Client | None = None) -> dict[str, str]:
        """For each parameter of this path the id of a record that has just been made for it, a sale by ``seller``."""
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        if names and names[0] in OWNED:
            listed, new = OWNED[names[0]]
            record = made(seller or self.admin, listed, new())
            parts = {"phone_id": "phones", "email_id": "emails", "address_id": "addresses"}
            beside = {name: self._made_for(name) for name in names[1:] if name not in parts}
            of_it = {name: record[parts[name]][0]["id"] for name in names if name in parts}
            return {names[0]: record["id"], **of_it, **beside}
        return {name: self._made_for(name) for name in names}

    def _made_for(self, name: str) -> str:
        usual = {**documents.USUAL, **desk.USUAL}
        if name in usual:
            return str(usual[name](self.admin)["id"])
        return MAKERS[name](self)


def made(client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    """A record that this client has made."""
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def new_lead() -> dict[str, Any]:
    """A lead as somebody types it in."""
    return {"full_name": "Lê Thị Khách", "phones": [mobile()], "emails": [address()]}


def new_account() -> dict[str, Any]:
    """An account as somebody types it in."""
    return {"name": "Công ty TNHH Khách", "addresses": [{"province": "Huế"}]} | _reached()


def new_contact() -> dict[str, Any]:
    """A contact as somebody types them in."""
    return {"full_name": "Lê Thị Khách", "addresses": [{"province": "Huế"}]} | _reached()


def new_opportunity() -> dict[str, Any]:
    """A possible sale to somebody whom nobody knows."""
    return {"name": "Máy lọc nước", "amount": {"amount": "1250000"}, "prospect": {"full_name": "Lê Khách"} | _reached()}


def new_pipeline() -> dict[str, Any]:
    """A pipeline of one stage."""
    stage = {"key": "gap", "name": {"vi": "Gặp"}, "probability": 20}
    return {"key": f"p{uuid4().hex[:20]}", "name": {"vi": "Dự án"}, "stages": [stage]}


def _reached() -> dict[str, Any]:
    return {"phones": [mobile()], "emails": [address()]}


def new_form() -> dict[str, Any]:
    """A form that asks for an e-mail address."""
    return {"key": f"bieu-mau-{uuid4().hex[:12]}", "name": "Biểu mẫu", "fields": [{"name": "email"}, {"name": "phone"}]}


def new_webhook() -> dict[str, Any]:
    """A webhook for events that never come, to a place where nobody listens."""
    return {"url": "http://127.0.0.1:9/hook", "events": ["nobody.*"]}


def _submission(world: World) -> str:
    return str(world.partner.post("/partner/leads", json=push()).json()["submission_id"])


def _batch(world: World) -> str:
    return str(world.partner.post("/partner/leads/batch", json=[push(), push()]).json()["batch_id"])


def new_role() -> dict[str, Any]:
    return {"key": f"r{uuid4().hex[:20]}", "labels": {"vi": "Vai trò"}, "rights": {"lead": {"read": "team"}}}


def known_lead(world: World) -> str:
    """A lead that the timeline knows."""
    ref = f"lead:{made(world.admin, '/leads', new_lead())['id']}"
    eventually(lambda: world.admin.get("/timeline", params={"regarding": ref}).status_code == 200, within=30)
    return ref


def _followed_lead(world: World) -> str:
    """The request of a lead that can be followed."""
    request_id = uuid4().hex
    world.admin.post("/leads", json=new_lead(), headers={"X-Request-Id": request_id})

    def followed() -> bool:
        items = world.admin.get(f"/flow/journeys/{request_id}").json().get("items") or []
        return any(item["kind"] == "event" and item["state"] == "told" for item in items)

    eventually(followed, within=30)
    return request_id


def _parked(world: World) -> str:
    """A call that waits for a person: its receiver was taken away before it could be made."""
    hook = world.made("/webhooks", new_webhook() | {"events": ["sales.lead.created.v1"]})
    path = f"/webhooks/{hook['id']}/attempts"
    world.admin.post("/leads", json=new_lead())
    eventually(lambda: world.admin.get(path).json()["items"], within=30)
    world.admin.delete(f"/webhooks/{hook['id']}")

    def parked() -> str:
        items = world.admin.get("/flow/parked", params={"kind": "delivery", "limit": 200}).json()["items"]
        return next((each["id"] for each in items if each["receiver"] == f"webhook:{hook['id']}"), "")

    return str(eventually(parked, within=30))


def known_account(world: World) -> str:
    """A customer that the service desk knows."""
    ref = f"account:{made(world.admin, '/accounts', new_account())['id']}"
    eventually(lambda: world.admin.get("/customer_cases", params={"regarding": ref}).status_code == 200, within=30)
    return ref


def _activity(world: World) -> str:
    body = {"kind": "task", "subject": "Gửi báo giá", "regarding": known_lead(world)}
    return str(world.made("/activities", body)["id"])


def new_handover(world: World) -> dict[str, Any]:
    """That somebody who has nothing hands it over."""
    people = [{"email": address(), "name": "Lê Bình", "role_ids": ["salesperson"]} for _ in range(2)]
    seller, other = (world.made("/users", each)["id"] for each in people)
    return {"from_user_id": seller, "to_user_id": other, "note": "Nghỉ việc"}


def known_handover(world: World) -> str:
    """A handover that is done."""
    asked = world.admin.post("/handovers", json=new_handover(world))
    assert asked.status_code == 202, asked.text
    handover_id = str(asked.json()["id"])
    eventually(lambda: world.admin.get(f"/handovers/{handover_id}").json()["status"] == "done", within=30)
    return handover_id


# What salespeople work on: the list that it is made in, and one of it.
OWNED: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "lead_id": ("/leads", new_lead),
    "account_id": ("/accounts", new_account),
    "contact_id": ("/contacts", new_contact),
    "opportunity_id": ("/opportunities", new_opportunity),
    "case_id": ("/cases", desk.new_case),
}
MAKERS: dict[str, Callable[[World], str]] = {
    "user_id": lambda world: str(world.made("/users", {"email": address(), "name": "Lê Bình"})["id"]),
    "team_id": lambda world: str(world.made("/teams", {"name": uuid4().hex})["id"]),
    "role_id": lambda world: str(world.made("/roles", new_role())["id"]),
    "partner_id": lambda world: str(world.made("/partners", {"name": uuid4().hex})["id"]),
    "key_id": lambda world: str(world.made("/keys", {"name": "Khoá", "scopes": ["leads:read"]})["id"]),
    "form_id": lambda world: str(world.made("/forms", new_form())["id"]),
    "form_key": lambda world: str(world.made("/forms", new_form())["key"]),
    "webhook_id": lambda world: str(world.made("/webhooks", new_webhook())["id"]),
    "pipeline_id": lambda world: str(world.made("/pipelines", new_pipeline())["id"]),
    **erp.MAKERS,
    "submission_id": _submission,
    "activity_id": _activity,
    "correlation_id": _followed_lead,
    "handover_id": known_handover,
    "report": lambda _world: "funnel_by_source",
    "batch_id": _batch,
    "service": lambda _world: "channels",
    "parked_id": _parked,
}


def new_sign_in(world: World) -> dict[str, str]:
    """The form with which somebody signs in who was never here before."""
    email = world.made("/users", {"email": address(), "name": "Lê An", "password": PASSWORD})["email"]
    return {"grant_type": "password", "username": email, "password": PASSWORD}

"""A running Relata with people, partners and records in it, and for every operation one good call."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx

from tests.api import documents
from tests.api.call import Call
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
            return {names[0]: record["id"], **{name: record[parts[name]][0]["id"] for name in names if name in parts}}
        return {name: self._made_for(name) for name in names}

    def _made_for(self, name: str) -> str:
        if name in documents.USUAL:
            return str(documents.USUAL[name](self.admin)["id"])
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


def _role() -> dict[str, Any]:
    return {"key": f"r{uuid4().hex[:20]}", "labels": {"vi": "Vai trò"}, "rights": {"lead": {"read": "team"}}}


# What salespeople work on: the list that it is made in, and one of it.
OWNED: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "lead_id": ("/leads", new_lead),
    "account_id": ("/accounts", new_account),
    "contact_id": ("/contacts", new_contact),
    "opportunity_id": ("/opportunities", new_opportunity),
}
MAKERS: dict[str, Callable[[World], str]] = {
    "user_id": lambda world: str(world.made("/users", {"email": address(), "name": "Lê Bình"})["id"]),
    "team_id": lambda world: str(world.made("/teams", {"name": uuid4().hex})["id"]),
    "role_id": lambda world: str(world.made("/roles", _role())["id"]),
    "partner_id": lambda world: str(world.made("/partners", {"name": uuid4().hex})["id"]),
    "key_id": lambda world: str(world.made("/keys", {"name": "Khoá", "scopes": ["leads:read"]})["id"]),
    "form_id": lambda world: str(world.made("/forms", new_form())["id"]),
    "form_key": lambda world: str(world.made("/forms", new_form())["key"]),
    "webhook_id": lambda world: str(world.made("/webhooks", new_webhook())["id"]),
    "pipeline_id": lambda world: str(world.made("/pipelines", new_pipeline())["id"]),
    "submission_id": _submission,
    "batch_id": _batch,
}


def _sign_in(world: World) -> dict[str, str]:
    email = world.made("/users", {"email": address(), "name": "Lê An", "password": PASSWORD})["email"]
    return {"grant_type": "password", "username": email, "password": PASSWORD}


# One good call for every operation: a route that is missing here fails the tests that go through them all.
CALLS: dict[str, Call] = {
    "GET /health": Call("public"),
    "GET /ready": Call("public"),
    "GET /me": Call("signed_in"),
    "PATCH /me": Call("signed_in", lambda: {"locale": "vi"}),
    "POST /auth/token": Call("public", form=_sign_in),
    "POST /auth/logout": Call("signed_in"),
    "POST /auth/password": Call("signed_in", lambda: {"current_password": PASSWORD, "new_password": PASSWORD}),
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
    "POST /roles": Call("administrator", _role),
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
    **documents.CALLS,
}


def content_of(world: World, operation: str, ids: dict[str, str]) -> Any:
    """The body of the good call on the record with these ids, the same for everybody; None when it has none."""
    call, make = CALLS[operation], documents.BODIES.get(operation)
    if make is None:
        return call.body() if call.body else None
    key = (operation, *ids.values())
    if key not in world.bodies:
        world.bodies[key] = make(world.admin, ids)
    return world.bodies[key]


def ask(world: World, client: httpx.Client, operation: str, ids: dict[str, str]) -> httpx.Response:
    """This client's good call of an operation, on the record with these ids; it waits where it is asked to."""
    method, path = operation.split()
    call = CALLS[operation]
    for _ in range(ASKED_TO_WAIT):
        answer = client.request(
            method,
            path.format(**ids),
            params=call.query,
            json=content_of(world, operation, ids),
            data=call.form(world) if call.form else None,
        )
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers["retry-after"]))
    return answer


def prepared(world: World, operation: str, seller: httpx.Client | None = None) -> dict[str, str]:
    """Ids of records that have been made for this operation, a sale by ``seller``, and stand as it wants them."""
    path = operation.split()[1]
    if operation in documents.STANDING:
        (name,) = [part.partition("}")[0] for part in path.split("{")[1:]]
        return {name: str(documents.STANDING[operation](world.admin)["id"])}
    ids = world.ids(path, seller)
    if before := CALLS[operation].before:
        done = (seller if seller and OWNED.keys() & ids.keys() else world.admin).request(
            before, path.rpartition("/")[0].format(**ids)
        )
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

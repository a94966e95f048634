"""A running Relata with people, partners and records in it, and for every operation one good call."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx

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
        """For each parameter of this path the id of a record that has just been made for it, a lead by ``seller``."""
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        if "lead_id" in names:
            lead = made(seller or self.admin, "/leads", new_lead())
            points = {"phone_id": lead["phones"][0]["id"], "email_id": lead["emails"][0]["id"]}
            return {"lead_id": lead["id"], **{name: points[name] for name in names if name in points}}
        return {name: MAKERS[name](self) for name in names}


def made(client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    """A record that this client has made."""
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def new_lead() -> dict[str, Any]:
    """A lead as somebody types it in."""
    return {"full_name": "Lê Thị Khách", "phones": [mobile()], "emails": [address()]}


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


def _known_lead(world: World) -> str:
    """A lead that the timeline knows."""
    ref = f"lead:{made(world.admin, '/leads', new_lead())['id']}"
    eventually(lambda: world.admin.get("/timeline", params={"regarding": ref}).status_code == 200, within=30)
    return ref


def _followed_lead(world: World) -> str:
    """The request of a lead that can be followed."""
    request_id = uuid4().hex
    world.admin.post("/leads", json=new_lead(), headers={"X-Request-Id": request_id})
    eventually(lambda: world.admin.get(f"/journeys/{request_id}").status_code == 200, within=30)
    return request_id


def _activity(world: World) -> str:
    body = {"kind": "task", "subject": "Gửi báo giá", "regarding": _known_lead(world)}
    return str(world.made("/activities", body)["id"])


MAKERS: dict[str, Callable[[World], str]] = {
    "user_id": lambda world: str(world.made("/users", {"email": address(), "name": "Lê Bình"})["id"]),
    "team_id": lambda world: str(world.made("/teams", {"name": uuid4().hex})["id"]),
    "role_id": lambda world: str(world.made("/roles", _role())["id"]),
    "partner_id": lambda world: str(world.made("/partners", {"name": uuid4().hex})["id"]),
    "key_id": lambda world: str(world.made("/keys", {"name": "Khoá", "scopes": ["leads:read"]})["id"]),
    "form_id": lambda world: str(world.made("/forms", new_form())["id"]),
    "form_key": lambda world: str(world.made("/forms", new_form())["key"]),
    "webhook_id": lambda world: str(world.made("/webhooks", new_webhook())["id"]),
    "submission_id": _submission,
    "activity_id": _activity,
    "correlation_id": _followed_lead,
    "report": lambda _world: "funnel_by_source",
    "batch_id": _batch,
}


@dataclass(frozen=True)
class Call:
    """``who`` may do it: somebody ``signed_in``, ``public``, an ``administrator``, a ``partner``; ``lead``: by rights.

    ``watch`` is for whoever keeps watch over what comes in, ``feed`` for readers of the feed, ``operator`` for those
    who follow what goes through; ``regarded``: by the rights to the record that is named; ``report``: each their own.
    """

    who: str
    body: Callable[[], Any] | None = None
    form: Callable[[World], dict[str, str]] | None = None
    query: dict[str, str] | None = None
    asks: Callable[[World], dict[str, str]] | None = None
    """Query parameters that name a record, made for each call."""
    says: Callable[[World], dict[str, Any]] | None = None
    """A body that names a record, made for each call."""
    before: str = ""
    """A transition without which this one finds nothing to do: ``DELETE`` before a restore."""


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
    "GET /events/journey": Call("operator", query={"correlation_id": "nobody"}),
    "GET /journeys": Call("operator", asks=lambda world: {"regarding": _known_lead(world)}),
    "GET /journeys/{correlation_id}": Call("operator"),
    "GET /timeline": Call("regarded", asks=lambda world: {"regarding": _known_lead(world)}),
    "GET /activities": Call("lead", query={"status": "planned", "count": "true"}),
    "POST /activities": Call(
        "regarded", says=lambda world: {"kind": "note", "subject": "Đã gọi", "regarding": _known_lead(world)}
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
    "GET /leads/{lead_id}/duplicates": Call("lead"),
    "GET /leads/{lead_id}/history": Call("lead"),
    "POST /leads/{lead_id}/phones": Call("lead", lambda: {"value": mobile()}),
    "DELETE /leads/{lead_id}/phones/{phone_id}": Call("lead"),
    "POST /leads/{lead_id}/emails": Call("lead", lambda: {"value": address()}),
    "DELETE /leads/{lead_id}/emails/{email_id}": Call("lead"),
}


def ask(world: World, client: httpx.Client, operation: str, ids: dict[str, str]) -> httpx.Response:
    """This client's good call of an operation, on the record with these ids; it waits where it is asked to."""
    method, path = operation.split()
    call, query, body = CALLS[operation], query_of(world, operation), body_of(world, operation)
    for _ in range(ASKED_TO_WAIT):
        answer = client.request(
            method,
            path.format(**ids),
            params=query,
            json=body,
            data=call.form(world) if call.form else None,
        )
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers["retry-after"]))
    return answer


def query_of(world: World, operation: str) -> dict[str, str] | None:
    """The query parameters of a good call."""
    call = CALLS[operation]
    return call.asks(world) if call.asks else call.query


def body_of(world: World, operation: str) -> Any:
    """The body of a good call."""
    call = CALLS[operation]
    if call.says is not None:
        return call.says(world)
    return call.body() if call.body else None


def prepared(world: World, operation: str, seller: httpx.Client | None = None) -> dict[str, str]:
    """Ids of records that have been made for this operation, a lead by ``seller``, and stand as it wants them."""
    path = operation.split()[1]
    ids = world.ids(path, seller)
    if before := CALLS[operation].before:
        done = (seller if seller and "lead_id" in ids else world.admin).request(
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

"""What says who somebody is, or opens a door, is in no log, no metric, no refusal, and secrets in no database."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.calls import known_as
from tests.api.raw import talk
from tests.installation import Installation, eventually, installation, partner_key

MARK = f"canary{uuid4().hex[:12]}"


@dataclass
class Canaries:
    """``personal`` may be in databases, where it belongs; ``secrets`` nowhere. ``refusals`` are answers of ours."""

    relata: Installation
    phone: str = f"091{uuid4().int % 10**7:07d}"
    email: str = f"{MARK}-mail@khach.example"
    name: str = f"Nguyễn {MARK}-name"
    note: str = f"{MARK}-note, gọi sau"
    password: str = f"{MARK}-password-đủ-dài"
    wrong_password: str = f"{MARK}-wrong-password"
    secrets: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def personal(self) -> list[str]:
        """In every spelling that they may have been given on the way."""
        ascii_name = json.dumps(self.name)[1:-1]
        national = [self.phone, f"+84{self.phone[1:]}", f"{self.phone[:4]} {self.phone[4:7]} {self.phone[7:]}"]
        return [MARK, self.email, self.name, ascii_name, self.note, *national]

    @property
    def lead(self) -> dict[str, str]:
        """A lead that is nothing but canaries."""
        grouped = f"+84 {self.phone[1:4]} {self.phone[4:7]} {self.phone[7:]}"
        return {"name": self.name, "phone": grouped, "email": self.email, "note": self.note, "company": self.name}


def broken(relata: Installation, service: str, statement: str, *values: Any) -> None:
    """Change a database past the product, as a disk or a clumsy hand would."""
    with closing(sqlite3.connect(relata.folder / "var" / f"{service}.db", timeout=20)) as connection, connection:
        connection.execute(statement, values)


# An installation of its own, faults and all.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    """An installation that has seen them all, in good requests, in bad ones, and in failures inside."""
    folder = tmp_path_factory.mktemp("canary")
    settings = {"outside_allow_private": "true", "log_level": "DEBUG", "retry_scale": "0.001"}
    with installation("embedded", folder, **settings) as relata:
        canaries = Canaries(relata)
        with relata.sign_in() as admin:
            sign_in(canaries, admin)
            push(canaries, admin)
            break_from_inside(canaries, admin)
            time.sleep(1)
        yield canaries


def refusal(canaries: Canaries, answer: httpx.Response) -> None:
    assert answer.status_code >= 400, answer.text
    canaries.refusals.append(answer.text)


def sign_in(canaries: Canaries, admin: httpx.Client) -> None:
    relata = canaries.relata
    body = {"email": canaries.email, "name": canaries.name, "password": canaries.password, "role_ids": ["salesperson"]}
    header = {"idempotency-key": MARK}
    assert admin.post("/users", json=body, headers=header).status_code == 201
    refusal(canaries, admin.post("/users", json=body))
    refusal(canaries, admin.post("/users", json=body | {"locale": canaries.note, "manager_id": canaries.name}))
    refusal(canaries, admin.post("/users", json=[canaries.password]))
    with relata.client() as visitor:
        form = {"grant_type": "password", "username": canaries.email, "password": canaries.wrong_password}
        refusal(canaries, visitor.post("/auth/token", data=form))
        refusal(canaries, visitor.post("/auth/token", json=form))
        good = visitor.post("/auth/token", data=form | {"password": canaries.password}).json()
        refusal(canaries, visitor.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": MARK}))
    canaries.secrets += [canaries.password, canaries.wrong_password, good["access_token"], good["refresh_token"]]
    with relata.client(authorization=f"Bearer {good['access_token']}") as user:
        change = {"current_password": canaries.wrong_password, "new_password": canaries.password}
        refusal(canaries, user.post("/auth/password", json=change))
        assert user.post("/leads", json={"full_name": canaries.name, "needs": canaries.note}).status_code == 201
        refusal(canaries, user.post("/leads", json={"full_name": canaries.name, "rating": canaries.note}))
        assert user.get("/leads", params={"q": canaries.name}).status_code == 200
        refusal(canaries, user.get("/leads", params={"colour": canaries.email, "status": canaries.phone}))
        refusal(canaries, user.get(f"/leads/{canaries.email}"))
        refusal(canaries, user.get(f"/{canaries.phone}/{MARK}"))


def push(canaries: Canaries, admin: httpx.Client) -> None:
    relata, key = canaries.relata, partner_key(admin, canaries.name)
    hook = admin.post("/webhooks", json={"url": f"http://127.0.0.1:9/{MARK}", "events": ["sales.*"]}).json()
    canaries.secrets += [key, key.rpartition("_")[2], hook["secret"], hook["secret"].removeprefix("whsec_")]
    form = {"key": MARK, "name": "Biểu mẫu", "fields": [{"name": "email"}, {"name": "note"}]}
    assert admin.post("/forms", json=form).status_code == 201
    with relata.client(authorization=f"Bearer {key}") as partner, relata.client() as visitor:
        pushed = partner.post("/partner/leads", json=canaries.lead, headers={"idempotency-key": MARK})
        assert known_as(partner, pushed)["status"] == "created"
        refusal(canaries, partner.post("/partner/leads", json=canaries.lead | {"consents": canaries.note}))
        refusal(canaries, partner.post("/partner/leads", content=json.dumps(canaries.lead)[:-1]))
        rows = [canaries.lead, {"name": canaries.name}, canaries.note]
        assert partner.post("/partner/leads/batch", json=rows).json()["rejected"] == 2
        assert visitor.post(f"/public/forms/{MARK}", json={"email": canaries.email}).status_code == 202
        refusal(canaries, visitor.post(f"/public/forms/{MARK}", json={"email": canaries.email, "phone": "x"}))
    with relata.client(authorization=f"Bearer {key}x") as stranger:
        refusal(canaries, stranger.get("/partner/leads"))
    said = f"GET /{MARK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nX: a\x00{canaries.phone}\r\n\r\n"
    canaries.refusals.append(talk(relata.port, said.encode()).body.decode())


def break_from_inside(canaries: Canaries, admin: httpx.Client) -> None:
    """A database that refuses, events that cannot be read, a message that is no event; some of it parked at the end."""
    relata = canaries.relata
    with closing(sqlite3.connect(relata.folder / "var" / "channels.db", timeout=20)) as connection:
        find = "SELECT envelope FROM feed WHERE type = 'channels.submission.received.v1' ORDER BY position LIMIT 1"
        (envelope,) = connection.execute(find).fetchone()
    event = json.loads(envelope)
    assert canaries.email in envelope
    ill_formed = {**event, "id": str(uuid4()), "data": {"submission": {**canaries.lead, "received_at": canaries.note}}}
    for body in (json.dumps(ill_formed), f'{{"id": "{canaries.note}", "data": {json.dumps(canaries.lead)}'):
        add = "INSERT INTO outbox (id, type, subject, envelope, created_at) VALUES (?, ?, ?, ?, '2026-01-01 00:00:00')"
        broken(relata, "channels", add, uuid4().hex, event["type"], f"submission:{uuid4()}", body)
    with relata.client(authorization=f"Bearer {partner_key(admin, uuid4().hex)}") as partner:
        # What cannot be read hurts only itself.
        assert known_as(partner, partner.post("/partner/leads", json=canaries.lead))["status"] == "duplicate"
    broken(relata, "sales", "CREATE TRIGGER full BEFORE INSERT ON leads BEGIN SELECT RAISE(ABORT, 'no room'); END")
    refusal(canaries, admin.post("/leads", json={"full_name": canaries.name, "needs": canaries.note}))
    with relata.client(authorization=f"Bearer {partner_key(admin, uuid4().hex)}") as partner:
        other = canaries.lead | {"phone": "0912 000 111", "email": f"{MARK}-other@khach.example"}
        assert partner.post("/partner/leads", json=other).status_code == 202
    eventually(
        lambda: "IntegrityError" in (told := relata.run("parked", "list")) and "raw:" in told, within=60, every=1
    )


def hits(text: str, words: list[str]) -> list[str]:
    """A little of what stands around each of these words."""
    places = [found.span() for word in words for found in re.finditer(re.escape(word), text)]
    return [text[max(0, begin - 120) : end + 40] for begin, end in places]


def test_the_faults_have_happened(canaries: Canaries) -> None:
    log = canaries.relata.log.read_text()
    assert '"event":"request failed"' in log
    assert "undecodable" in log
    assert "no room" in log
    assert any('"code":"internal"' in each for each in canaries.refusals)
    assert "sales.take_in_leads" in canaries.relata.run("parked", "list")


def test_the_log_tells_nothing(canaries: Canaries) -> None:
    log = canaries.relata.log.read_text(errors="replace")
    assert hits(log, canaries.personal + canaries.secrets) == []


def test_the_metrics_tell_nothing(canaries: Canaries) -> None:
    metrics = httpx.get(f"{canaries.relata.url}/metrics", timeout=20).text
    assert "relata_http_requests_total" in metrics
    assert hits(metrics, canaries.personal + canaries.secrets) == []


def test_refusals_do_not_say_back_what_came_in(canaries: Canaries) -> None:
    assert hits("\n".join(canaries.refusals), canaries.personal + canaries.secrets) == []


def test_no_secret_stands_in_a_database(canaries: Canaries) -> None:
    files = [path for path in (canaries.relata.folder / "var").iterdir() if ".db" in path.name]
    assert len(files) >= 3
    kept = b"".join(path.read_bytes() for path in files)
    assert canaries.email.encode() in kept
    assert [secret for secret in canaries.secrets if secret.encode() in kept] == []


def test_the_list_of_what_is_parked_names_no_customer(canaries: Canaries) -> None:
    assert hits(canaries.relata.run("parked", "list"), canaries.personal + canaries.secrets) == []


def test_what_lies_in_var_is_for_its_owner_alone(canaries: Canaries) -> None:
    for name in ("secret",):
        assert Path(canaries.relata.folder / "var" / name).stat().st_mode & 0o077 == 0

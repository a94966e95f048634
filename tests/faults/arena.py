"""A fleet on private servers, clients that write down what they were told, and a monkey that breaks things."""

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.installation import Installation, eventually, installation, partner_key
from tests.private_server import PrivateServer
from tests.servers import private_postgres, private_rabbitmq, private_redis

FROZEN_S = 4.0
# A quorum queue killed within moments of its declaration may come back without a leader (RabbitMQ 3.10).
QUEUES_SETTLE_S = 3.0


@dataclass
class Arena:
    """A running fleet whose servers may be killed. ``happened`` counts the faults that really took place."""

    relata: Installation
    postgres: PrivateServer
    rabbitmq: PrivateServer
    redis: PrivateServer
    random: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    _admin: httpx.Client | None = None

    @property
    def admin(self) -> httpx.Client:
        """The administrator, signed in anew when asked after the faults."""
        if self._admin is None:
            self._admin = eventually(self._sign_in, within=60, every=0.5)
        return self._admin

    def _sign_in(self) -> httpx.Client | None:
        try:
            return self.relata.sign_in()
        except (httpx.HTTPError, AssertionError):
            return None

    def key(self, name: str) -> str:
        """A new partner's key."""
        return partner_key(self.admin, name)

    def faults(self) -> dict[str, Callable[[], None]]:
        """Every fault by name. Each returns when the fault is over, so that healing can begin."""
        processes: dict[str, Callable[[], None]] = {
            f"kill {label}": lambda label=label: self.kill_face(label)  # type: ignore[misc]
            for label in self.relata.pids
        }
        return processes | {
            "broker killed": lambda: self._again(self.rabbitmq, "broker killed", PrivateServer.kill),
            "broker restarted": lambda: self._again(self.rabbitmq, "broker restarted", PrivateServer.stop),
            "broker frozen": lambda: self._frozen(self.rabbitmq, "broker frozen"),
            "PostgreSQL killed": lambda: self._again(self.postgres, "PostgreSQL killed", PrivateServer.kill),
            "PostgreSQL frozen": lambda: self._frozen(self.postgres, "PostgreSQL frozen"),
            "Redis killed": lambda: self._again(self.redis, "Redis killed", PrivateServer.kill),
            "Redis frozen": lambda: self._frozen(self.redis, "Redis frozen"),
        }

    def kill_face(self, label: str) -> None:
        """kill -9 one process of the fleet; its supervisor starts it again."""
        pid = self.relata.pids.get(label)
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.happened[f"kill {label}"] += 1

    def _again(self, server: PrivateServer, name: str, end: Callable[[PrivateServer], None]) -> None:
        end(server)
        assert not server.pids
        self.happened[name] += 1
        time.sleep(1.0)
        server.start()

    def _frozen(self, server: PrivateServer, name: str) -> None:
        server.freeze()
        states = {Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] for pid in server.pids}
        assert states <= {"T", "Z"}, states
        self.happened[name] += 1
        time.sleep(FROZEN_S)
        server.thaw()


@contextmanager
def arena(seed: int) -> Iterator[Arena]:
    """A fleet of its own on servers of its own; everything is gone afterwards."""
    with (
        private_postgres() as postgres,
        private_rabbitmq() as rabbitmq,
        private_redis() as redis,
        tempfile.TemporaryDirectory() as folder,
        installation(
            "fleet",
            Path(folder),
            postgres=postgres.url,
            amqp=rabbitmq.url,
            redis=redis.url,
            retry_scale="0.2",
            log_level="WARNING",
        ) as relata,
    ):
        time.sleep(QUEUES_SETTLE_S)
        yield Arena(relata, postgres, rabbitmq, redis, random.Random(seed))


@dataclass
class Told:
    """One lead and what its client was told. ``outcome``: ok (2xx), refused (4xx), unknown."""

    external_id: str
    key: str
    outcome: str = "unknown"
    submission_id: str = ""
    attempts: int = 0
    took_s: float = 0.0
    at: float = 0.0


class Clients:
    """Partners' clients in threads: each pushes unique leads, retries with the same key, notes what it heard."""

    def __init__(self, arena: Arena, *, count: int = 8, pause_s: float = 0.02, patience_s: float = 60.0) -> None:
        self.arena = arena
        self.key = arena.key("Đối tác chịu lỗi")
        self.told: list[Told] = []
        self._pause_s = pause_s
        self._patience_s = patience_s
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._push, daemon=True) for _ in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(self._patience_s + 30)

    def _push(self) -> None:
        with self.arena.relata.client(authorization=f"Bearer {self.key}") as client:
            client.timeout = httpx.Timeout(10)
            while not self._stop.is_set():
                told = Told(external_id=uuid4().hex, key=uuid4().hex, at=time.time())
                self.told.append(told)
                self._until_answered(client, told)
                time.sleep(self._pause_s)

    def _until_answered(self, client: httpx.Client, told: Told) -> None:
        body = {"external_id": told.external_id, "email": f"{told.external_id}@khach.example", "name": "Lê Văn Bền"}
        began = time.monotonic()
        while time.monotonic() - began < self._patience_s:
            told.attempts += 1
            try:
                answer = client.post("/partner/leads", json=body, headers={"Idempotency-Key": told.key})
            except httpx.HTTPError:
                time.sleep(0.3)
                continue
            if answer.status_code == 202:
                told.outcome, told.submission_id = "ok", answer.json()["submission_id"]
                told.took_s = time.monotonic() - began
                return
            if answer.status_code < 500 and answer.status_code not in {409, 429}:
                told.outcome = f"refused {answer.status_code} {answer.text[:200]}"
                return
            time.sleep(min(2.0, float(answer.headers.get("retry-after", "0.3"))))

    def verdicts(self) -> dict[str, dict[str, Any]]:
        """What the product says of each submission of this partner, by external id."""
        found: dict[str, dict[str, Any]] = {}
        doubled = []
        with self.arena.relata.client(authorization=f"Bearer {self.key}") as client:
            for item in pages(client, "/partner/leads"):
                if item["external_id"] in found:
                    doubled.append(item["external_id"])
                found[item["external_id"]] = item
        assert not doubled, f"listed twice: {doubled[:5]}"
        return found


def pages(client: httpx.Client, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(path, params={"limit": 200, **params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        cursor = answer.json()["next_cursor"]


@dataclass(frozen=True)
class Finding:
    """One promise, tried: its numbers, the faults that happened, and what was wrong (nothing, if it held)."""

    promise: int
    seed: int
    numbers: dict[str, Any]
    faults: dict[str, int]
    wrong: list[str]

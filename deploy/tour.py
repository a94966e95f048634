"""A hundred leads while the sales worker stands still: pushed as a partner pushes them, and then counted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import structlog

from chassis.ids import new_id
from chassis.settings import Settings
from deploy.demo.kept import read_kept
from deploy.people import PeopleGenerator
from gateway.flow.tour import TourStanding

log = structlog.get_logger(__name__)

LEADS = 100
PAUSE_S = 8.0
WITHIN_S = 120.0
LOOK_EVERY_S = 0.3
BUSY = (409, 429, 503)


class Tour:
    """One at a time. It only uses what every partner has: a key, and the public API."""

    def __init__(self, settings: Settings, pause: Callable[[str, float], bool], *, pause_s: float = PAUSE_S) -> None:
        self._settings, self._pause, self._pause_s = settings, pause, pause_s
        self._lock = threading.Lock()
        self._standing = TourStanding("idle", LEADS)
        self._resumes_at = 0.0

    def look(self) -> TourStanding:
        """How far the last one is."""
        if self._key() is None:
            return TourStanding("unavailable", 0)
        left = self._resumes_at - time.monotonic()
        return replace(self._standing, paused_s=round(max(0.0, left), 1))

    def begin(self, by: str) -> None:
        """Begin one, unless one is under way or there is no demo company."""
        with self._lock:
            key = self._key()
            if key is None or self._standing.state == "running":
                return
            self._standing = TourStanding("running", LEADS)
        log.info("tour begun", by=by)
        threading.Thread(target=self._go, args=(key,), name="tour", daemon=True).start()

    def _key(self) -> str | None:
        if not self._settings.demo:
            return None
        kept = read_kept(self._settings.var)
        return next(iter(kept.keys.values()), None) if kept.done else None

    def _go(self, key: str) -> None:
        try:
            with _partner(self._settings, key) as partner:
                self._run(partner)
        except Exception as error:  # whatever it is: the worker goes on by itself, and the page says that it failed
            log.warning("tour failed", reason=type(error).__name__)
            self._standing = replace(self._standing, state="failed")

    def _run(self, partner: httpx.Client) -> None:
        self._pause("sales", self._pause_s)
        self._resumes_at = time.monotonic() + self._pause_s
        name = f"tour-{new_id()[-12:]}"
        pushed = set()
        for number, lead in enumerate(_leads(), 1):
            request_id = f"{name}-{number:03}"
            pushed.add(_push(partner, lead, request_id))
            journey = self._standing.journey or request_id
            self._standing = replace(self._standing, accepted=len(pushed), journey=journey)
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            told = _told(partner)
            verdicts = sum(each["status"] != "received" for each in told if each["submission_id"] in pushed)
            self._standing = replace(self._standing, verdicts=verdicts)
            if verdicts == len(pushed):
                self._standing = replace(self._standing, state="done")
                return
            time.sleep(LOOK_EVERY_S)
        self._standing = replace(self._standing, state="failed")


def _push(partner: httpx.Client, lead: dict[str, Any], request_id: str) -> str:
    """The submission's id. A busy gateway is asked again, with the key that makes a lead count once."""
    headers = {"X-Request-Id": request_id, "Idempotency-Key": request_id}
    deadline = time.monotonic() + WITHIN_S
    while True:
        answer = partner.post("/partner/leads", json=lead, headers=headers)
        if answer.status_code not in BUSY or time.monotonic() > deadline:
            return str(answer.raise_for_status().json()["submission_id"])
        time.sleep(LOOK_EVERY_S)


def _leads() -> Iterator[dict[str, Any]]:
    people = PeopleGenerator(time.time_ns())
    for _ in range(LEADS):
        person = people.person()
        yield {
            "external_id": new_id(),
            "name": person.full_name,
            "phone": person.phone,
            "email": person.email,
            "company": people.company().name,
            "source": "Chạy thử",
        }


def _told(partner: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < 2 * LEADS:
        params: dict[str, str | int] = {"limit": LEADS, **({"cursor": cursor} if cursor else {})}
        answer = partner.get("/partner/leads", params=params)
        if answer.status_code in BUSY:
            return found
        page = answer.raise_for_status().json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found


@contextmanager
def _partner(settings: Settings, key: str) -> Iterator[httpx.Client]:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    base_url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/api/v1"
    with httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        yield client

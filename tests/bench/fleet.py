"""Figures of the fleet, through the gateway, one HTTP worker a service."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import orjson
from sqlalchemy import Engine, create_engine, text

from deploy.people import PeopleGenerator
from tests.bench.load import as_fast_as_answered, at_rate, request
from tests.bench.machine import cpu_seconds, processes_named, pss_mib
from tests.bench.report import Row
from tests.installation import Installation, eventually, partner_key

PUSH = "/api/v1/partner/leads"


@dataclass
class Bench:
    """A running fleet and what was measured of the servers themselves."""

    relata: Installation
    scale: float
    postgres: float
    rabbit: float
    admin: httpx.Client = field(init=False)
    key: str = field(init=False)
    people: PeopleGenerator = field(default_factory=lambda: PeopleGenerator(7))

    def __post_init__(self) -> None:
        self.admin = self.relata.sign_in()
        self.key = partner_key(self.admin, "Đối tác đo tốc độ")
        self.memory_at_start = self.memory()

    def memory(self) -> dict[str, float]:
        """PSS of each of our processes, MiB."""
        return {label: pss_mib(pid) for label, pid in self.relata.pids.items()}

    def push_request(self, _turn: int) -> bytes:
        """A lead nobody pushed before."""
        person = self.people.person()
        body = {
            "external_id": uuid4().hex,
            "name": person.full_name,
            "phone": person.phone,
            "email": f"{uuid4().hex[:12]}@khach.example",
            "source": "website",
        }
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid4().hex,
        }
        return request("POST", PUSH, "127.0.0.1", headers, orjson.dumps(body))

    def get_request(self, path: str) -> bytes:
        """A read by the administrator."""
        return request("GET", path, "127.0.0.1", {"Authorization": self.admin.headers["authorization"]})

    def database(self, service: str) -> Engine:
        """An engine on a service's database, for counting."""
        return create_engine(self.relata.environment["RELATA_DATABASE_URL"].replace("{service}", service), pool_size=1)

    def backlog(self) -> int:
        """Events that have not had all their effects: unsent, or in the inbox and open, or leads not made yet."""
        engines = {name: self.database(name) for name in ("channels", "sales")}
        waiting = 0
        for engine in engines.values():
            with engine.connect() as connection:
                # Along the indexes of what is open: reading all that was done would be part of what is measured.
                unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL"
                waiting += connection.scalar(text(unsent)) or 0
                open_rows = "SELECT count(*) FROM inbox WHERE state IN ('pending', 'retry', 'waiting', 'parked')"
                waiting += connection.scalar(text(open_rows)) or 0
        with engines["channels"].connect() as connection:
            waiting += connection.scalar(text("SELECT count(*) FROM submissions WHERE status = 'received'")) or 0
        for engine in engines.values():
            engine.dispose()
        return waiting

    def drained(self, within: float = 300) -> float:
        """Wait until nothing is under way; answers the seconds it took."""
        began = time.perf_counter()
        eventually(lambda: self.backlog() == 0, within=within, every=0.1)
        return time.perf_counter() - began

    def warm(self) -> None:
        """Let caches fill and plans settle."""
        as_fast_as_answered(self.relata.port, self.push_request, clients=4, seconds=3)
        self.drained()


def push(bench: Bench) -> Iterable[Row]:
    """Single pushes, 16 clients, a minute."""
    bench.warm()
    measured = as_fast_as_answered(bench.relata.port, bench.push_request, clients=16, seconds=60 * bench.scale)
    bad = sum(count for status, count in measured.statuses.items() if status != 202)
    beside = f"{measured.rate / bench.postgres:.2f} of PostgreSQL's tx/s; {bad} answers other than 202"
    yield Row("single push, 16 clients", measured.rate, "req/s", 300, 500, beside=beside)
    yield Row("single push, p99", measured.percentile(0.99), "ms", 200, less=True)
    yield Row("the same: time until every verdict was there", bench.drained(), "s")


def cpu_per_lead(bench: Bench) -> Iterable[Row]:
    """CPU of everything, from the request to the last reaction, at a steady 100 a second."""
    ours = list(bench.relata.pids.items())
    groups = {label: [pid] for label, pid in ours}
    groups |= {"PostgreSQL": processes_named("postgres"), "RabbitMQ": processes_named("beam.smp")}
    groups["Redis"] = processes_named("redis-server")
    idle_s = 10 * bench.scale
    before = {label: cpu_seconds(pids) for label, pids in groups.items()}
    time.sleep(idle_s)
    idle = {label: (cpu_seconds(pids) - before[label]) / idle_s for label, pids in groups.items()}
    groups["PostgreSQL"] = processes_named("postgres")
    before = {label: cpu_seconds(pids) for label, pids in groups.items()}
    began = time.perf_counter()
    measured = at_rate(bench.relata.port, bench.push_request, 100, seconds=30 * bench.scale, clients=16)
    bench.drained()
    took, leads = time.perf_counter() - began, len(measured.latencies)
    spent = {label: (cpu_seconds(pids) - before[label]) for label, pids in groups.items()}
    yield Row("CPU per lead, everything", sum(spent.values()) / leads * 1000, "ms", 9, 5, less=True)
    for label in sorted(spent, key=lambda label: -spent[label]):
        of_idle = idle[label] * took / leads * 1000
        beside = f"of it {of_idle:.2f} ms is what it spends when idle"
        yield Row(f"CPU per lead: {label}", spent[label] / leads * 1000, "ms", less=True, beside=beside)


def visible(bench: Bench) -> Iterable[Row]:
    """From the moment a push was due to the moment the lead is in the list, at 50 a second."""
    seen: dict[str, float] = {}
    pushed: dict[str, float] = {}
    path = "/leads?sort=-created_at&limit=100"
    with ThreadPoolExecutor(2) as pool:
        stop = time.time() + 20 * bench.scale + 3

        def watch() -> None:
            while time.time() < stop:
                items = bench.admin.get(path).json()["items"]
                now = time.time()
                for item in items:
                    seen.setdefault(item["submission_id"], now)

        def push_slowly() -> None:
            headers = {"Authorization": f"Bearer {bench.key}"}
            with httpx.Client(base_url=f"{bench.relata.url}/api/v1", headers=headers) as client:
                began = time.perf_counter()
                for turn in range(int(50 * 20 * bench.scale)):
                    time.sleep(max(0.0, began + turn / 50 - time.perf_counter()))
                    body = {"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example"}
                    answer = client.post("/partner/leads", json=body)
                    pushed[answer.json()["submission_id"]] = time.time()

        watching, pushing = pool.submit(watch), pool.submit(push_slowly)
        pushing.result()
        watching.result()
    delays = sorted(max(0.0, seen[name] - at) * 1000 for name, at in pushed.items() if name in seen)
    missing = len(pushed) - len(delays)
    yield Row("accepted → visible at 50/s, p50", delays[len(delays) // 2], "ms", 80, 40, less=True)
    beside = f"the list was read in between, so up to one reading is part of it; {missing} never seen"
    yield Row("accepted → visible at 50/s, p99", delays[int(len(delays) * 0.99)], "ms", 500, 200, True, beside)


def sustained(bench: Bench) -> Iterable[Row]:
    """Five minutes at a fixed rate; the backlog at the end tells whether it was kept."""
    for rate, must, goal in ((120, 120, None), (250, None, 250)):
        measured = at_rate(bench.relata.port, bench.push_request, rate, seconds=300 * bench.scale, clients=64)
        backlog = bench.backlog()
        ok = sum(count for status, count in measured.statuses.items() if status == 202)
        kept = rate if backlog < rate * 2 and ok == len(measured.latencies) else ok / measured.seconds * 0.99
        beside = f"backlog at the end {backlog}; p99 {measured.percentile(0.99):.0f} ms; {ok} accepted"
        yield Row(f"sustained at {rate}/s, five minutes", kept, "leads/s", must, goal, beside=beside)
        bench.drained()


def batch(bench: Bench) -> Iterable[Row]:
    """One request with 10,000 rows."""
    rows = []
    for _ in range(10_000):
        person = bench.people.person()
        rows.append(
            {"external_id": uuid4().hex, "name": person.full_name, "phone": person.phone, "email": person.email}
        )
    body = json.dumps(rows).encode()
    headers = {"Authorization": f"Bearer {bench.key}", "Content-Type": "application/json"}
    with httpx.Client(base_url=f"{bench.relata.url}/api/v1", headers=headers, timeout=120) as client:
        began = time.perf_counter()
        answer = client.post("/partner/leads/batch", content=body)
        accepted_s = time.perf_counter() - began
        assert answer.status_code == 202, answer.text
        path = f"/partner/batches/{answer.json()['batch_id']}"
        eventually(lambda: client.get(path).json()["counts"].get("received", 0) == 0, within=300, every=0.1)
        verdicts_s = time.perf_counter() - began
    yield Row("batch of 10,000: accepted", accepted_s, "s", 3, 1, less=True)
    yield Row("batch of 10,000: all verdicts", verdicts_s, "s", 30, 10, less=True)


def reads(bench: Bench) -> Iterable[Row]:
    """One lead; a page of 50 among 100,000."""
    _fill(bench, 100_000)
    items = bench.admin.get("/leads?limit=200").json()["items"]
    one = [bench.get_request(f"/api/v1/leads/{item['id']}") for item in items]
    page = bench.get_request("/api/v1/leads?limit=50&status=new")
    seconds = 15 * bench.scale + 1
    measured = as_fast_as_answered(bench.relata.port, lambda turn: one[turn % len(one)], seconds=seconds)
    yield Row("read one lead of 100,000", measured.rate, "req/s", 450, 1000, beside=str(dict(measured.statuses)))
    measured = as_fast_as_answered(bench.relata.port, lambda _turn: page, seconds=seconds)
    yield Row("list 50 of 100,000", measured.rate, "req/s", 170, 400, beside=str(dict(measured.statuses)))


def memory(bench: Bench) -> Iterable[Row]:
    """How much each process has grown by all that went before."""
    now = bench.memory()
    growth = {label: now[label] - bench.memory_at_start.get(label, 0.0) for label in now}
    worst = max(growth, key=lambda label: growth[label])
    yield Row("fleet memory: most grown process", growth[worst], "MiB", 60, less=True, beside=worst)
    yield Row("fleet memory: all our processes", sum(now.values()), "MiB PSS", less=True)


def million(bench: Bench) -> Iterable[Row]:
    """The same batch among 1,000,000 leads as among 10,000."""
    few = min(_batch_seconds(bench) for _ in range(3))
    _fill(bench, int(1_000_000 * bench.scale))
    many = min(_batch_seconds(bench) for _ in range(3))
    yield Row("cost per lead at 1,000,000 rows against few", many / few, "x", 1.3, 1.1, less=True)


def _batch_seconds(bench: Bench, rows: int = 2_000) -> float:
    body = [{"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example"} for _ in range(rows)]
    headers = {"Authorization": f"Bearer {bench.key}"}
    with httpx.Client(base_url=f"{bench.relata.url}/api/v1", headers=headers, timeout=120) as client:
        began = time.perf_counter()
        answer = client.post("/partner/leads/batch", json=body)
        path = f"/partner/batches/{answer.json()['batch_id']}"
        eventually(lambda: client.get(path).json()["counts"].get("received", 0) == 0, within=300, every=0.05)
        return time.perf_counter() - began


def _fill(bench: Bench, wanted: int) -> None:
    """Push batches until there are this many leads."""
    engine = bench.database("sales")
    with engine.connect() as connection:
        present = connection.scalar(text("SELECT count(*) FROM leads")) or 0
    engine.dispose()
    headers = {"Authorization": f"Bearer {bench.key}"}
    with httpx.Client(base_url=f"{bench.relata.url}/api/v1", headers=headers, timeout=120) as client:
        while present < wanted:
            body = []
            for _ in range(min(10_000, wanted - present)):
                person = bench.people.person()
                body.append(
                    {
                        "external_id": uuid4().hex,
                        "name": person.full_name,
                        "email": f"{uuid4().hex}@khach.example",
                        "source": "fill",
                    }
                )
            answer = client.post("/partner/leads/batch", json=body)
            assert answer.status_code == 202, answer.text
            present += len(body)
    bench.drained(within=1800)

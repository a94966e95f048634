"""Figures of the product in one process on SQLite."""

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import orjson

from tests.bench.load import as_fast_as_answered, at_rate, request
from tests.bench.machine import pss_mib
from tests.bench.report import Row
from tests.installation import eventually, installation, partner_key


def everything(scale: float) -> Iterable[Row]:
    """Start, burst, steady load, memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, installation("embedded", Path(folder)) as relata:
        relata.stop()
        began = time.perf_counter()
        relata.start()
        yield Row("embedded: start", time.perf_counter() - began, "s", 5, less=True)
        with relata.sign_in() as admin:
            key = partner_key(admin)

            def lead(_turn: int) -> bytes:
                body = {"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example", "name": "Lê Thị Đo"}
                headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
                return request("POST", "/api/v1/partner/leads", "127.0.0.1", headers, orjson.dumps(body))

            def drained() -> bool:
                answer = admin.get("/submissions", params={"status": "received", "limit": 1})
                return bool(answer.json()["items"] == [])

            burst = as_fast_as_answered(relata.port, lead, clients=16, seconds=10 * max(scale, 0.3))
            yield Row("embedded: burst of 10 s", burst.rate, "req/s", 300, 600, beside=str(dict(burst.statuses)))
            yield Row("embedded: burst, p99", burst.percentile(0.99), "ms", less=True)
            began = time.perf_counter()
            eventually(drained, within=300, every=0.2)
            yield Row("embedded: until every verdict of the burst was there", time.perf_counter() - began, "s")
            steady = at_rate(relata.port, lead, 100, seconds=60 * scale, clients=32)
            began = time.perf_counter()
            eventually(drained, within=300, every=0.1)
            lag = time.perf_counter() - began
            kept = 100.0 if lag < 2 else steady.rate * 0.9
            yield Row("embedded: steady", kept, "leads/s", 100, beside=f"drained {lag:.1f} s after the last push")
            yield Row("embedded: memory", pss_mib(relata.pids["up"]), "MiB PSS", 250, less=True)

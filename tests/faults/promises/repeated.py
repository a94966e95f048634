"""Promise 3: a retried request has one effect and one answer."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.arena import Arena, Finding


def repeated(arena: Arena, seed: int, scale: float) -> Finding:
    """The same key fifty times at once, after crashes, with another body, from another partner."""
    ours, theirs = arena.key("Đối tác lặp lại"), arena.key("Đối tác trùng khóa")
    trials, wrong = 0, []
    before = dict(arena.happened)
    rounds = max(2, int(20 * scale))
    with (
        arena.relata.client(authorization=f"Bearer {ours}") as client,
        arena.relata.client(authorization=f"Bearer {theirs}") as stranger,
        ThreadPoolExecutor(50) as pool,
    ):
        for _ in range(rounds):
            key, body = uuid4().hex, {"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example"}

            def push(_turn: int, key: str = key, body: dict[str, Any] = body) -> httpx.Response:
                return client.post("/partner/leads", json=body, headers={"Idempotency-Key": key})

            answers = list(pool.map(push, range(50)))
            wrong += _judge(answers)
            trials += 50
            first = next(answer for answer in answers if answer.status_code == 202).json()
            other = client.post("/partner/leads", json=body | {"name": "Khác"}, headers={"Idempotency-Key": key})
            wrong += [] if other.status_code == 422 else [f"another body was answered with {other.status_code}"]
            foreign = stranger.post("/partner/leads", json=body, headers={"Idempotency-Key": key})
            wrong += [] if foreign.json().get("submission_id") != first["submission_id"] else ["a key crossed partners"]
            for breaking in ("kill http:channels", "kill http:gateway", "Redis killed"):
                if arena.random.random() < max(0.15, scale / 5) or not arena.happened[breaking]:
                    arena.faults()[breaking]()
                again = _patiently(lambda: push(0))
                trials += 1
                if again.json() != first or again.headers.get("idempotency-replayed") != "true":
                    wrong.append(f"after {breaking}: another answer")
    happened = {name: count - before.get(name, 0) for name, count in arena.happened.items()}
    return Finding(3, seed, {"trials": trials, "violations": len(wrong)}, happened, wrong[:5])


def _judge(answers: list[httpx.Response]) -> list[str]:
    statuses = {answer.status_code for answer in answers}
    ids = {answer.json()["submission_id"] for answer in answers if answer.status_code == 202}
    wrong = [f"answers {statuses}"] if not statuses <= {202, 409, 429, 503} or 202 not in statuses else []
    return wrong + ([f"{len(ids)} effects"] if len(ids) != 1 else [])


def _patiently(ask: Any) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            answer: httpx.Response = ask()
            if answer.status_code == 202 or time.monotonic() > deadline:
                return answer
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)

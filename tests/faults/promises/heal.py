"""Promise 6: the system heals itself: after each fault a new lead goes through every consumer, unaided."""

import time
from uuid import uuid4

import httpx

from tests.faults.arena import Arena, Finding

LIMIT_S = 15.0


def heal(arena: Arena, seed: int, scale: float) -> Finding:
    """For every fault: the time from its end until a new lead is judged, in the list and in the feed."""
    key = arena.key("Đối tác hồi phục")
    faults = arena.faults()
    names = list(faults) if scale >= 1 else ["broker killed", "PostgreSQL killed", "kill work:sales", "Redis frozen"]
    before = dict(arena.happened)
    times: dict[str, float] = {}
    for name in names:
        faults[name]()
        times[name] = _time_to_new_work(arena, key)
    wrong = [f"{name}: {took:.1f} s" for name, took in times.items() if took > LIMIT_S]
    happened = {name: arena.happened[name] - before.get(name, 0) for name in names}
    wrong += [f"this fault did not happen: {name}" for name, count in happened.items() if not count]
    worst = max(times, key=lambda name: times[name])
    numbers = {"slowest_s": round(times[worst], 1), "slowest": worst, "tried": len(times)}
    return Finding(6, seed, numbers, happened, wrong)


def _time_to_new_work(arena: Arena, key: str, give_up_s: float = 90.0) -> float:
    began = time.monotonic()
    submission = ""
    headers = {"authorization": f"Bearer {key}"}
    with arena.relata.client(**headers) as partner:
        partner.timeout = httpx.Timeout(5)
        body = {"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example"}
        while time.monotonic() - began < give_up_s:
            try:
                if not submission:
                    answer = partner.post("/partner/leads", json=body, headers={"Idempotency-Key": body["external_id"]})
                    submission = answer.json().get("submission_id", "") if answer.status_code == 202 else ""
                elif _everywhere(arena, partner, submission):
                    return time.monotonic() - began
            except (httpx.HTTPError, KeyError):
                pass
            time.sleep(0.1)
    return give_up_s


def _everywhere(arena: Arena, partner: httpx.Client, submission: str) -> bool:
    told = partner.get(f"/partner/leads/{submission}").json()
    if told["status"] != "created":
        return False
    subject = f"lead:{told['lead_id']}"
    feed = arena.admin.get("/events", params={"subject": subject, "limit": 5}).json()
    return bool(feed["items"]) and arena.admin.get(f"/leads/{told['lead_id']}").status_code == 200

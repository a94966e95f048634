"""Promise 5: events of one subject take effect in order; late or doubled ones change nothing."""

import time
from collections import defaultdict
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.arena import Arena, Finding
from tests.installation import eventually


def order(arena: Arena, seed: int, scale: float) -> Finding:
    """Leads are changed again and again while relay, workers and broker go down.

    The feed must tell each one's life without gap, twin or contradiction; the partner must see the last state.
    """
    key = arena.key("Đối tác thứ tự")
    names = ["kill relay", "kill work:channels", "broker restarted", "kill work:sales", "broker killed"]
    names = names[: max(2, int(len(names) * scale))]
    before = dict(arena.happened)
    with arena.relata.client(authorization=f"Bearer {key}") as partner:
        pushed = [
            partner.post("/partner/leads", json={"external_id": uuid4().hex, "email": f"{uuid4().hex}@khach.example"})
            for _ in range(5)
        ]
        submissions = [answer.json()["submission_id"] for answer in pushed]
        leads = {s: eventually(lambda s=s: _lead(partner, s), within=60) for s in submissions}
        written: dict[str, list[str]] = defaultdict(list)
        for turn in range(max(20, int(100 * scale))):
            for lead in leads.values():
                _change(arena, lead, f"Chức danh {turn}")
                written[lead].append(f"Chức danh {turn}")
            if turn % 10 == 5 and names:
                arena.faults()[names.pop(0)]()
        for lead in list(leads.values())[:2]:
            _patient(arena, "POST", f"/leads/{lead}/contact")
        wrong = eventually(lambda: _told(arena, written), within=90, every=1.0)
        contacted = list(leads)[:2]
        stages = [partner.get(f"/partner/leads/{s}").json().get("stage") for s in contacted]
        lead_stages = [arena.admin.get(f"/leads/{leads[s]}").json()["stage"] for s in contacted]
    wrong = [] if wrong == ["in order"] else wrong
    wrong += [f"stage {stages} beside {lead_stages}"] if stages != lead_stages else []
    happened = {name: count - before.get(name, 0) for name, count in arena.happened.items()}
    numbers = {"events": sum(map(len, written.values())), "violations": len(wrong)}
    return Finding(5, seed, numbers, happened, wrong)


def _lead(partner: httpx.Client, submission: str) -> str | None:
    told = partner.get(f"/partner/leads/{submission}").json()
    return str(told["lead_id"]) if told.get("lead_id") else None


def _change(arena: Arena, lead: str, title: str) -> None:
    _patient(arena, "PATCH", f"/leads/{lead}", json={"title": title})


def _patient(arena: Arena, method: str, path: str, **body: Any) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = arena.admin.request(method, path, **body)
            if answer.status_code == 200:
                return
            assert answer.status_code in {503, 429}, answer.text
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, f"{method} {path} never went through"
        time.sleep(0.2)


def _told(arena: Arena, written: dict[str, list[str]]) -> list[str] | None:
    """None while events are still under way."""
    seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
    cursor, more = "", True
    while more:
        after = {"after": cursor} if cursor else {}
        page = arena.admin.get("/events", params={"types": "sales.lead.*", "limit": 200, **after}).json()
        for event in page["items"]:
            seen[event["subject"].removeprefix("lead:")].append(event)
        more, cursor = bool(page["items"]), page["next_cursor"] or cursor
    wrong = []
    for lead, titles in written.items():
        events = sorted(seen[lead], key=lambda event: event["sequence"])
        numbers = [int(event["sequence"]) for event in events]
        changed = [event["data"]["changed"]["title"] for event in events if "title" in event["data"].get("changed", {})]
        if len(changed) < len(titles):
            return None
        wrong += [f"{lead}: gap or twin"] if numbers != list(range(1, len(numbers) + 1)) else []
        wrong += [f"{lead}: another story"] if [new for _, new in changed] != titles else []
    return wrong or ["in order"]

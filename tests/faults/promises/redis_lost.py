"""Promise 14: losing Redis loses nothing."""

import time

import redis

from tests.faults.arena import Arena, Clients, Finding
from tests.installation import eventually


def redis_lost(arena: Arena, seed: int, scale: float) -> Finding:
    """Under load: flushed, killed for good, frozen; nothing is lost and pushes take at most 100 ms longer."""
    quiet_s = max(3.0, 10 * scale)
    wrong: list[str] = []
    slower: dict[str, float] = {}
    before = dict(arena.happened)
    with Clients(arena, count=4, pause_s=0.03) as clients:
        time.sleep(2.0)
        calm = _p99_while(clients, lambda: time.sleep(quiet_s))
        for name, act in (
            ("flushed", lambda: _flush(arena, quiet_s)),
            ("Redis killed", arena.faults()["Redis killed"]),
            ("Redis frozen", arena.faults()["Redis frozen"]),
        ):
            p99 = _p99_while(clients, act)
            slower[name] = (p99 - calm) * 1000
            # The short form runs beside other tests: it counts what is lost, the long one also what is slow.
            if scale >= 1 and p99 > calm + 0.1:
                wrong.append(f"{name}: p99 {p99 * 1000:.0f} ms instead of {calm * 1000:.0f} ms")
    accepted = {told.external_id for told in clients.told if told.outcome == "ok"}
    wrong += [told.outcome for told in clients.told if told.outcome != "ok"][:5]

    def all_done() -> bool:
        found = clients.verdicts()
        return all(found[name]["status"] == "created" for name in accepted)

    eventually(all_done, within=60, every=0.5)
    happened = {name: count - before.get(name, 0) for name, count in arena.happened.items()}
    numbers = {"accepted": len(accepted), "lost": 0, "slower_ms": {k: round(v) for k, v in slower.items()}}
    return Finding(14, seed, numbers, happened, wrong)


def _flush(arena: Arena, watch_s: float) -> None:
    client = redis.Redis.from_url(arena.redis.url)
    client.set("relata-faults", "1")
    client.flushall()
    assert client.get("relata-faults") is None
    client.close()
    arena.happened["Redis flushed"] += 1
    time.sleep(watch_s)


def _p99_while(clients: Clients, act: object) -> float:
    mark = len(clients.told)
    act()  # type: ignore[operator]
    time.sleep(0.5)
    took = sorted(told.took_s for told in clients.told[mark:] if told.outcome == "ok")
    return took[int(len(took) * 0.99)] if took else 0.0

"""Promise 9: a poison message hurts only itself."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chassis.ids import new_id
from chassis.topology import Names, Properties, connect
from tests.faults.arena import Arena, Clients, Finding
from tests.installation import eventually

TAKEN = "channels.submission.received.v1"
LOOKS_BEFORE = 3


def poison(arena: Arena, seed: int, scale: float) -> Finding:
    """Good leads flow while five kinds of poison come in: all good ones are done, all poison is parked."""
    count = max(5, int(50 * scale))
    with Clients(arena, count=4, pause_s=0.05) as clients:
        time.sleep(3.0)
        # The first verdict proves that relay and workers are there: before that nobody has made the exchange.
        eventually(lambda: any(each["status"] == "created" for each in clients.verdicts().values()), within=60)
        # The operator's looks take processor time from everybody: what is compared has them before and during.
        mark = len(clients.told)
        for _ in range(LOOKS_BEFORE):
            _parked(arena, 1)
        calm = [told.took_s for told in clients.told[mark:] if told.outcome == "ok"]
        mark = len(clients.told)
        began = time.monotonic()
        put = _publish(arena, [_poisons(turn) for turn in range(count)])
        parked = eventually(lambda: _parked(arena, put), within=60, every=0.5)
        parked_s = time.monotonic() - began
        time.sleep(1.0)
    during = [told.took_s for told in clients.told[mark:] if told.outcome == "ok"]
    accepted = {told.external_id for told in clients.told if told.outcome == "ok"}

    def all_done() -> bool:
        found = clients.verdicts()
        return all(found[name]["status"] == "created" for name in accepted)

    eventually(all_done, within=60, every=0.5)
    wrong = [] if parked >= put else [f"parked {parked} of {put}"]
    calm_p99, busy_p99 = _p99(calm), _p99(during)
    # The short form runs beside other tests: it counts what is lost, the long one also what is slow.
    if scale >= 1 and busy_p99 > 2 * calm_p99 + 0.05:
        wrong.append(f"good ones took {busy_p99 * 1000:.0f} ms instead of {calm_p99 * 1000:.0f} (p99)")
    numbers = {"good": len(accepted), "poison": put, "parked": parked, "parked_within_s": round(parked_s, 1)}
    numbers |= {"calm_p99_ms": round(calm_p99 * 1000), "busy_p99_ms": round(busy_p99 * 1000)}
    return Finding(9, seed, numbers, {"poison": put}, wrong)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)] if values else 0.0


def _poisons(turn: int) -> list[tuple[str, bytes]]:
    """Undecodable; no envelope; the wrong shape; a version nobody knows; a submission that is none."""
    return [
        (TAKEN, b"\xff\xfe not json"),
        (TAKEN, json.dumps({"hello": turn}).encode()),
        (TAKEN, _envelope(TAKEN, {"submission": {"id": 7}})),
        (TAKEN, _envelope(TAKEN, {})),
        (TAKEN, _envelope(TAKEN, {"submission": None})[:-20]),
    ]


def _envelope(type: str, data: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": new_id(),
            "source": "relata/channels",
            "type": type,
            "subject": f"submission:{uuid4()}",
            "time": datetime.now(UTC).isoformat(),
            "sequence": "1".zfill(20),
            "correlationid": str(uuid4()),
            "data": data,
        }
    ).encode()


def _publish(arena: Arena, kinds: list[list[tuple[str, bytes]]]) -> int:
    arena.rabbitmq.wait_until_ready()
    connection = connect(arena.rabbitmq.url)
    channel = connection.channel()
    exchange = Names(arena.relata.environment["RELATA_PREFIX"]).events
    put = 0
    for group in kinds:
        for key, body in group:
            channel.basic_publish(exchange, key, body, Properties(delivery_mode=2))
            put += 1
        time.sleep(0.05)
    connection.close()
    return put


def _parked(arena: Arena, wanted: int) -> int | None:
    """How many things are parked in sales, by the command line that an operator uses."""
    listed = arena.relata.run("parked", "list", "sales", "--limit", str(wanted * 3))
    found = listed.count("in:") + listed.count("raw:")
    return found if found >= wanted else None

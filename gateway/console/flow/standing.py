"""How services stand, put in few words: one card for each, and of what is wrong the worst first."""

from dataclasses import dataclass
from typing import Any

from gateway.console.calling import Record

# Later than this is slow enough to be said.
SLOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Card:
    """One service. ``tone`` and ``word`` say how it is, each for itself."""

    service: str
    tone: str
    word: str
    numbers: list[tuple[str, str, int, str]]  # name, label, count, tone
    lag_s: float
    faces: list[tuple[str, str, bool]]  # name, state, whether that is well
    queues: list[Record]
    reactions: list[Record]
    jobs: list[Record]


def cards(flow: Record, tour: Record) -> list[Card]:
    """A card for each service, the gateway first."""
    inner = sorted(flow["services"], key=lambda each: (each["service"] != "gateway", each["service"]))
    return [_card(each, stands_still=each["service"] == "sales" and tour.get("paused_s", 0) > 0) for each in inner]


def _card(told: Record, *, stands_still: bool) -> Card:
    service = told["service"]
    if told["state"] == "down":
        return Card(service, "danger", "Does not answer", [], 0.0, [], [], [], [])
    reactions, calls = told["reactions"], told["deliveries"]
    heard = sum(each["pending"] for each in reactions)
    again = sum(each["retry"] for each in reactions) + (calls["retry"] if calls else 0)
    parked = sum(each["parked"] for each in reactions) + told["outbox"]["parked"] + told["undecodable"]
    parked += calls["parked"] if calls else 0
    lag_s = max([told["outbox"]["oldest_s"] or 0.0, *(each["lag_s"] for each in reactions)])
    numbers = [
        ("unsent", "To send", told["outbox"]["waiting"], "info"),
        ("heard", "To do", heard + sum(each["waiting"] for each in reactions), "info"),
        ("retry", "Trying again", again, "warning"),
        ("parked", "Parked", parked, "danger"),
        ("done", "Done in a minute", told["handled_last_minute"], "success"),
    ]
    if calls:
        numbers.insert(2, ("calls", "To call", calls["due"] + calls["on_the_way"] + calls["waiting"], "info"))
    tone, word = ("warning", "Stopped for the tour") if stands_still else _state(parked, again, lag_s)
    faces = [_face(each["name"], each["is_held"], told["outbox"]["oldest_s"] or 0.0) for each in told["leases"]]
    busy = [each for each in reactions if _open(each)]
    return Card(service, tone, word, numbers, lag_s, faces, told["queues"] or [], busy, told["jobs"])


def _face(name: str, is_held: bool, unsent_s: float) -> tuple[str, str, bool]:
    if is_held:
        return name, "at work", True
    # With nothing to send a relay leaves its lease, and takes it again with the next event.
    return (name, "nobody", False) if unsent_s > SLOW_S or name != "relay" else (name, "nothing to send", True)


def _state(parked: int, again: int, lag_s: float) -> tuple[str, str]:
    if parked:
        return "danger", "Waits for you"
    if lag_s > SLOW_S:
        return "warning", "Behind"
    return ("warning", "Trying again") if again else ("success", "Well")


def _open(reaction: dict[str, Any]) -> int:
    return sum(int(reaction[state]) for state in ("pending", "retry", "waiting", "parked"))

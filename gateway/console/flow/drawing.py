"""One journey as a picture: a lane for each service, time going down, a line from what happened to its effects."""

from dataclasses import dataclass
from datetime import datetime

from gateway.console.calling import Record

ROW, TOP, LEFT, LANE = 30, 46, 84, 118
_TONES = {
    "parked": "danger",
    "missing": "danger",
    "unsent": "warning",
    "retry": "warning",
    "waiting": "warning",
    "pending": "warning",
    "leased": "warning",
    "dropped": "muted",
    "forgotten": "muted",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One step: where it is drawn, how long after the first, and what it is."""

    x: int
    y: int
    after: str
    took: str
    tone: str
    step: Record


@dataclass(frozen=True, slots=True)
class Drawing:
    """``lanes``: names and where; ``lines``: from a cause to its effect."""

    lanes: list[tuple[str, int]]
    spots: list[Spot]
    lines: list[str]
    labels_at: int
    width: int
    height: int
    took: str


def draw(steps: list[Record]) -> Drawing:
    """Where everything goes."""
    makers = _makers(steps)
    steps = _causes_first(steps, makers)
    names = list(dict.fromkeys(step["service"] for step in steps))
    lanes = {name: LEFT + LANE // 2 + LANE * place for place, name in enumerate(names)}
    began = min((_at(step) for step in steps), default=None)
    spots = [_spot(step, row, lanes, began or _at(step)) for row, step in enumerate(steps)]
    labels_at = LEFT + LANE * len(names) + 10
    ended = max((_ended(step) for step in steps), default=None)
    took = spelled((ended - began).total_seconds()) if began and ended else ""
    height = TOP + ROW * len(spots) + 6
    return Drawing(list(lanes.items()), spots, _lines(spots, makers), labels_at, labels_at + 470, height, took)


def _spot(step: Record, row: int, lanes: dict[str, int], began: datetime) -> Spot:
    finished = step["finished_at"]
    took = spelled((datetime.fromisoformat(finished) - _at(step)).total_seconds()) if finished else ""
    return Spot(
        x=lanes[step["service"]],
        y=TOP + ROW * row + ROW // 2,
        after=spelled((_at(step) - began).total_seconds()),
        took="" if took == "0 ms" else took,
        tone=_TONES.get(step["state"], "event" if step["kind"] == "event" else "success"),
        step=step,
    )


def _makers(steps: list[Record]) -> dict[str, Record]:
    """By event the reaction that it came out of: one of its service to the event that caused it, done about then."""
    makers = {}
    for event in steps:
        if event["kind"] == "event" and event["causation_id"]:
            reacted = [each for each in steps if _could_make(each, event)]
            if reacted:
                makers[event["event_id"]] = min(reacted, key=lambda each: abs(_ended(each) - _at(event)))
    return makers


def _could_make(step: Record, event: Record) -> bool:
    same = (step["event_id"], step["service"]) == (event["causation_id"], event["service"])
    return step["kind"] == "reaction" and same


def _causes_first(steps: list[Record], makers: dict[str, Record]) -> list[Record]:
    """A reaction is done when all is written, so a moment after the event that came out of it: shown before it."""
    ordered: list[Record] = []
    for step in steps:
        maker = makers.get(step["event_id"]) if step["kind"] == "event" else None
        for each in (maker, step):
            if each is not None and not any(each is other for other in ordered):
                ordered.append(each)
    return ordered


def _lines(spots: list[Spot], makers: dict[str, Record]) -> list[str]:
    happened = {spot.step["event_id"]: spot for spot in spots if spot.step["kind"] == "event"}
    drawn = {id(spot.step): spot for spot in spots}
    lines = []
    for spot in spots:
        step = spot.step
        cause = happened.get(step["event_id"])
        if step["kind"] == "event":
            maker = makers.get(step["event_id"])
            cause = drawn[id(maker)] if maker else happened.get(step["causation_id"])
        if cause is not None and cause is not spot:
            lines.append(_curve(cause, spot))
    return lines


def _curve(cause: Spot, effect: Spot) -> str:
    bend = max(12, (effect.y - cause.y) // 2)
    return f"M{cause.x} {cause.y}C{cause.x} {cause.y + bend} {effect.x} {effect.y - bend} {effect.x} {effect.y}"


def spelled(seconds: float) -> str:
    """A span as people read it: ``12 ms``, ``3.4 s``, ``2 min``."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _at(step: Record) -> datetime:
    return datetime.fromisoformat(step["at"])


def _ended(step: Record) -> datetime:
    return datetime.fromisoformat(step["finished_at"] or step["at"])

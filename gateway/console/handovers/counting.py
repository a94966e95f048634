"""Counts of a handover as people read them: a line for each kind of record, customers first."""

from dataclasses import dataclass

from gateway.console.calling import Record

_ORDER = ("account", "contact", "lead", "opportunity", "quote", "order", "shipment", "invoice", "payment", "activity")


@dataclass(frozen=True, slots=True)
class Line:
    """How many records of a kind: ``found``, and ``settled``: moved, or after an undo returned or ``kept``."""

    kind: str
    found: int
    settled: int
    kept: int


def lines_of(handover: Record) -> list[Line]:
    """A line for each kind of which there are any."""
    back = handover["status"] in ("returning", "returned")
    lines = []
    for kind in sorted(handover["counts"], key=_place):
        count = handover["counts"][kind]
        # What is given back is what was moved.
        found = count["moved"] if back else max(count["found"], count["moved"])
        settled = count["returned"] + count["kept"] if back else count["moved"]
        if found:
            lines.append(Line(kind, found, min(settled, found), count["kept"]))
    return lines


def moved_in_all(handover: Record) -> int:
    """How many records have moved."""
    return sum(int(count["moved"]) for count in handover["counts"].values())


def _place(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)

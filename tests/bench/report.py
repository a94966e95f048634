"""The table that `make bench` prints and `docs/performance.md` holds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. ``must`` and ``goal`` as numbers in the figure's unit; ``less`` when smaller is better."""

    name: str
    figure: float
    unit: str
    must: float | None = None
    goal: float | None = None
    less: bool = False
    beside: str = ""

    def meets(self, wanted: float | None) -> str:
        """ "yes", "no" or "" when nothing is asked."""
        if wanted is None:
            return ""
        return "yes" if (self.figure <= wanted if self.less else self.figure >= wanted) else "no"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| what | figure | must | met | goal | met | beside the servers' own limit |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        sign = "≤" if row.less else "≥"
        must = f"{sign} {row.must:g}" if row.must is not None else ""
        goal = f"{sign} {row.goal:g}" if row.goal is not None else ""
        lines.append(
            f"| {row.name} | {row.figure:,.4g} {row.unit} | {must} | {row.meets(row.must)} "
            f"| {goal} | {row.meets(row.goal)} | {row.beside} |"
        )
    return "\n".join(lines)

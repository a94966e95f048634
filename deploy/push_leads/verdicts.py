"""What became of each row: the file a partner keeps, and the totals."""

import csv
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from deploy.push_leads.chunks import Chunk, Row
from deploy.push_leads.door import Door
from deploy.push_leads.journal import Pushed
from deploy.trouble import Trouble

COLUMNS = ("row", "external_id", "submission_id", "status", "lead_id", "reason")
STATUSES = ("created", "merged", "duplicate", "rejected", "received")
PAGE = 200
MOST_SOURCES = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Verdict:
    """One row of the file and what became of it; ``received`` means not known yet."""

    row: Row
    status: str
    submission_id: str = ""
    lead_id: str = ""
    reason: str = ""


@dataclass
class Totals:
    """Rows by status, and by source and status."""

    by_status: Counter[str] = field(default_factory=Counter)
    by_source: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, verdict: Verdict) -> None:
        """Add one."""
        self.by_status[verdict.status] += 1
        self.by_source.setdefault(verdict.row.lead.get("source", ""), Counter())[verdict.status] += 1

    def show(self, console: Console) -> None:
        """Print both."""
        statuses = [status for status in STATUSES if self.by_status[status]]
        grid = Grid("source", "rows", *statuses)
        ranked = sorted(self.by_source.items(), key=lambda item: (-item[1].total(), item[0]))
        for source, counted in ranked[:MOST_SOURCES]:
            grid.add_row(source or "(none)", str(counted.total()), *(str(counted[status]) for status in statuses))
        if rest := ranked[MOST_SOURCES:]:
            other = sum((counted for _, counted in rest), Counter[str]())
            grid.add_row(f"({len(rest)} more)", str(other.total()), *(str(other[status]) for status in statuses))
        grid.add_section()
        grid.add_row("all", str(self.by_status.total()), *(str(self.by_status[status]) for status in statuses))
        console.print(grid)


def verdicts_of(door: Door, chunk: Chunk, pushed: Pushed | None) -> Iterator[Verdict]:
    """A verdict for every row of a chunk, in the order of the file."""
    refused: dict[int, list[str]] = {}
    items: dict[int, dict[str, Any]] = {}
    if pushed is not None:
        for error in pushed.errors:
            refused.setdefault(error["row"], []).append(f"{error['pointer']} {error['message']}".strip())
        items = {item["row"]: item for item in _items(door, pushed.batch_id)}
    line = 0
    for row in chunk.rows:
        if row.wrong:
            yield Verdict(row, "rejected", reason=row.wrong)
            continue
        line += 1
        item = items.get(line)
        if item is None:
            yield Verdict(row, "rejected", reason="; ".join(refused.get(line, ["refused by the service"])))
            continue
        known = {name: item.get(name) or "" for name in ("submission_id", "lead_id", "reason")}
        yield Verdict(row, item["status"], **known)


def _items(door: Door, batch_id: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = door.batch(batch_id, limit=PAGE, cursor=cursor)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def write_verdicts(path: Path, verdicts: Iterator[Verdict]) -> Totals:
    """Write the file, whole or not at all; answers the totals."""
    totals = Totals()
    temporary = path.with_name(path.name + ".part")
    try:
        # The mark at the beginning lets a spreadsheet read Vietnamese letters.
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for verdict in verdicts:
                totals.count(verdict)
                external_id = str(verdict.row.lead.get("external_id", ""))
                cells = (external_id, verdict.submission_id, verdict.status, verdict.lead_id, verdict.reason)
                writer.writerow([verdict.row.number, *map(_harmless, cells)])
        os.replace(temporary, path)
    except OSError as error:
        raise Trouble(f"the verdicts cannot be written to {path}: {error.strerror}") from error
    return totals


def _harmless(cell: str) -> str:
    """A spreadsheet must not take what somebody else wrote for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

"""A file cut into chunks, each a request; the same file and size always give the same chunks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from deploy.push_leads.mapping import Mapping
from deploy.push_leads.table import Table

# The service takes 20 MiB; less keeps a lost connection cheap.
MOST_BYTES = 8 << 20


@dataclass(frozen=True)
class Row:
    """One row of the file, counted from 1 below the header: a lead to push, or ``wrong`` says why it is none."""

    number: int
    lead: dict[str, Any]
    wrong: str = ""


@dataclass
class Chunk:
    """Rows that travel together. ``number`` counts from 1."""

    number: int
    rows: list[Row] = field(default_factory=list)
    lines: bytearray = field(default_factory=bytearray)

    @property
    def pushed(self) -> list[Row]:
        """The rows that are sent, in the order of their lines."""
        return [row for row in self.rows if not row.wrong]


def chunks(table: Table, mapping: Mapping, rows_at_once: int) -> Iterator[Chunk]:
    """The whole file, chunk by chunk."""
    chunk = Chunk(1)
    for number, cells in enumerate(table.read(), 1):
        row = _row(number, cells, len(table.columns), mapping)
        line = b"" if row.wrong else orjson.dumps(row.lead) + b"\n"
        if len(chunk.rows) == rows_at_once or (chunk.rows and len(chunk.lines) + len(line) > MOST_BYTES):
            yield chunk
            chunk = Chunk(chunk.number + 1)
        chunk.rows.append(row)
        chunk.lines += line
    if chunk.rows:
        yield chunk


def _row(number: int, cells: list[str], columns: int, mapping: Mapping) -> Row:
    lead = mapping.lead(cells)
    if any(cell.strip() for cell in cells[columns:]):
        return Row(number, lead, f"the row has {len(cells)} cells, the header {columns}")
    return Row(number, lead)

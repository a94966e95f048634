"""Many leads pushed at once, and which submission each row became."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from services.channels.intake.model import Facts
from services.channels.model import Base

MOST_ROWS = 10_000
# What was wrong with more rows than this is counted, not told: nobody reads it, and an answer must stay small.
ERRORS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: ``number`` counts from 1, as a spreadsheet does; ``raw`` is its text as it came."""

    number: int
    external_id: str | None
    facts: Facts
    raw: str


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one field of one row; ``pointer`` is a JSON pointer inside that row."""

    row: int
    pointer: str
    message: str


@dataclass(slots=True)
class Rows:
    """A batch as it was read. ``errors`` holds the first of what was wrong, ``errors_total`` counts it all."""

    good: list[Row]
    rejected: int
    errors: list[RowError]
    errors_total: int


class Batch(Base):
    """A batch that was pushed."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    partner_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    errors_total: Mapped[int] = mapped_column(Integer)


class BatchRow(Base):
    """Several rows, and rows of several batches, may have become the same submission."""

    __tablename__ = "batch_rows"

    batch_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey(Batch.id), primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    submission_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))


batches = Base.metadata.tables["batches"]
batch_rows = Base.metadata.tables["batch_rows"]

"""Taking in a batch: all good rows or, should anything fail, none."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.event import Event
from chassis.ids import new_id
from chassis.outbox import emit_many
from chassis.rows import insert_rows
from services.channels.batches.model import Row, Rows, batch_rows, batches
from services.channels.intake.actions import change_of, new_row, received, updated
from services.channels.intake.model import Capture, submissions
from services.channels.intake.statements import insert_submissions, select_known

T = TypeVar("T")

# Few enough for one statement of either engine, many enough that round trips do not count.
SLICE = 1_000


def receive_batch(tx: Session, partner_id: str, *, rows: Rows, headers: dict[str, str]) -> str:
    """Take in the good rows; answers the batch's id.

    ``received_at`` rises by a microsecond a row, so that of two rows about one person the first one counts as first.
    Rows that share an ``external_id`` are one submission, which says what the last of them says.
    """
    now = utcnow()
    batch = {"id": new_id(), "partner_id": partner_id, "received_at": now}
    counts = {"accepted": len(rows.good), "rejected": rows.rejected, "errors_total": rows.errors_total}
    tx.execute(batches.insert(), {**batch, **counts, "errors": [asdict(error) for error in rows.errors]})
    arrivals = _Arrivals(partner_id, headers, now)
    for row in rows.good:
        arrivals.add(row)
    arrivals.store(tx)
    links = [
        {"batch_id": batch["id"], "row": row.number, "submission_id": arrivals.submission_of(row)} for row in rows.good
    ]
    insert_rows(tx, batch_rows, links)
    return str(batch["id"])


class _Arrivals:
    """The submissions that the rows of one batch amount to."""

    def __init__(self, partner_id: str, headers: dict[str, str], now: datetime) -> None:
        self.partner_id, self.headers, self.now = partner_id, headers, now
        self.rows: list[dict[str, Any]] = []
        self._named: dict[str, dict[str, Any]] = {}
        self._ids: dict[int, dict[str, Any]] = {}

    def _capture(self, raw: str) -> Capture:
        return Capture(raw, self.headers.get("content-type", "")[:200], self.headers)

    def add(self, row: Row) -> None:
        capture = self._capture(row.raw)
        twin = self._named.get(row.external_id) if row.external_id is not None else None
        if twin is not None:
            twin.update(facts=row.facts, raw=row.raw)
            self._ids[row.number] = twin
            return
        at = self.now + timedelta(microseconds=row.number)
        new = new_row("partner", row.facts, capture, at, partner_id=self.partner_id, external_id=row.external_id)
        self.rows.append(new)
        self._ids[row.number] = new
        if row.external_id is not None:
            self._named[row.external_id] = new

    def submission_of(self, row: Row) -> str:
        return str(self._ids[row.number]["id"])

    def store(self, tx: Session) -> None:
        """Insert what is new, update what is known and now says something else, and announce both."""
        # By external id, so that two batches about the same people lock them in the same order.
        ordered = sorted(self.rows, key=lambda row: row["external_id"] or "")
        new = {found for some in _slices(ordered) for found in insert_submissions(tx, some)}
        self._update_known(tx, [row for row in ordered if row["id"] not in new])
        _announce(tx, [received(row) for row in self.rows if row["id"] in new])

    def _update_known(self, tx: Session, rows: Sequence[dict[str, Any]]) -> None:
        changes, news = [], []
        for some in _slices(rows):
            known = tx.execute(select_known(self.partner_id, [row["external_id"] for row in some]))
            by_name = {each.external_id: dict(each._mapping) for each in known}
            for row in some:
                before = by_name[row["external_id"]]
                row["id"] = before["id"]
                if row["facts"] != before["facts"]:
                    capture = self._capture(row["raw"])
                    changes.append({"known_id": before["id"], **change_of(row["facts"], capture, self.now)})
                    news.append(updated(before, row["facts"]))
        if changes:
            tx.execute(update(submissions).where(submissions.c.id == bindparam("known_id")), changes)
        _announce(tx, news)


def _announce(tx: Session, news: Sequence[Event]) -> None:
    for some in _slices(news):
        emit_many(tx, [(event, None) for event in some])


def _slices(items: Sequence[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while some := list(islice(remaining, SLICE)):
        yield some

"""Sends what the outbox holds, in order per subject, again until it is confirmed. One active relay per service.

Claim a batch, publish, mark: three steps, and no transaction is open while talking to the bus. A relay that dies
between publish and mark leaves rows unsent; its successor sends them again and the inboxes drop the twins.
"""

import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from chassis import fast, leases, metrics
from chassis.clock import db_later, db_now, utcnow
from chassis.database import is_away
from chassis.gather import pause_s
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.service import Node
from chassis.transport import BusAway, Letter, Outcome, Transport

log = structlog.get_logger(__name__)

# The lease outlives a publish that hangs until its timeout, so a standby never sends beside a living relay.
# Not much longer: whoever follows a relay that was killed waits for its end, and so does everybody's news.
LEASE_TTL_S = 10.0
LEASE_MARGIN_S = 7.0
# A publish may take this long; the lease must outlive it.
PUBLISH_S = 6.0
RETURNS_BEFORE_PARKING = 6
IDLE_S = 1.0


class OutboxRow(NamedTuple):
    """What the relay needs of an outbox row."""

    position: int
    id: str
    type: str
    subject: str
    envelope: str
    attempts: int


# PostgreSQL's form of ``_unsent`` and of the mark: both run for each batch, and composing them costs more than they do.
_UNSENT = (
    "SELECT position, CAST(id AS text), type, subject, envelope, attempts FROM outbox"
    " WHERE sent_at IS NULL AND parked_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM outbox delayed WHERE delayed.subject = outbox.subject"
    " AND delayed.sent_at IS NULL AND delayed.parked_at IS NULL"
    " AND delayed.retry_at IS NOT NULL AND delayed.retry_at > clock_timestamp())"
    "{lease} ORDER BY position LIMIT %(limit)s"
)
_UNSENT_BY_ANYBODY = _UNSENT.format(lease="")
_UNSENT_BY_THE_HOLDER = _UNSENT.format(
    lease=" AND EXISTS (SELECT 1 FROM leases WHERE name = 'relay' AND holder = %(holder)s"
    " AND expires_at > clock_timestamp() + %(margin)s * interval '1 second')"
)
_SENT = "UPDATE outbox SET sent_at = %(now)s WHERE position = ANY(%(positions)s)"


class Relay:
    """The relay of one service. ``step`` sends one batch; ``run`` goes on until told to stop."""

    def __init__(self, node: Node, transport: Transport, *, batch: int = 500, holder: str | None = None) -> None:
        self.node = node
        self.transport = transport
        self.batch = batch
        self.standby = False
        # Until then the lease was ours when last taken; what really counts is asked with every claim.
        self._sure_until = 0.0
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}:{new_id()[-6:]}"

    def run(self, stop: threading.Event) -> None:
        """Send until ``stop`` is set. Survives an absent bus and an absent database."""
        pause = 0.5
        while not stop.is_set():
            self.node.outbox_filled.clear()
            try:
                sent = self.step()
                pause = 0.5
            except BusAway as error:
                log.warning("bus away", service=self.node.name, reason=str(error), retry_in_s=pause)
                stop.wait(pause)
                pause = min(pause * 2, 3.0)
                continue
            except Exception as error:
                if not is_away(error):
                    log.exception("relay step failed", service=self.node.name)
                stop.wait(1.0)
                continue
            if self.standby:
                stop.wait(IDLE_S)
            elif sent == 0 and not stop.is_set():
                self.node.outbox_filled.wait(IDLE_S)
            elif sent < self.batch // 2:
                # Let a few more gather: one batch of twenty costs less than twenty of one.
                stop.wait(pause_s(sent))
        self._release()

    def step(self) -> int:
        """Send one batch; answers how many rows were handled. 0 also when another relay holds the lease."""
        began = time.perf_counter()
        rows = self._claim()
        if not rows:
            return 0
        outcomes = self.transport.publish([Letter(row.id, row.type, row.envelope) for row in rows])
        self._mark(rows, outcomes)
        metrics.outbox_publish.labels(self.node.name).observe(time.perf_counter() - began)
        return len(rows)

    def _claim(self) -> Sequence[OutboxRow]:
        """Unsent rows in outbox order, without the subjects whose earlier row waits to be sent again."""
        self.standby = False
        if time.monotonic() < self._sure_until:
            rows = self._read(only_with_lease=True)
            if rows:
                return rows
        rows = self._read(only_with_lease=False)
        if not rows:
            return rows
        began = time.monotonic()
        with self.node.db.begin() as tx:
            self.standby = not leases.take(tx, "relay", self.holder, LEASE_TTL_S)
        if self.standby:
            return ()
        self._sure_until = began + LEASE_TTL_S - LEASE_MARGIN_S
        # Read again: what another relay sent until its lease ran out is marked by now, or will be sent twice at worst.
        return self._read(only_with_lease=True)

    def _read(self, *, only_with_lease: bool) -> list[OutboxRow]:
        with self.node.db.read() as tx:
            if not fast.is_fast(tx):
                return [OutboxRow(*row) for row in tx.execute(self._unsent(tx, only_with_lease=only_with_lease))]
            if only_with_lease:
                values = {"holder": self.holder, "margin": PUBLISH_S, "limit": self.batch}
                rows = fast.run(tx, _UNSENT_BY_THE_HOLDER, values)
            else:
                rows = fast.run(tx, _UNSENT_BY_ANYBODY, {"limit": self.batch})
        return [OutboxRow(*row) for row in rows]

    def _unsent(self, tx: Session, *, only_with_lease: bool) -> Select[int, str, str, str, str, int]:
        """One statement looks at the lease, by the database's clock, and at the rows: the check is in the claim."""
        now, delayed = db_now(tx), outbox.alias("delayed")
        waits = select(delayed.c.position).where(
            delayed.c.subject == outbox.c.subject,
            delayed.c.sent_at.is_(None),
            delayed.c.parked_at.is_(None),
            delayed.c.retry_at.is_not(None),
            delayed.c.retry_at > now,
        )
        query = (
            select(
                outbox.c.position, outbox.c.id, outbox.c.type, outbox.c.subject, outbox.c.envelope, outbox.c.attempts
            )
            .where(outbox.c.sent_at.is_(None), outbox.c.parked_at.is_(None), ~waits.exists())
            .order_by(outbox.c.position)
            .limit(self.batch)
        )
        if not only_with_lease:
            return query
        lease = leases.leases
        return query.where(
            select(lease.c.name)
            .where(lease.c.name == "relay", lease.c.holder == self.holder, lease.c.expires_at > db_later(tx, PUBLISH_S))
            .exists()
        )

    def _mark(self, rows: Sequence[OutboxRow], outcomes: Sequence[Outcome]) -> None:
        sent = [row.position for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.SENT]
        failed = [(row, outcome) for row, outcome in zip(rows, outcomes, strict=True) if outcome is not Outcome.SENT]
        with self.node.db.begin() as tx:
            if sent and fast.is_fast(tx):
                fast.run(tx, _SENT, {"now": utcnow(), "positions": sent})
            elif sent:
                tx.execute(update(outbox).where(outbox.c.position.in_(sent)).values(sent_at=utcnow()))
            for row, outcome in failed:
                self._postpone(tx, row, outcome)
        metrics.outbox_sent.labels(self.node.name).inc(len(sent))

    def _postpone(self, tx: Session, row: OutboxRow, outcome: Outcome) -> None:
        attempts = row.attempts + 1
        values: dict[str, object] = {"attempts": attempts, "reason": outcome.value}
        if outcome is Outcome.UNROUTABLE and attempts >= RETURNS_BEFORE_PARKING:
            values["parked_at"] = utcnow()
            metrics.outbox_parked.labels(self.node.name).inc()
            log.error("event parked: no queue takes it", service=self.node.name, event_id=row.id, type=row.type)
        else:
            values["retry_at"] = utcnow() + timedelta(seconds=min(2.0**attempts, 60.0) * self.node.settings.retry_scale)
        counter = metrics.outbox_returned if outcome is Outcome.UNROUTABLE else metrics.outbox_nacked
        counter.labels(self.node.name).inc()
        # Not if our lease ran out meanwhile and another relay has sent it.
        this = update(outbox).where(outbox.c.position == row.position, outbox.c.sent_at.is_(None))
        tx.execute(this.values(values))

    def _release(self) -> None:
        try:
            with self.node.db.begin() as tx:
                leases.release(tx, "relay", self.holder)
        except Exception as error:  # the lease ends by itself
            log.warning("lease not released", service=self.node.name, reason=type(error).__name__)


def backlog(tx: Session) -> tuple[int, float]:
    """How many events are unsent (counted to 10,000) and when the oldest happened (seconds since 1970, 0 when none)."""
    unsent = (
        select(outbox.c.created_at)
        .where(outbox.c.sent_at.is_(None), outbox.c.parked_at.is_(None))
        .order_by(outbox.c.position)
        .limit(10_000)
        .subquery()
    )
    count, oldest = tx.execute(select(func.count(), func.min(unsent.c.created_at))).one()
    return count, oldest.timestamp() if oldest else 0.0

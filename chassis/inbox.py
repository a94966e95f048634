"""What a service has heard and what became of it: one row per (event, reaction), and how far each subject has got.

States: ``pending → done | retry | waiting | parked → done | dropped``. The envelope is kept while a row is not done.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, Uuid, false

from chassis.clock import UtcDateTime
from chassis.database import chassis_metadata


class State(StrEnum):
    """Where one reaction to one event stands."""

    PENDING = "pending"
    RETRY = "retry"
    WAITING = "waiting"
    PARKED = "parked"
    DONE = "done"
    DROPPED = "dropped"


# A reason that begins so: a strict event whose predecessor never came. It runs by itself if that comes after all.
GAP = "gap:"
OPEN = (State.PENDING, State.RETRY, State.WAITING, State.PARKED)
DUE = (State.PENDING, State.RETRY)

inbox = Table(
    "inbox",
    chassis_metadata,
    Column("event_id", Uuid(as_uuid=False), primary_key=True),
    Column("reaction", String(100), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("envelope", Text),
    # attempts: tries that ended in an error. starts: claims since then; a claim that never ends killed its process.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("starts", Integer, nullable=False, server_default="0"),
    Column("forced", Boolean, nullable=False, server_default=false()),
    Column("next_attempt_at", UtcDateTime),
    Column("reason", Text),
    Column("received_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime),
)

_due = inbox.c.state.in_(DUE)
_open = inbox.c.state.in_(OPEN)
_closed = inbox.c.handled_at.is_not(None)
Index("inbox_due", inbox.c.next_attempt_at, postgresql_where=_due, sqlite_where=_due)
Index(
    "inbox_open",
    inbox.c.reaction,
    inbox.c.source,
    inbox.c.subject,
    inbox.c.sequence,
    postgresql_where=_open,
    sqlite_where=_open,
)
Index("inbox_open_state", inbox.c.state, inbox.c.received_at, postgresql_where=_open, sqlite_where=_open)
Index("inbox_handled", inbox.c.handled_at, postgresql_where=_closed, sqlite_where=_closed)

cursors = Table(
    "cursors",
    chassis_metadata,
    Column("reaction", String(100), primary_key=True),
    Column("source", String(200), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

undecodable = Table(
    "undecodable",
    chassis_metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("dropped_at", UtcDateTime),
)
Index("undecodable_received", undecodable.c.received_at)

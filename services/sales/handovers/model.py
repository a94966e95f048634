"""A handover as sales works through it: what it was told, which customer goes to whom, and what became of each record.

Nothing here belongs to one owner: whoever reads it through a route sees what they may see of the records themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from chassis.clock import UtcDateTime
from services.sales.tables import Base, Json

# ``counts`` by kind of record, as events show them; ``given``: how many customers each has got so far, by user id.
handovers = Table(
    "handovers",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("from_user_id", Uuid(as_uuid=False), nullable=False),
    Column("shares", Json, nullable=False),
    Column("note", Text),
    Column("phase", String(10), nullable=False),
    Column("counts", Json, nullable=False),
    Column("given", Json, nullable=False),
)

# All that is one customer's goes to one person. ``place``: in which order the customers were given.
handover_customers = Table(
    "handover_customers",
    Base.metadata,
    Column("handover_id", Uuid(as_uuid=False), ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True),
    Column("ref", String(120), primary_key=True),
    Column("to_user_id", Uuid(as_uuid=False), nullable=False),
    Column("place", Integer, nullable=False),
)
Index("handover_customers_place", handover_customers.c.handover_id, handover_customers.c.place)
Index(
    "handover_customers_to_user_id",
    handover_customers.c.handover_id,
    handover_customers.c.to_user_id,
    handover_customers.c.place,
)

# Every record that was moved, so that it can go back. ``outcome``: moved, and after an undo returned or kept.
handed_over = Table(
    "handed_over",
    Base.metadata,
    Column("handover_id", Uuid(as_uuid=False), ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True),
    Column("noun", String(20), primary_key=True),
    Column("record_id", Uuid(as_uuid=False), primary_key=True),
    Column("from_team_id", Uuid(as_uuid=False)),
    Column("to_user_id", Uuid(as_uuid=False), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(10), nullable=False),
)
_moved = handed_over.c.outcome == "moved"
Index(
    "handed_over_to_return",
    handed_over.c.handover_id,
    handed_over.c.noun,
    handed_over.c.record_id,
    postgresql_where=_moved,
    sqlite_where=_moved,
)


def next_in_turn(shares: Sequence[Mapping[str, Any]], given: Mapping[str, int]) -> str:
    """Who gets the next customer: whoever would still be furthest behind their share with it."""
    behind = min(shares, key=lambda each: ((given.get(each["to_user_id"], 0) + 1) / each["share"], each["to_user_id"]))
    return str(behind["to_user_id"])

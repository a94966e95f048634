"""A handover as activities works through it, and what became of each planned activity."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, Uuid

from chassis.clock import UtcDateTime
from services.activities.tables import Base, Json

# Begun when the request and sales' word that it is through are both here, whichever came first: then the records that
# activities are about have their new owners.
handovers = Table(
    "handovers",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("from_user_id", Uuid(as_uuid=False)),
    Column("shares", Json),
    Column("note", Text),
    Column("sales_done", Boolean, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("counts", Json, nullable=False),
)

handed_over = Table(
    "handed_over",
    Base.metadata,
    Column("handover_id", Uuid(as_uuid=False), ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True),
    Column("activity_id", Uuid(as_uuid=False), primary_key=True),
    Column("from_team_id", Uuid(as_uuid=False)),
    Column("to_user_id", Uuid(as_uuid=False), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(10), nullable=False),
)
_moved = handed_over.c.outcome == "moved"
Index(
    "handed_over_to_return",
    handed_over.c.handover_id,
    handed_over.c.activity_id,
    postgresql_where=_moved,
    sqlite_where=_moved,
)

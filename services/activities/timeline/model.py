"""The entries of every timeline: one for each event, under the record that it is about."""

from sqlalchemy import Column, Index, String, Table, Uuid

from chassis.clock import UtcDateTime
from services.activities.records.model import Reference
from services.activities.tables import Base, Json

# Nothing about a person is in here: who it was stands in the records that the references name.
entries = Table(
    "entries",
    Base.metadata,
    Column("event_id", Uuid(as_uuid=False), primary_key=True),
    Column("subject", Reference, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(200), nullable=False),
    Column("actor", String(200)),
    Column("details", Json, nullable=False),
)
Index("entries_subject", entries.c.subject, entries.c.at, entries.c.event_id)

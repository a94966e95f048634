"""The people who work here, as far as sales needs to know them: a copy of what the gateway announces."""

from sqlalchemy import Boolean, Column, Index, String, Table, Uuid

from services.sales.tables import Base, Json

people = Table(
    "people",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("name", String(300), nullable=False),
    Column("roles", Json, nullable=False),
    Column("team_id", Uuid(as_uuid=False)),
    Column("active", Boolean, nullable=False),
    # A salesperson who works here now: new leads are handed to these.
    Column("takes_leads", Boolean, nullable=False),
)
_takes = people.c.takes_leads.is_(True)
Index("people_taking_leads", people.c.id, postgresql_where=_takes, sqlite_where=_takes)

"""The people who work here, as far as the service desk needs to know them: a copy of what the gateway announces."""

from sqlalchemy import Boolean, Column, String, Table, Uuid

from services.service_desk.tables import Base

people = Table(
    "people",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("name", String(300), nullable=False),
    Column("team_id", Uuid(as_uuid=False)),
    Column("manager_id", Uuid(as_uuid=False)),
    Column("active", Boolean, nullable=False),
)

"""What is known here of records that sales has: customers, orders and products, by name."""

from sqlalchemy import Boolean, Column, String, Table, Uuid

from services.service_desk.tables import Base

records = Table(
    "records",
    Base.metadata,
    # ``account:<id>``, ``contact:…``, ``order:…``, ``product:…``, as the subjects of events.
    Column("ref", String(120), primary_key=True),
    Column("name", String(300), nullable=False),
    # Of a contact their account, if they have one.
    Column("account_id", Uuid(as_uuid=False)),
    Column("owner_id", Uuid(as_uuid=False)),
    Column("team_id", Uuid(as_uuid=False)),
    Column("deleted", Boolean, nullable=False),
)

"""Names of users and partners, as the gateway announces them."""

from sqlalchemy import Column, String, Table, Uuid

from services.insight.tables import Base

people = Table(
    "people",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("name", String(300), nullable=False),
)

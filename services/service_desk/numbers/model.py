"""How far each series of numbers has got in each year."""

from sqlalchemy import Column, Integer, String, Table

from services.service_desk.tables import Base

number_counters = Table(
    "number_counters",
    Base.metadata,
    Column("series", String(10), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

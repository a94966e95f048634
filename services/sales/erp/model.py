"""How our documents stand in the ERP: a copy of what the bridge announces."""

from sqlalchemy import Column, String, Table, Uuid

from services.sales.tables import Base, Json

erp_documents = Table(
    "erp_documents",
    Base.metadata,
    Column("type", String(20), primary_key=True),
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("reason", String(2000)),
    # The same by language.
    Column("reasons", Json),
    Column("erp_number", String(200)),
    Column("connection_id", String(200), nullable=False),
    Column("connection", String(300), nullable=False),
)

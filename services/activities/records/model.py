"""What this service knows of everybody's records: who owns each, and which belong to whose story."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Uuid

from services.activities.tables import Base

Reference = String(120)
"""``<noun>:<id>``, as the subjects of events; an ERP's document is ``erp_document:<noun>:<id>``."""

records = Table(
    "records",
    Base.metadata,
    Column("ref", Reference, primary_key=True),
    # Of the newest event that was taken in: an older one that comes late changes nothing.
    Column("sequence", BigInteger, nullable=False),
    Column("owner_id", Uuid(as_uuid=False)),
    Column("team_id", Uuid(as_uuid=False)),
    Column("deleted", Boolean, nullable=False),
)

# What happens to the child is part of the parent's story. ``told_by`` is the record whose state says so, and takes it
# back when its state says otherwise; LASTING is what one event said once and for all.
LASTING = ""
links = Table(
    "links",
    Base.metadata,
    Column("parent", Reference, primary_key=True),
    Column("child", Reference, primary_key=True),
    Column("told_by", Reference, primary_key=True),
)
Index("links_told_by", links.c.told_by)

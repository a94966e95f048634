"""The durable record of everything that happened, in the order in which it became visible."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid

from chassis.clock import UtcDateTime
from services.channels.model import Base

# Positions are given out under one lock that is held until commit: who has seen a position has seen all below it.
WRITER = "channels.feed"

feed = Table(
    "feed",
    Base.metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", Uuid(as_uuid=False), nullable=False, unique=True),
    Column("type", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("correlation_id", String(200), nullable=False),
    Column("envelope", Text, nullable=False),
    # Positions of forgotten events must never be given out again: a cursor may still stand there.
    sqlite_autoincrement=True,
)
# The operator class lets `sales.%` use the index whatever the database's collation.
Index("feed_type", feed.c.type, feed.c.position, postgresql_ops={"type": "varchar_pattern_ops"})
Index("feed_subject", feed.c.subject, feed.c.position)
Index("feed_correlation", feed.c.correlation_id, feed.c.position)

# Which records belong to one journey: a submission to its lead, that to its opportunity, an order and its invoice to
# theirs. Never a customer, to whom many journeys belong. Only added to.
Reference = String(120)
journey_links = Table(
    "journey_links",
    Base.metadata,
    Column("parent", Reference, primary_key=True),
    Column("child", Reference, primary_key=True),
)
Index("journey_links_child", journey_links.c.child)

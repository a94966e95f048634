"""What reports count: a row for each lead, opportunity, order and invoice as it is now, and nothing about a person."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Uuid

from chassis.clock import UtcDateTime
from chassis.money import Amount
from services.insight.tables import Base

# One writer at a time, until it commits: whoever stores a record looks up what it came from and what came of it.
WRITER = "insight.facts"

LEAD, OPPORTUNITY, ORDER, INVOICE = "lead", "opportunity", "order", "invoice"

# ``parent_id``: an invoice's order, its opportunity, its lead. ``source``, ``campaign``, ``partner_id`` and ``day`` are
# those of the first of them that is known; what begins with ``own_`` is the record's own word, for when it has none.
facts = Table(
    "facts",
    Base.metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", String(11), nullable=False),
    Column("parent_id", Uuid(as_uuid=False)),
    Column("owner_id", Uuid(as_uuid=False)),
    Column("team_id", Uuid(as_uuid=False)),
    Column("source", String(200)),
    Column("campaign", String(200)),
    Column("partner_id", Uuid(as_uuid=False)),
    # Days since 1970 by the company's calendar.
    Column("day", Integer, nullable=False),
    Column("own_source", String(200)),
    Column("own_campaign", String(200)),
    Column("own_partner_id", Uuid(as_uuid=False)),
    Column("own_day", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("qualified", Integer, nullable=False),
    Column("currency", String(3)),
    Column("amount", Amount, nullable=False),
    Column("paid", Amount, nullable=False),
    # Whether a report counts it: a lead or a won opportunity that is not deleted, a document that is no draft.
    Column("counts", Boolean, nullable=False),
    # The time of the event that said so.
    Column("told_at", UtcDateTime, nullable=False),
)
Index("facts_parent", facts.c.parent_id)
Index("facts_told_at", facts.c.told_at)
_counts = facts.c.counts.is_(True)
Index("facts_rows", facts.c.kind, facts.c.created_at, facts.c.id, postgresql_where=_counts, sqlite_where=_counts)
# Each answers its report alone, in the order in which it is grouped: 100,000 leads are counted without a look into
# the table and without sorting.
_FIGURES = (
    facts.c.kind,
    facts.c.currency,
    facts.c.day,
    facts.c.qualified,
    facts.c.amount,
    facts.c.paid,
    facts.c.counts,
)
for _by in (facts.c.source, facts.c.campaign, facts.c.partner_id):
    Index(f"facts_{_by.name}", _by, *_FIGURES, postgresql_where=_counts, sqlite_where=_counts)
Index(
    "facts_owner_id",
    facts.c.owner_id,
    *_FIGURES,
    facts.c.source,
    postgresql_where=_counts,
    sqlite_where=_counts,
)

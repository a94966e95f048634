"""Leases: one process at a time does what bears this name, and one that dies gives it up by doing nothing."""

from sqlalchemy import Column, String, Table, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import UtcDateTime, db_later, db_now
from chassis.database import chassis_metadata

leases = Table(
    "leases",
    chassis_metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)


def take(tx: Session, name: str, holder: str, ttl_s: float) -> bool:
    """Take or renew the lease for ``ttl_s`` seconds from now; False while somebody else's has not run out.

    It counts from this transaction's commit. The holder must take its own last renewal as older than it seems (ask
    again before ``ttl_s / 2``), because it cannot know how long it was stopped in between.
    """
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    base = insert(leases).values(name=name, holder=holder, expires_at=db_later(tx, ttl_s))
    # One statement: between a SELECT and an UPDATE there is room for two holders.
    upsert = base.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": base.excluded.holder, "expires_at": base.excluded.expires_at},
        where=or_(leases.c.holder == base.excluded.holder, leases.c.expires_at <= db_now(tx)),
    ).returning(leases.c.name)
    return tx.execute(upsert).first() is not None


def release(tx: Session, name: str, holder: str) -> None:
    """Give the lease up, so that the next one need not wait for its end. Nothing happens when it is not ours."""
    tx.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))

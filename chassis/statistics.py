"""Keeps PostgreSQL's planner informed: tables that have changed much are looked at again within a minute.

A list among 100,000 rows just imported reads all of them while the planner takes the table for empty. Autovacuum comes
for that too, but only once a minute through all databases, and where it is switched off it never comes.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.jobs import every
from chassis.service import Node

EVERY_S = 60
# Below this a wrong plan costs nothing that anybody would notice.
FEW_ROWS = 1_000
CHANGED_SHARE = 0.2

_CHANGED = text(
    "SELECT relname FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema() AND n_mod_since_analyze > :few + :share * n_live_tup"
    " ORDER BY n_mod_since_analyze DESC"
)


def refresh_statistics(node: Node) -> None:
    """Have PostgreSQL look again at each table that has changed by a fifth; SQLite needs none of it."""
    if node.db.dialect != "postgresql":
        return
    with node.db.read() as tx:
        tables = changed_tables(tx)
    for table in tables:
        with node.db.begin() as tx:
            as_system(tx, "statistics for the planner")  # tables whose rows have owners are among them
            quoted = tx.connection().dialect.identifier_preparer.quote(table)
            tx.execute(text(f"ANALYZE {quoted}"))


def changed_tables(tx: Session) -> Sequence[str]:
    """The tables whose statistics no longer say what is in them, the most changed first."""
    return tx.scalars(_CHANGED, {"few": FEW_ROWS, "share": CHANGED_SHARE}).all()


STATISTICS = (every(EVERY_S, "chassis.refresh_statistics", run_long=refresh_statistics),)

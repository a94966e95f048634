"""The place where a projection is made anew: empty tables, which the reaction takes for the live ones.

On PostgreSQL a schema of its own that is the whole search path; on SQLite a file of its own. Inbox and cursors are
there too, so that ``deliver`` keeps each event's once-only effect and the reaction's order, exactly as it does live.
What the reaction touches beyond its projection is not there, and fails instead of being done twice.
"""

import fcntl
import hashlib
import inspect
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    event,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy import inspect as inspect_database
from sqlalchemy.orm import Session

from chassis.inbox import cursors, inbox
from chassis.service import Node, Reaction
from deploy.trouble import Trouble

# How far the replay has got, and what it was made with.
progress = Table(
    "rebuild_progress",
    MetaData(),
    Column("fingerprint", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
# A missing parent arrives a slice later, not an hour: all tries of a failing event take half a second.
RETRY_SCALE = 0.00002


class Shadow:
    """An open shadow; ``node`` is the service, with the one reaction, on the shadow tables."""

    def __init__(self, live: Node, reaction: Reaction) -> None:
        self.live = live
        self.reaction = reaction
        self.name = "rebuild_" + reaction.name.replace(".", "_")
        self.tables: tuple[Table, ...] = (*reaction.projection, inbox, cursors)
        self.node = self._open()

    def position(self) -> int:
        """The feed's position up to which everything has been replayed."""
        with self.node.read() as tx:
            return tx.scalar(select(progress.c.position)) or 0

    def reached(self, position: int) -> None:
        """Remember how far the replay has got."""
        with self.node.db.begin() as tx:
            tx.execute(update(progress).values(position=position))

    @property
    def _on_postgresql(self) -> bool:
        return self.live.db.dialect == "postgresql"

    @property
    def _file(self) -> Path:
        database = Path(self.live.db.url.database or "")
        return database.with_name(f"{database.stem}.{self.name}.db")

    def _open(self) -> Node:
        changes: dict[str, Any] = {"retry_scale": RETRY_SCALE}
        if not self._on_postgresql:
            changes["database_url"] = f"sqlite:///{self._file}"
        service = replace(self.live.service, reactions=(self.reaction,), routers=(), jobs=())
        node = Node(service, self.live.settings.model_copy(update=changes), pool_size=2)
        event.listen(node.db.engine, "connect", self._look_only_here)
        return node

    def _look_only_here(self, connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        if self._on_postgresql:
            cursor.execute(f"SET search_path TO {self.name}")
            connection.commit()
        else:
            cursor.execute("PRAGMA foreign_keys=OFF")  # a projection may point to tables that are not here
        cursor.close()

    def make(self) -> bool:
        """Make the tables, or keep those of an interrupted run with the same code. True when a run goes on."""
        fingerprint = self._fingerprint()
        with self.node.db.engine.connect() as connection:
            there = inspect_database(connection).has_table(progress.name)
            found = connection.scalar(select(progress.c.fingerprint)) if there else None
        if found == fingerprint:
            return True
        self.drop()
        if self._on_postgresql:
            self._make_schema(fingerprint)
        else:
            self._make_file(fingerprint)
        return False

    def _make_schema(self, fingerprint: str) -> None:
        with self.live.db.engine.begin() as connection:
            live = connection.scalar(select(func.current_schema()))
            connection.exec_driver_sql(f"CREATE SCHEMA {self.name}")
            for table in self.tables:
                connection.exec_driver_sql(
                    f'CREATE TABLE {self.name}."{table.name}" (LIKE "{live}"."{table.name}" INCLUDING ALL)'
                )
        self._begin_progress(fingerprint)

    def _make_file(self, fingerprint: str) -> None:
        with self.live.db.read() as tx:
            definitions = _definitions(tx.connection(), [table.name for table in self.tables])
        with self.node.db.engine.begin() as connection:
            for definition in definitions:
                connection.exec_driver_sql(definition)
        self._begin_progress(fingerprint)

    def _begin_progress(self, fingerprint: str) -> None:
        # Last of all: a shadow without it is a broken one and is made again.
        with self.node.db.engine.begin() as connection:
            progress.create(connection)
            connection.execute(progress.insert(), {"fingerprint": fingerprint, "position": 0})

    def _fingerprint(self) -> str:
        """Other tables, or another reaction, than an interrupted run had: begin anew."""
        with self.live.db.read() as tx:
            looked = inspect_database(tx.connection())
            missing = [table.name for table in self.tables if not looked.has_table(table.name)]
            if missing:
                raise Trouble(f"{self.live.name} has no table {', '.join(missing)}: run `relata migrate` first")
            shape = [(table.name, str(looked.get_columns(table.name))) for table in self.tables]
        react = self.reaction.react or self.reaction.react_many
        code = (react.__qualname__, inspect.getsource(sys.modules[react.__module__])) if react else ()
        made_of = (shape, self.reaction.order, sorted(self.reaction.types), code)
        return hashlib.sha256(repr(made_of).encode()).hexdigest()

    def drop(self) -> None:
        """Take everything away again."""
        if self._on_postgresql:
            with self.live.db.engine.begin() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self.name} CASCADE")
            return
        self.node.db.close()
        for ending in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One rebuild of a projection at a time; raises Trouble when there is another."""
        busy = Trouble(f"{self.reaction.name} is being rebuilt already")
        if self._on_postgresql:
            with self.live.db.engine.connect() as connection:
                if not connection.scalar(select(func.pg_try_advisory_lock(func.hashtext(self.name)))):
                    raise busy
                connection.commit()  # the lock is the session's: it goes with this process, however that ends
                try:
                    yield
                finally:
                    connection.scalar(select(func.pg_advisory_unlock(func.hashtext(self.name))))
            return
        with self._file.with_suffix(".lock").open("w") as guard:
            try:
                fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise busy from error
            try:
                yield
            finally:
                Path(guard.name).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections; what was made stays for the next run."""
        self.node.close()


def _definitions(connection: Connection, tables: Sequence[str]) -> list[str]:
    """How SQLite wrote down these tables and their indexes."""
    master = Table("sqlite_master", MetaData(), Column("type"), Column("tbl_name"), Column("sql"))
    chosen = select(master.c.sql).where(master.c.tbl_name.in_(tables), master.c.sql.is_not(None))
    return list(connection.scalars(chosen.order_by(literal_column("type").desc())))


def rows_of(tx: Session, table: Table, at_once: int = 1_000) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time."""
    for part in tx.execute(select(table)).mappings().partitions(at_once):
        yield [dict(row) for row in part]

"""One database per service, PostgreSQL or SQLite, opened from a URL. Nobody commits but who called ``begin``."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
import psycopg2.extensions
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from chassis.errors import Conflict

chassis_metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)


class ChangedMeanwhile(Conflict):
    """Another transaction changed the record between our reading and our writing; the same work can be run again."""

    code, retryable = "changed_meanwhile", True


class Database:
    """A service's database. ``begin`` writes, ``read`` only looks; both give a Session in one transaction."""

    def __init__(self, url: str, *, pool_size: int = 8, statement_timeout_s: int = 15) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self.engine = self._open(pool_size, statement_timeout_s)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        # SQLite has one writer. Queueing for it here is fair and fast; its own busy handler sleeps up to 100 ms.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None

    def _open(self, pool_size: int, statement_timeout_s: int) -> Engine:
        if self.dialect == "sqlite":
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(
                self.url,
                hide_parameters=True,
                pool_size=pool_size,
                max_overflow=2,
                connect_args={"timeout": 30, "check_same_thread": False},
            )
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        # UTC whatever the server prefers: the year 9999 in a zone to the east is 10000, which Python cannot read back.
        options = (
            f"-c timezone=UTC -c statement_timeout={statement_timeout_s * 1000}"
            " -c idle_in_transaction_session_timeout=60000"
        )
        engine = create_engine(
            self.url,
            json_deserializer=_read_json,
            hide_parameters=True,  # an error's text is stored and logged; the values are people's
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={
                "options": options,
                "connect_timeout": 5,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                # A frozen server must not hold a worker for TCP's own quarter of an hour.
                "tcp_user_timeout": 20000,
            },
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that may write: committed when the block ends, rolled back when it raises."""
        try:
            with self._writer or nullcontext(), self.sessions.begin() as tx:
                yield tx
        except StaleDataError as error:
            raise ChangedMeanwhile("Somebody changed it at the same moment. Try again.") from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only looks; on SQLite it never waits for the writer."""
        with self.sessions() as tx:
            tx.connection(execution_options={"relata_read_only": True})
            yield tx
            tx.rollback()

    def answers(self) -> bool:
        """Whether it can be reached just now; asks it."""
        try:
            with self.read() as tx:
                tx.execute(text("SELECT 1"))
        except Exception as error:
            if is_away(error):
                return False
            raise
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


# Ids are text in all of this product: an object made of each and a text made of that were a fifth of reading a page.
_UUID = psycopg2.extensions.new_type((2950,), "UUID", psycopg2.extensions.UNICODE)
_MORE_THAN_64_BITS = re.compile(r"\d{19}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    psycopg2.extensions.register_type(_UUID, connection)


def _read_json(written: str) -> Any:
    # orjson takes a fifth of the time, but makes a float of a whole number that is too long for it.
    return json.loads(written) if _MORE_THAN_64_BITS.search(written) else orjson.loads(written)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves: see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns writer half-way fails with "database is locked" and no waiting.
    read_only = connection.get_execution_options().get("relata_read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def lock(tx: Session, keys: Sequence[str]) -> None:
    """Hold these names until the transaction ends; taken in one order, so that two batches never deadlock.

    On SQLite a writing transaction already excludes every other one.
    """
    if not keys or tx.get_bind().dialect.name != "postgresql":
        return
    numbers = sorted({_lock_number(key) for key in keys})
    tx.execute(
        text("SELECT count(pg_advisory_xact_lock(k)) FROM unnest(CAST(:keys AS bigint[])) AS k"), {"keys": numbers}
    )


def try_lock(tx: Session, key: str) -> bool:
    """Take this name until the transaction ends, or answer False at once. Always True on SQLite."""
    if tx.get_bind().dialect.name != "postgresql":
        return True
    return bool(tx.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _lock_number(key)}).scalar())


def _lock_number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


_CONFLICTS = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_GONE = {"57P01", "57P02", "57P03", "53300", "08006", "08003", "08000", "08001"}


def is_conflict(error: BaseException) -> bool:
    """Two transactions got in each other's way: the same work, run again, can succeed."""
    if isinstance(error, (ChangedMeanwhile, StaleDataError)):
        return True
    return isinstance(error, DBAPIError) and (
        getattr(error.orig, "pgcode", None) in _CONFLICTS or "database is locked" in str(error.orig)
    )


def is_away(error: BaseException) -> bool:
    """The database cannot be reached just now; the work itself is not at fault."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    code = getattr(error.orig, "pgcode", None)
    if code is not None:
        return code in _GONE
    if isinstance(error, InterfaceError) or error.connection_invalidated:
        return True
    return isinstance(error, OperationalError) and "sqlite" not in type(error.orig).__module__

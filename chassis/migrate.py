"""Brings a service's database to the shape its code expects: the chassis's tables, then the service's own.

Two chains of Alembic versions run in one database, each with its own version table, so that the chassis and a service
move independently. Versions are numbered files in one line (``0001_first.py``, ``0002_….py``), no branches: the newest
is known from the file names, and a start with nothing to do never imports Alembic (a third of a second).

A database *newer* than the code is left alone: during a rolling upgrade old processes restart on it, which is why
every version only adds (expand), and takes away only what no running code names any more (contract).
"""

import fcntl
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from chassis.service import Node, Service
from chassis.settings import Settings

_log = logging.getLogger(__name__)
_LOCK = int.from_bytes(hashlib.blake2b(b"relata migrate", digest_size=8).digest(), "big", signed=True)
# Alembic's ``op`` is one per process: two services' migrations in two threads would write into each other's database.
_one_at_a_time = threading.Lock()


class CannotMigrate(Exception):
    """The database cannot be brought to the expected shape; the message is one line that says why."""


@dataclass(frozen=True)
class Chain:
    """A line of versions: the table that says how far a database is, and the folder of numbered files."""

    table: str
    folder: Path

    @property
    def newest(self) -> str:
        """The number of the last version, or "" when there is none."""
        return max((file.name.split("_")[0] for file in self.folder.glob("[0-9]*_*.py")), default="")


def chains_of(service: Service) -> list[Chain]:
    """The chassis's chain, then the service's own if it has one."""
    own = [Chain("service_version", _versions(service.migrations))] if service.migrations else []
    return [CHASSIS, *own]


def _versions(package: str) -> Path:
    return Path(str(files(package).joinpath("versions")))


CHASSIS = Chain("chassis_version", Path(__file__).parent / "migrations" / "versions")


def migrate(node: Node) -> bool:
    """Bring the node's database up to its code; see ``migrate_service``."""
    return migrate_service(node.service, node.settings)


def migrate_service(service: Service, settings: Settings) -> bool:
    """Create the database if need be and run what is missing. True when there was something to do.

    Safe to repeat and to run in several processes at once: one works, the others wait and find nothing left.
    """
    url = make_url(settings.database_url_of(service.name))
    chains = chains_of(service)
    if not _behind(url, chains):
        return False
    with _one_at_a_time, _exclusively(url) as connection:
        behind = [chain for chain in chains if _version(connection, chain) < chain.newest]
        connection.rollback()
        for chain in behind:
            _upgrade(connection, chain)
            _log.info("%s: %s is at %s", service.name, chain.table, chain.newest)
    return bool(behind)


def pending(node: Node) -> bool:
    """Whether the database lacks a version that this code needs. Raises when the database cannot be asked."""
    return _behind(make_url(node.settings.database_url_of(node.name)), chains_of(node.service))


def _behind(url: URL, chains: list[Chain]) -> bool:
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return True
    try:
        return _lacks(url, chains)
    except OperationalError:
        # When it is there after all, another process has made it since; what else is wrong shows when asked again.
        return _is_missing(url) or _lacks(url, chains)


def _lacks(url: URL, chains: list[Chain]) -> bool:
    with _connect(url, execution_options={"relata_read_only": True}) as connection:
        return any(_version(connection, chain) < chain.newest for chain in chains)


def _version(connection: Connection, chain: Chain) -> str:
    if not inspect(connection).has_table(chain.table):
        return ""
    return str(connection.execute(text(f"SELECT version_num FROM {chain.table}")).scalar() or "")


def _upgrade(connection: Connection, chain: Chain) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)
    script = ScriptDirectory(str(chain.folder), version_locations=[str(chain.folder)])
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": chain.table,
            # Each version commits alone, and on SQLite too it either happens or does not.
            "transaction_per_migration": True,
            "transactional_ddl": True,
            "render_as_batch": connection.dialect.name == "sqlite",
            "on_version_apply": [_check_references],
            "fn": lambda current, _context: script._upgrade_revs("head", current),
        },
    )
    with Operations.context(context):
        context.run_migrations()
    connection.commit()


def _check_references(ctx: Any, **_step: Any) -> None:
    # Foreign keys are off while SQLite rebuilds tables; what they guard is looked at before the version commits.
    if ctx.dialect.name == "sqlite":
        broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken:
            raise CannotMigrate(f"a row of {broken[0]} would point to a missing row of {broken[2]}")


@contextmanager
def _exclusively(url: URL) -> Iterator[Connection]:
    """A connection to the database, made if need be, that no other process migrates meanwhile."""
    if url.get_backend_name() != "sqlite":
        _create_missing(url)
        with _connect(url) as connection, _advisory_lock(connection):
            yield connection
        return
    database = Path(url.database or "")
    database.parent.mkdir(parents=True, exist_ok=True)
    # A file beside the database, because two processes that turn a new one to WAL at once fail each other.
    with database.with_name(database.name + ".migrating").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        with closing(sqlite3.connect(database, timeout=30)) as new:
            new.execute("PRAGMA journal_mode=WAL")
        with _connect(url) as connection:
            yield connection


@contextmanager
def _advisory_lock(connection: Connection) -> Iterator[None]:
    # Of the session, not of a transaction: it must outlive the commit of each version.
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    # An ALTER that waits behind a long query makes every later query wait behind itself: rather give up.
    connection.execute(text("SET lock_timeout = '15s'"))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()


def _create_missing(url: URL) -> None:
    if not _is_missing(url):
        return
    try:
        with _connect(url.set(database="postgres"), isolation_level="AUTOCOMMIT") as connection:
            # Two at once would both find it missing, and the second would fail.
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            if not _exists(connection, url.database):
                quoted = connection.dialect.identifier_preparer.quote(url.database or "")
                connection.execute(text(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'"))
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise CannotMigrate(f"database {url.database} does not exist and cannot be created: {reason}") from error


def _is_missing(url: URL) -> bool:
    # Asked, not read from the refusal: that has no code, and its text is in the server's language.
    if url.get_backend_name() == "sqlite":
        return False
    try:
        with _connect(url.set(database="postgres")) as connection:
            return not _exists(connection, url.database)
    except OperationalError:
        return False


def _exists(connection: Connection, database: str | None) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database})
    return found.first() is not None


@contextmanager
def _connect(url: URL, **options: Any) -> Iterator[Connection]:
    engine = _engine(url, **options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: URL, **options: Any) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5}, **options)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 30}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves: DDL takes part in the transaction
    # Rebuilding a table drops the old one; with foreign keys on that would delete the rows that point to it.
    for pragma in ("synchronous=FULL", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("relata_read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

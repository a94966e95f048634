"""Databases for tests: a SQLite file, or a PostgreSQL database of its own that is dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import MetaData, NullPool, create_engine, make_url, text

from chassis.database import chassis_metadata
from chassis.service import Node, Service
from chassis.settings import Settings
from tests.servers import postgres_url

ENGINES = ("sqlite", "postgresql")


@contextmanager
def database_url(engine: str, folder: Path) -> Iterator[str]:
    """A URL with ``{service}`` in it; on PostgreSQL every database made under it is dropped at the end."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/{{service}}.db"
        return
    prefix = f"relata_test_{uuid4().hex[:10]}_"
    server = create_engine(postgres_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        yield make_url(postgres_url()).render_as_string(hide_password=False).rsplit("/", 1)[0] + f"/{prefix}{{service}}"
    finally:
        with server.connect() as connection:
            named = text("SELECT datname FROM pg_database WHERE datname LIKE :name")
            for (name,) in connection.execute(named, {"name": prefix + "%"}).all():
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def open_node(engine: str, folder: Path, service: Service | None = None, **settings: object) -> Iterator[Node]:
    """A node whose chassis tables exist, on a database of its own."""
    service = service or Service(name="shop", metadata=MetaData())
    with database_url(engine, folder) as url:
        if engine == "postgresql":
            create_postgresql(url.replace("{service}", service.name))
        node = Node(service, Settings(database_url=url, **settings), pool_size=6)  # type: ignore[arg-type]
        chassis_metadata.create_all(node.db.engine)
        service.metadata.create_all(node.db.engine)
        try:
            yield node
        finally:
            node.close()


def create_postgresql(url: str) -> None:
    """Make the database that this URL names."""
    server = create_engine(postgres_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{make_url(url).database}"'))

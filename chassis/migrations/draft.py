"""For those who change a model: does it still agree with its migrations, and what would the first version be?

``drift(service, settings)`` belongs into a test of every service. ``python -m chassis.migrations.draft`` rewrites the
chassis's first version from its models, ``… draft services.sales.service:sales`` a service's. That is for the time
before a first release only: a version that has run anywhere is never edited, later changes are new numbered files.
"""

import importlib
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Index, MetaData, Table, create_engine, inspect, make_url
from sqlalchemy.dialects import registry as dialects
from sqlalchemy.types import TypeDecorator

from chassis.database import chassis_metadata
from chassis.migrate import CHASSIS, Chain, chains_of, migrate_service
from chassis.service import Service
from chassis.settings import Settings

_FIRST = '''"""{title}"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = "0001"
down_revision = None


def upgrade() -> None:
    """Add these tables."""
    {steps}
'''


def drift(service: Service, settings: Settings) -> list[str]:
    """What a database made by the migrations lacks or has beyond the models, a line each; empty when they agree.

    The database that the settings name is migrated first: give a scratch one. Tables, columns, types, nullability,
    keys, references and indexes are compared, defaults on PostgreSQL, the conditions of partial indexes on SQLite.
    """
    load_chassis_tables()
    migrate_service(service, settings)
    engine = create_engine(make_url(settings.database_url_of(service.name)))
    try:
        with engine.connect() as connection:
            metadatas = [chassis_metadata, service.metadata]
            return [*_differences(connection, service, metadatas), *_other_conditions(connection, metadatas)]
    finally:
        engine.dispose()


def load_chassis_tables() -> None:
    """Import every chassis module that defines a table, so that ``chassis_metadata`` knows them all."""
    for source in sorted(Path(str(files("chassis"))).glob("*.py")):
        if re.search(r"(^ +|Table\(.*)chassis_metadata,", source.read_text(), re.MULTILINE):
            importlib.import_module(f"chassis.{source.stem}")


def _differences(connection: Connection, service: Service, metadatas: list[MetaData]) -> Iterator[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    bookkeeping = {chain.table for chain in chains_of(service)}
    options = {
        "compare_type": True,
        "compare_server_default": connection.dialect.name == "postgresql",
        "include_name": lambda name, kind, _parents: kind != "table" or name not in bookkeeping,
        "include_object": lambda item, _name, kind, reflected, _other: (
            kind != "index" or reflected or _only_on(item) in (None, connection.dialect.name)
        ),
    }
    with warnings.catch_warnings():
        # An index of expressions is for PostgreSQL only here; that SQLite cannot compare it is no news.
        warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, metadatas)  # type: ignore[arg-type]
    for difference in found:
        for change in difference if isinstance(difference, list) else [difference]:
            yield _described(*change)


def _described(kind: str, *what: Any) -> str:
    where = ".".join(str(getattr(part, "name", part)) for part in what if isinstance(part, str | Table | Index))
    detail = getattr(what[-1], "name", None) or what[-1]
    if kind.startswith("modify"):
        return f"{where}: {kind} from {what[-2]!r} to {what[-1]!r}"
    return (
        f"{'the migrations lack' if kind.startswith('add') else 'no model has'} {kind.split('_')[1]} {where} {detail}"
    )


def _other_conditions(connection: Connection, metadatas: list[MetaData]) -> Iterator[str]:
    # Alembic does not look at them, and PostgreSQL rewrites them; SQLite keeps the text.
    if connection.dialect.name != "sqlite":
        return
    inspector = inspect(connection)
    for table in (
        table for metadata in metadatas for table in metadata.sorted_tables if inspector.has_table(table.name)
    ):
        actual = {
            i["name"]: i.get("dialect_options", {}).get("sqlite_where", "") for i in inspector.get_indexes(table.name)
        }
        for index in table.indexes:
            has = _one_line(actual.get(str(index.name), ""))
            if index.name in actual and has not in _conditions(index):
                yield f"index {index.name}: the migrations say where {has!r}, the model {_conditions(index)[0]!r}"


def _conditions(index: Index) -> list[str]:
    where = index.dialect_options["sqlite"]["where"]
    if where is None:
        return [""]
    return [
        _one_line(where.compile(dialect=dialects.load(name)(), compile_kwargs={"literal_binds": True}))
        for name in ("sqlite", "postgresql")
    ]


def _one_line(condition: object) -> str:
    return re.sub(r"\b\w+\.(?=\w)", "", " ".join(str(condition).split()))


def first_version(metadata: MetaData, title: str) -> str:
    """The text of a version 0001 that makes these tables: the same on every run, for both engines, formatted."""
    from alembic.autogenerate import render_python_code
    from alembic.operations import ops
    from alembic.runtime.migration import MigrationContext

    tables = metadata.sorted_tables
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name))]
    made: dict[str | None, list[Any]] = {None: [ops.CreateTableOp.from_table(table) for table in tables]}
    for index in indexes:
        made.setdefault(_only_on(index), []).append(ops.CreateIndexOp.from_index(index))
    # Conditions are written as PostgreSQL reads them ("x IS true"): SQLite understands that, and not the reverse.
    context = MigrationContext.configure(dialect_name="postgresql")
    body = ""
    for dialect, steps in sorted(made.items(), key=lambda item: item[0] or ""):
        code = render_python_code(ops.UpgradeOps(steps), render_item=_render, migration_context=context)
        lines = [line for line in code.splitlines() if not line.lstrip().startswith("# ###")]
        if dialect is not None:
            body += f'\n    if op.get_bind().dialect.name == "{dialect}":'
            lines = ["    " + line for line in lines]
        body += "\n" + "\n".join(lines)
    imports = "from sqlalchemy.dialects import postgresql\n" if "postgresql." in body else ""
    source = _FIRST.format(title=title, imports=imports, steps=body.strip() or "pass")
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "120", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def _only_on(index: Index) -> str | None:
    # What ``ddl_if(dialect=…)`` said; SQLAlchemy keeps it here and has no question for it.
    return index._ddl_if.dialect if index._ddl_if else None


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration must not change when a type of ours does, so it names the database's own.
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def main(arguments: list[str]) -> None:
    """Write the first version of the chassis, or of each ``module:manifest`` named."""
    load_chassis_tables()
    if not arguments:
        _write(CHASSIS, chassis_metadata, "The chassis's own tables.")
    for name in arguments:
        module, _, attribute = name.partition(":")
        service: Service = getattr(importlib.import_module(module), attribute)
        _write(chains_of(service)[1], service.metadata, f"The tables that {service.name} starts with.")


def _write(chain: Chain, metadata: MetaData, title: str) -> None:
    chain.folder.mkdir(parents=True, exist_ok=True)
    (chain.folder / "0001_first.py").write_text(first_version(metadata, title))


if __name__ == "__main__":
    main(sys.argv[1:])

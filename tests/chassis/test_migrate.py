"""Databases come to the shape their code expects, once, whole, and whoever asks."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, create_engine, inspect, text

from chassis.database import chassis_metadata
from chassis.migrate import CannotMigrate, chains_of, migrate, migrate_service, pending
from chassis.migrations.draft import drift, first_version, load_chassis_tables
from chassis.service import Node, Service
from chassis.settings import Settings
from tests.chassis.engines import ENGINES, database_url


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with database_url(request.param, tmp_path) as url:
        yield Settings(database_url=url)


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a service's own versions, in a package of its own."""
    package = f"bakery_{tmp_path.name.translate(str.maketrans('-[]', '___'))}"
    folder = tmp_path / "code" / package / "migrations" / "versions"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder.parent.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "code")
    yield folder
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


CAKES = """
    op.create_table("cakes", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(50)))
    op.create_table("slices", sa.Column("id", sa.Integer(), primary_key=True),
                    sa.Column("cake_id", sa.Integer(), sa.ForeignKey("cakes.id", ondelete="CASCADE"), nullable=False))
    op.execute("INSERT INTO cakes VALUES (1, 'Pandan')")
    op.execute("INSERT INTO slices VALUES (1, 1)")
"""


def version(folder: Path, number: str, steps: str) -> None:
    previous = f"{int(number) - 1:04}" if number != "0001" else None
    (folder / f"{number}_step.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {number!r}\ndown_revision = {previous!r}\n\n"
        f"def upgrade():\n{textwrap.indent(textwrap.dedent(steps).strip(), '    ')}\n"
    )


def bakery(versions: Path, metadata: MetaData | None = None) -> Service:
    return Service(
        name="bakery", metadata=metadata or MetaData(), migrations=f"{versions.parent.parent.name}.migrations"
    )


def asked(settings: Settings, service: Service, question: str) -> list[tuple[object, ...]]:
    engine = create_engine(settings.database_url_of(service.name))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(question))]
    engine.dispose()
    return rows


def tables(settings: Settings, service: Service) -> set[str]:
    engine = create_engine(settings.database_url_of(service.name))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_an_absent_database_is_made_with_the_chassis_tables_and_the_services_own(
    settings: Settings, versions: Path
) -> None:
    version(versions, "0001", CAKES)
    load_chassis_tables()
    assert migrate_service(bakery(versions), settings)
    assert tables(settings, bakery(versions)) == {
        *chassis_metadata.tables, "cakes", "slices", "chassis_version", "service_version"
    }  # fmt: skip


def test_a_second_run_finds_nothing_to_do(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    assert migrate_service(bakery(versions), settings)
    assert not migrate_service(bakery(versions), settings)
    assert asked(settings, bakery(versions), "SELECT count(*) FROM cakes") == [(1,)]


def test_a_run_with_nothing_to_do_never_loads_alembic(settings: Settings) -> None:
    service = Service(name="empty", metadata=MetaData())
    migrate_service(service, settings)
    script = f"""
        import sys
        from sqlalchemy import MetaData
        from chassis.migrate import migrate_service
        from chassis.service import Service
        from chassis.settings import Settings
        service = Service(name="empty", metadata=MetaData())
        assert not migrate_service(service, Settings(database_url={settings.database_url!r}))
        assert "alembic" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=60)


def test_a_new_version_is_pending_until_it_has_run(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    migrate_service(bakery(versions), settings)
    node = Node(bakery(versions), settings)
    assert not pending(node)
    version(versions, "0002", 'op.add_column("cakes", sa.Column("price", sa.Integer()))')
    assert pending(node)
    assert migrate(node)
    assert not pending(node)
    assert asked(settings, bakery(versions), "SELECT name, price FROM cakes") == [("Pandan", None)]
    node.close()


def test_a_version_that_fails_leaves_nothing_behind_and_the_ones_before_it_stay(
    settings: Settings, versions: Path
) -> None:
    version(versions, "0001", CAKES)
    version(versions, "0002", 'op.create_table("pies", sa.Column("id", sa.Integer()))\n1 / 0')
    with pytest.raises(ZeroDivisionError):
        migrate_service(bakery(versions), settings)
    assert "cakes" in tables(settings, bakery(versions))
    assert "pies" not in tables(settings, bakery(versions))
    version(versions, "0002", 'op.create_table("pies", sa.Column("id", sa.Integer()))')
    assert migrate_service(bakery(versions), settings)
    assert "pies" in tables(settings, bakery(versions))


def test_rebuilding_a_table_keeps_the_rows_that_point_to_it(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    migrate_service(bakery(versions), settings)
    steps = (
        'with op.batch_alter_table("cakes", recreate="auto") as cakes:\n    cakes.alter_column("name", type_=sa.Text())'
    )
    version(versions, "0002", steps)
    migrate_service(bakery(versions), settings)
    assert asked(settings, bakery(versions), "SELECT cake_id FROM slices") == [(1,)]


def test_a_version_that_breaks_a_reference_is_refused(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    version(versions, "0002", 'op.execute("INSERT INTO slices VALUES (2, 99)")')
    with pytest.raises(Exception, match=r"slices") as refusal:
        migrate_service(bakery(versions), settings)
    assert isinstance(refusal.value, CannotMigrate) or "foreign key" in str(refusal.value)
    assert asked(settings, bakery(versions), "SELECT count(*) FROM slices") == [(1,)]


def test_a_database_newer_than_the_code_is_left_alone(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    version(versions, "0002", 'op.add_column("cakes", sa.Column("price", sa.Integer()))')
    migrate_service(bakery(versions), settings)
    (versions / "0002_step.py").unlink()
    assert not migrate_service(bakery(versions), settings)
    assert asked(settings, bakery(versions), "SELECT version_num FROM service_version") == [("0002",)]


def test_several_processes_that_start_at_once_migrate_once(settings: Settings, versions: Path) -> None:
    version(versions, "0001", CAKES)
    script = f"""
        import sys
        sys.path.insert(0, {str(versions.parent.parent.parent)!r})
        from sqlalchemy import MetaData
        from chassis.migrate import migrate_service
        from chassis.service import Service
        from chassis.settings import Settings
        service = Service(name="bakery", metadata=MetaData(), migrations={bakery(versions).migrations!r})
        raise SystemExit(10 + migrate_service(service, Settings(database_url={settings.database_url!r})))
    """

    def process(_: int) -> int:
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=90, check=False)
        return done.returncode

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(process, range(4)))
    assert codes.count(11) == 1, codes
    assert codes.count(10) == 3, codes
    assert asked(settings, bakery(versions), "SELECT count(*) FROM cakes") == [(1,)]


def test_two_services_migrate_in_two_threads_each_into_its_own_database(settings: Settings) -> None:
    services = [Service(name=name, metadata=MetaData()) for name in ("left", "right")]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda service: migrate_service(service, settings), services)) == [True, True]
    assert tables(settings, services[0]) == tables(settings, services[1]) > {"outbox", "leases"}


def test_a_database_that_may_not_be_made_is_named_in_one_line(tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as url:
        made = Settings(database_url=url)
        service = Service(name="nobody", metadata=MetaData())
        admin = create_engine(made.database_url_of("x").rsplit("/", 1)[0] + "/postgres", isolation_level="AUTOCOMMIT")
        role = url.rsplit("/", 1)[1].replace("{service}", "guest")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        try:
            with pytest.raises(CannotMigrate, match=r"^database \w+nobody does not exist and cannot be created: .+$"):
                migrate_service(service, Settings(database_url=url.replace("postgres@", f"{role}@")))
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP ROLE {role}"))
            admin.dispose()


def test_the_chassis_models_and_its_versions_agree(settings: Settings) -> None:
    assert drift(Service(name="empty", metadata=MetaData()), settings) == []


def models(*, price: bool = False, condition: str = "name IS NOT NULL") -> MetaData:
    metadata = MetaData(naming_convention=chassis_metadata.naming_convention)
    cakes = Table("cakes", metadata, Column("id", Integer, primary_key=True), Column("name", String(50)))
    if price:
        cakes.append_column(Column("price", Integer))
    Index("cakes_named", cakes.c.name, postgresql_where=text(condition), sqlite_where=text(condition))
    Index("cakes_words", text("to_tsvector('simple', name)"), postgresql_using="gin", _table=cakes).ddl_if("postgresql")
    Index("cakes_text", cakes.c.name, cakes.c.id).ddl_if("sqlite")
    return metadata


def test_a_first_version_drawn_from_the_models_agrees_with_them(settings: Settings, versions: Path) -> None:
    (versions / "0001_first.py").write_text(first_version(models(), "Cakes."))
    assert first_version(models(), "Cakes.") == (versions / "0001_first.py").read_text()
    assert drift(bakery(versions, models()), settings) == []
    engine = create_engine(settings.database_url_of("bakery"))
    made = {index["name"] for index in inspect(engine).get_indexes("cakes")}
    assert made == {"cakes_named", "cakes_words" if engine.dialect.name == "postgresql" else "cakes_text"}
    engine.dispose()


def test_a_model_that_ran_ahead_of_its_versions_is_named(settings: Settings, versions: Path) -> None:
    (versions / "0001_first.py").write_text(first_version(models(), "Cakes."))
    assert drift(bakery(versions, models(price=True)), settings) == ["the migrations lack column cakes price"]


def test_a_changed_condition_of_an_index_is_named(tmp_path: Path, versions: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/{{service}}.db")
    (versions / "0001_first.py").write_text(first_version(models(), "Cakes."))
    assert drift(bakery(versions, models(condition="id > 7")), settings) == [
        "index cakes_named: the migrations say where 'name IS NOT NULL', the model 'id > 7'"
    ]


def test_versions_stand_in_one_numbered_line() -> None:
    for chain in chains_of(Service(name="empty", metadata=MetaData())):
        numbers = sorted(file.name.split("_")[0] for file in chain.folder.glob("*_*.py"))
        assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
        assert chain.newest == numbers[-1]

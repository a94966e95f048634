"""The home rules hold in every tracked file."""

from collections import Counter
from pathlib import PurePosixPath

import pytest

from chassis.service import Service
from deploy.installation import all_services
from tests.house import rules
from tests.house.sources import PRODUCT, ROOT, python_files, services, source, tracked, tree

ALL = (*PRODUCT, "tests")


def test_a_file_is_named_by_what_it_is_about():
    assert [wrong for path in python_files(*ALL) for wrong in rules.vague_file_name(path)] == []


def test_no_file_is_too_long_to_read_at_once():
    assert [wrong for path in python_files(*ALL) for wrong in rules.too_long(path, source(path))] == []


def test_nothing_unfinished_is_committed():
    assert [wrong for path in python_files(*ALL) for wrong in rules.unfinished(path, source(path), tree(path))] == []


def test_raw_sql_stays_in_the_chassis_and_in_migrations():
    files = [path for path in python_files(*PRODUCT) if path.parts[0] != "chassis" and "migrations" not in path.parts]
    assert [wrong for path in files for wrong in rules.raw_sql(path, tree(path))] == []


def test_inside_a_service_imports_point_down():
    assert [wrong for path in python_files("services") for wrong in rules.upward_import(path, tree(path))] == []


def test_services_talk_by_events_only():
    files = python_files("services", "gateway")
    assert [wrong for path in files for wrong in rules.neighbour_import(path, tree(path))] == []


def test_the_project_knows_no_machine():
    own = PurePosixPath("tests/house/test_rules_bite.py")
    assert [wrong for path in tracked() if path != own for wrong in rules.machine_path(path, source(path))] == []


def test_no_secret_is_committed():
    own = PurePosixPath("tests/house/test_rules_bite.py")
    assert [wrong for path in tracked() if path != own for wrong in rules.secret(path, source(path))] == []


@pytest.mark.parametrize("name", services())
def test_every_service_has_its_manifest_its_reactions_and_its_page(name: str):
    folder = ROOT / "services" / name
    assert (folder / "service.py").is_file()
    assert (folder / "reactions.py").is_file() or (folder / "reactions" / "__init__.py").is_file()
    page = (folder / "README.md").read_text(encoding="utf-8").lower()
    assert [words for words in ("owns", "emits", "reacts to") if words not in page] == []


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_operation_of_a_service_has_an_id_of_its_own(service: Service) -> None:
    names = [route.function.__name__ for router in service.routers for route in router.routes]
    assert [name for name, count in Counter(names).items() if count > 1] == []

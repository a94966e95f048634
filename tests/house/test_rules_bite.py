"""Every home rule finds what it forbids, and leaves its neighbours in peace."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.house import rules

ANYWHERE = PurePosixPath("services/sales/leads/actions.py")


@pytest.mark.parametrize("name", ["chassis/utils.py", "services/sales/helpers.py", "services/common/leads.py"])
def test_a_vague_file_name_is_found(name: str):
    assert list(rules.vague_file_name(PurePosixPath(name)))


def test_a_business_noun_is_no_vague_name():
    assert list(rules.vague_file_name(PurePosixPath("services/sales/leads/model.py"))) == []


def test_line_401_is_too_many():
    assert list(rules.too_long(ANYWHERE, "x = 1\n" * (rules.MOST_LINES + 1)))
    assert list(rules.too_long(ANYWHERE, "x = 1\n" * rules.MOST_LINES)) == []


@pytest.mark.parametrize("source", ["# TO" + "DO: later", "def f():\n    raise NotImplemented" + "Error"])
def test_unfinished_work_is_found(source: str):
    assert list(rules.unfinished(ANYWHERE, source, ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import select, text",
        "from sqlalchemy.sql import text as t",
        "import sqlalchemy as sa\nsa.text('x')",
        "Lead.__table__.insert()",
    ],
)
def test_raw_sql_is_found(source: str):
    assert list(rules.raw_sql(ANYWHERE, ast.parse(source)))


def test_the_text_of_an_answer_is_no_raw_sql():
    assert list(rules.raw_sql(ANYWHERE, ast.parse("body = response.text\nfrom chassis.text import fold"))) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("services/sales/leads/model.py", "from services.sales.leads.actions import qualify_lead"),
        ("services/sales/leads/queries.py", "from .actions import qualify_lead"),
        ("services/sales/leads/actions.py", "from services.sales.accounts import api"),
        ("services/sales/leads/actions.py", "from ..service import SERVICE"),
        ("services/sales/reactions.py", "from services.sales.leads.api import router"),
        ("services/sales/reactions/leads.py", "import services.sales.service"),
        ("services/sales/reactions.py", "from services.sales.jobs import remind"),
        ("services/sales/leads/api.py", "from services.sales.contacts.api import router"),
    ],
)
def test_an_import_upwards_is_found(file: str, source: str):
    assert list(rules.upward_import(PurePosixPath(file), ast.parse(source)))


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("services/sales/leads/api.py", "from .actions import qualify_lead\nfrom .schemas import QualifyLead"),
        ("services/sales/leads/actions.py", "from services.sales.contacts.actions import add_contact"),
        ("services/sales/reactions.py", "from services.sales.leads.actions import take_lead"),
        ("services/sales/reactions/__init__.py", "from .leads import take_lead"),
        (
            "services/sales/service.py",
            "from services.sales import jobs, reactions\nfrom chassis.service import Service",
        ),
        ("services/sales/__main__.py", "from services.sales.service import SERVICE"),
    ],
)
def test_an_import_downwards_is_fine(file: str, source: str):
    assert list(rules.upward_import(PurePosixPath(file), ast.parse(source))) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("services/sales/reactions.py", "from services.channels.intake import actions"),
        ("services/sales/reactions.py", "from services import channels"),
        ("gateway/proxy.py", "import services.sales.service"),
    ],
)
def test_a_neighbour_is_found(file: str, source: str):
    assert list(rules.neighbour_import(PurePosixPath(file), ast.parse(source)))


@pytest.mark.parametrize("line", ["cd /work/main", 'open("/root/x")', "see /home/ann/x", "(/Users/ann/x)", "/work"])
def test_a_path_of_a_machine_is_found(line: str):
    assert list(rules.machine_path(ANYWHERE, line))


@pytest.mark.parametrize("line", ["GET /leads/{id}/work", "/workers", "https://example.com/home/page", "a/root/b"])
def test_a_route_is_no_path_of_a_machine(line: str):
    assert list(rules.machine_path(ANYWHERE, line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "token = ghp_0123456789abcdefABCD",
        'key = "q8Zt3LwX0pR7vB2nK9sJ4mY6cD1fH5gT"',
    ],
)
def test_a_secret_is_found(line: str):
    assert list(rules.secret(ANYWHERE, line))


@pytest.mark.parametrize(
    "line",
    [
        "    --hash=sha256:00158604b44a8d4cea1d8a5a4f0d1cbbe6f3be8e0d3d5a2d3b8b0b6a9e0d3c1f",
        'lead_id = "01900000-0000-7000-8000-000000000001"',
        'path = "services/sales/migrations/versions/0001_Leads.py"',
        'key = "q8Zt3LwX0pR7vB2nK9sJ4mY6cD1fH5gT"  # not-a-secret',
    ],
)
def test_a_hash_an_id_and_a_path_are_no_secrets(line: str):
    assert list(rules.secret(ANYWHERE, line)) == []

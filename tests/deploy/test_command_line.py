"""Every error is one clear line, and help explains itself."""

import socket
from collections.abc import Iterator

import pytest

from tests.deploy.conftest import Run

NO_POSTGRES = "postgresql+psycopg2://postgres@127.0.0.1:1/relata_{service}"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/%2F"


@pytest.fixture
def used_port() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


def one_line(run: Run, *arguments: str, code: int = 1, **settings: str) -> str:
    """What it complains about: one line, without a stack trace."""
    ended = run(*arguments, **settings)
    assert ended.returncode == code, ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("relata: ")
    return line.removeprefix("relata: ")


def test_help_names_every_command(relata_process: Run) -> None:
    shown = relata_process("--help")
    assert shown.returncode == 0
    for name in "up fleet serve work courier relay migrate seed push-leads rebuild doctor parked".split():
        assert f" {name} " in shown.stdout


def test_a_wrong_setting_is_named(relata_command: Run) -> None:
    assert one_line(relata_command, "migrate", database_url="mysql://x").startswith("RELATA_DATABASE_URL: must start")
    assert one_line(relata_command, "up", port="many").startswith("RELATA_PORT: ")
    assert one_line(relata_command, "up", bus_url="kafka://x").startswith("RELATA_BUS_URL: ")
    assert one_line(relata_command, "migrate", admin_email="nobody") == "RELATA_ADMIN_EMAIL: is not an e-mail address"
    assert one_line(relata_command, "up", secret="short").startswith("RELATA_SECRET: ")


def test_one_process_does_not_start_on_a_broker(relata_command: Run) -> None:
    assert "start `relata fleet`" in one_line(relata_command, "up", bus_url=NO_BROKER)


def test_a_used_port_is_named_before_anything_is_started(relata_command: Run, used_port: str) -> None:
    line = one_line(relata_command, "up", port=used_port)
    assert line == f"RELATA_PORT: cannot listen on 127.0.0.1:{used_port}: Address already in use"


def test_a_folder_that_cannot_be_written_is_named(relata_command: Run) -> None:
    assert one_line(relata_command, "up", var="/proc/nowhere", port="0").startswith("/proc/nowhere: ")


def test_there_is_no_such_service(relata_process: Run) -> None:
    assert (
        one_line(relata_process, "serve", "sails")
        == "no service 'sails'; there are gateway, channels, sales, erp_bridge, activities, insight, service_desk"
    )


@pytest.mark.parametrize("command", ["migrate", "fleet"])
def test_a_database_that_is_away_is_no_stack_trace(relata_process: Run, command: str) -> None:
    line = one_line(relata_process, command, database_url=NO_POSTGRES, bus_url=NO_BROKER, port="0")
    assert line.startswith("the database does not answer: ")


def test_wrong_usage_says_what_is_wrong(relata_command: Run) -> None:
    assert "No such command 'uo'" in one_line(relata_command, "uo", code=2)
    assert "--key" in one_line(relata_command, "push-leads", "leads.csv", code=2)
    assert "--rows-at-once" in one_line(relata_command, "push-leads", "x", "--key=k", "--rows-at-once=0", code=2)


def test_nothing_is_parked_in_a_fresh_installation(relata_command: Run) -> None:
    assert "run `relata migrate` first" in one_line(relata_command, "parked", "list")
    migrated = relata_command("migrate")
    assert migrated.stdout.startswith(
        "migrated: gateway, channels, sales, erp_bridge, activities, insight, service_desk"
    )
    assert relata_command("migrate").stdout == "every database is up to date\n"
    assert relata_command("parked", "list").stdout == "nothing is parked\n"
    assert one_line(relata_command, "parked", "show", "sales", "in:nothing") == "nothing is parked as in:nothing"


def test_the_first_password_is_shown_once(relata_command: Run) -> None:
    first = relata_command("migrate").stdout
    assert "admin@example.com" in first
    assert "admin-password" in first
    assert "admin@example.com" not in relata_command("migrate").stdout


def test_only_projections_are_rebuilt(relata_command: Run) -> None:
    assert "sales.know_people" in one_line(relata_command, "rebuild", "sales.sell")
    assert "does more than fill tables" in one_line(relata_command, "rebuild", "sales.take_in_leads")
    assert "relata migrate" in one_line(relata_command, "rebuild", "sales.know_people")

"""The doctor says what is well, what is not, and what to do about it."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.inbox import State, inbox
from chassis.outbox import outbox
from chassis.service import Node
from chassis.settings import Settings
from deploy.installation import all_services
from deploy.pools import most_connections
from services.sales.service import SALES
from tests.chassis.engines import database_url
from tests.deploy.conftest import Result, Run

NO_BROKER = "amqp://guest:guest@127.0.0.1:1/%2F"


def found(result: Result, level: str) -> list[str]:
    return [line[9:] for line in result.stdout.splitlines() if line.startswith(level)]


def test_an_installation_that_was_never_started_has_no_problems(relata_command: Run, tmp_path: Path) -> None:
    looked = relata_command("doctor")
    assert looked.returncode == 0, looked.stdout
    assert found(looked, "problem") == []
    assert sum("there is no database yet: run `relata migrate`" in line for line in found(looked, "warning")) == len(
        all_services()
    )
    assert not (tmp_path / "var").exists(), "a look leaves nothing behind"


def test_what_is_well_is_said_to_be_well(relata_command: Run) -> None:
    relata_command("migrate")
    looked = relata_command("doctor")
    assert looked.returncode == 0
    fine = "\n".join(found(looked, "ok"))
    for what in (
        "settings:",
        "disk:",
        "secrets: secret, admin-password",
        "sales: its database answers",
        "bus: in memory",
    ):
        assert what in fine
    assert [line.split(":")[0] for line in found(looked, "warning")] == ["gateway"]  # it is not running


def test_a_secret_that_others_can_read_is_a_problem(relata_command: Run, tmp_path: Path) -> None:
    relata_command("migrate")
    os.chmod(tmp_path / "var" / "secret", 0o644)
    looked = relata_command("doctor")
    assert looked.returncode == 1
    assert found(looked, "problem") == [f"{tmp_path}/var/secret can be read by others: chmod 600 {tmp_path}/var/secret"]


def test_what_piles_up_is_counted(relata_command: Run, tmp_path: Path) -> None:
    relata_command("migrate")
    node = Node(SALES, Settings(database_url=f"sqlite:///{tmp_path}/var/{{service}}.db"), pool_size=1)
    common = {"source": "relata/x", "subject": "x:1", "type": "x.y.z.v1", "reaction": "sales.take_in_leads"}
    rows = [
        {**common, "event_id": str(uuid4()), "sequence": number, "state": state, "received_at": utcnow()}
        for number, state in enumerate((State.PARKED, State.WAITING, State.PENDING), 1)
    ]
    sent = {"type": "x.y.z.v1", "subject": "x:1", "envelope": "{}", "id": str(uuid4())}
    with node.db.begin() as tx:
        tx.execute(inbox.insert(), [row | {"envelope": "{}", "reason": "no"} for row in rows])
        tx.execute(outbox.insert(), sent | {"created_at": utcnow()})
    looked = relata_command("doctor")
    assert looked.returncode == 0
    assert "sales: 1 events are parked: look at them with `relata parked list sales`" in found(looked, "warning")
    young = [line for line in found(looked, "ok") if line.startswith("sales: 1 ")]
    assert len(young) == 3
    long_ago = utcnow().replace(year=utcnow().year - 1)
    with node.db.begin() as tx:
        tx.execute(update(inbox).values(received_at=long_ago))
        tx.execute(update(outbox).values(created_at=long_ago))
    node.close()
    old = [line for line in found(relata_command("doctor"), "warning") if line.startswith("sales: 1 ")]
    assert len(old) == 4
    assert any("wait to be sent, the oldest for 365 d: is the relay running" in line for line in old)


def test_servers_that_are_away_are_problems_but_the_cache_is_not(relata_command: Run) -> None:
    looked = relata_command(
        "doctor",
        database_url="postgresql+psycopg2://postgres@127.0.0.1:1/relata_{service}",
        bus_url=NO_BROKER,
        cache_url="redis://127.0.0.1:1/0",
    )
    assert looked.returncode == 1
    problems = found(looked, "problem")
    assert sum("its database cannot be read" in line for line in problems) == len(all_services())
    assert sum(line.startswith("broker: does not answer") for line in problems) == 1
    assert any(line.startswith("cache: Redis does not answer") for line in found(looked, "warning"))


def test_files_are_no_databases_for_a_fleet(relata_command: Run) -> None:
    looked = relata_command("doctor", bus_url=NO_BROKER)
    assert any("databases that are files" in line for line in found(looked, "problem"))


@pytest.mark.postgres
def test_connections_are_counted_against_what_a_fleet_needs(relata_command: Run, tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as url:
        assert relata_command("migrate", database_url=url).returncode == 0
        looked = relata_command("doctor", database_url=url)
        (line,) = [line for line in looked.stdout.splitlines() if " connections are in use" in line]
        assert f"a busy fleet needs {most_connections(Settings(database_url=url))} " in line
        crowded = relata_command("doctor", database_url=url, http_pool="64")
        assert any("raise max_connections" in line for line in found(crowded, "problem"))
        assert crowded.returncode == 1


def test_a_fleet_as_it_comes_fits_into_a_postgresql_as_it_comes() -> None:
    of_others, reserved_for_superusers = 1, 3  # one is the doctor's own
    assert most_connections(Settings()) + of_others <= 100 - reserved_for_superusers


@pytest.mark.rabbitmq
def test_a_broker_without_our_queues_says_who_declares_them(relata_command: Run, amqp_url: str, tmp_path: Path) -> None:
    looked = relata_command("doctor", bus_url=amqp_url, prefix=f"relata-test-{uuid4().hex[:8]}")
    assert "broker: answers" in found(looked, "ok")
    assert any("start the relay, which declares it" in line for line in found(looked, "warning"))

"""``relata rebuild`` as an operator runs it, killed in the middle and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.exc import OperationalError

from chassis.clock import utcnow
from chassis.deliver import deliver
from chassis.event import Envelope, encode
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.service import Node
from chassis.settings import Settings
from deploy.rebuild.run import find_projection
from deploy.rebuild.shadow import Shadow
from events.gateway import UserCreated, UserState
from services.channels.feed.actions import append_to_feed
from services.channels.service import CHANNELS
from services.sales.people.model import people
from services.sales.service import SALES
from tests.chassis.engines import database_url
from tests.installation import ROOT

PEOPLE = 20_000
NAME = "sales.know_people"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Sales and channels, both having heard of many people."""
    with ExitStack() as stack:
        url = stack.enter_context(database_url(request.param, tmp_path))
        sales, channels = (Node(service, Settings(database_url=url), pool_size=4) for service in (SALES, CHANNELS))
        for node in (sales, channels):
            stack.callback(node.close)
            migrate(node)
        heard = [somebody(number) for number in range(PEOPLE)]
        deliver(sales, heard)
        with channels.db.begin() as tx:
            append_to_feed(tx, heard)
        yield sales, channels


def somebody(number: int) -> Envelope:
    user = UserState(id=new_id(), name=f"Người {number}", email=f"{number}@example.com", roles=("salesperson",))
    event = UserCreated(user=user)
    bare = Envelope(
        id=new_id(),
        source="relata/gateway",
        type=event.type,
        subject=event.subject,
        sequence=1,
        time=utcnow(),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
    )
    return Envelope(**{name: getattr(bare, name) for name in bare.__slots__ if name != "body"}, body=encode(bare))


def known(sales: Node) -> list[tuple[str, str]]:
    with sales.read() as tx:
        return [(row.id, row.name) for row in tx.execute(select(people).order_by(people.c.id))]


def begin_to_rebuild(sales: Node) -> "subprocess.Popen[str]":
    environment = os.environ | {"RELATA_DATABASE_URL": sales.settings.database_url}
    command = [sys.executable, "-m", "deploy.cli", "rebuild", NAME]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow  # to be killed in the middle it must take its time
def test_a_killed_rebuild_changes_nothing_and_the_next_one_goes_on(nodes: tuple[Node, Node]) -> None:
    sales, _ = nodes
    right = known(sales)
    assert len(right) == PEOPLE
    with sales.db.begin() as tx:
        tx.execute(update(people).values(name="wrong"))
    broken = known(sales)
    shadow = Shadow(sales, find_projection(NAME)[1])
    try:
        process = begin_to_rebuild(sales)
        while process.poll() is None and not has_begun(shadow):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.communicate()
        assert 0 < shadow.position() < PEOPLE
    finally:
        shadow.close()
    assert known(sales) == broken
    again = begin_to_rebuild(sales)
    told, complained = again.communicate(timeout=100)
    assert again.returncode == 0, complained
    assert told == f"{NAME} is rebuilt: {PEOPLE} rows\n"
    assert "Going on where an earlier run stopped" in complained
    assert known(sales) == right
    with sales.db.engine.connect() as connection:
        assert shadow.name not in inspect(connection).get_schema_names()


def has_begun(shadow: Shadow) -> bool:
    if shadow.live.db.dialect == "sqlite" and not shadow._file.exists():
        return False
    try:
        with shadow.node.db.engine.connect() as connection:
            there = inspect(connection).has_table("rebuild_progress")
    except OperationalError:  # SQLite, for whoever opens a file in the moment in which its log is made
        return False
    return there and shadow.position() > 0

"""Real leads, pushed as a partner pushes them: a verdict for each row, and the numbers that the file itself gives."""

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from chassis.settings import Settings
from deploy.ports import metrics_port, service_port
from tests.installation import Installation, eventually, installation, partner_key
from tests.real.olist import Leads, leads_with_people
from tests.real.pushing import push, verdicts

FLEET = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.redis]
KILL_EVERY_S = 5.0
CONSUMING = "relata_worker_consuming"


def check(relata: Installation, leads: Leads) -> None:
    """Every row has its verdict, and everything adds up as the file says."""
    told = verdicts(leads)
    assert list(told) == list(range(1, leads.rows + 1))
    wanted = {row: "merged" if row in leads.repeats else "created" for row in told}
    wrong = {row: (told[row]["status"], wanted[row]) for row in told if told[row]["status"] != wanted[row]}
    assert wrong == {}
    assert len({told[row]["lead_id"] for row in told if row not in leads.repeats}) == leads.rows - len(leads.repeats)
    assert all(told[row]["lead_id"] == told[earlier]["lead_id"] for row, earlier in leads.repeats.items())
    with relata.sign_in() as admin:

        def by_source() -> Counter[str]:
            answer = admin.get("/leads/summary", params={"by": "source"})
            assert answer.status_code == 200, answer.text
            return Counter({item["value"] or "": item["count"] for item in answer.json()["items"]})

        eventually(lambda: by_source() == leads.by_origin)
        parked_or_open = admin.get("/submissions", params={"status": "received", "count": "true"}).json()
        assert parked_or_open["total"] == 0


@contextmanager
def random_kills(relata: Installation) -> Iterator[list[str]]:
    """kill -9 of a random working process of the fleet, every five seconds; lists those that were killed."""
    killed: list[str] = []
    ended = threading.Event()
    dice = random.Random(7)

    def kill_one() -> None:
        while not ended.wait(KILL_EVERY_S):
            # One that is just starting has nothing to lose; on a slow machine no other would ever get to work.
            working = [(label, pid) for label, pid in sorted(relata.pids.items()) if works(relata, label)]
            if not working:
                continue
            label, pid = dice.choice(working)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(label)

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()


def works(relata: Installation, label: str) -> bool:
    """Whether this process of the fleet is up and at work."""
    kind, _, name = label.partition(":")
    settings = Settings(port=relata.port)
    at = service_port(settings, name) if kind == "http" else metrics_port(settings, kind, name)
    try:
        answer = httpx.get(f"http://127.0.0.1:{at}/{'ready' if kind == 'http' else 'metrics'}", timeout=1)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and (kind != "work" or f'{CONSUMING}{{service="{name}"}} 1.0' in answer.text)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["embedded", pytest.param("fleet", marks=[*FLEET, pytest.mark.slow])])
def test_five_hundred_real_leads_add_up(kind: str, data: Path, tmp_path: Path) -> None:
    leads = leads_with_people(data, tmp_path / "leads.csv", 500)
    with installation(kind, tmp_path) as relata:
        with relata.sign_in() as admin:
            key = partner_key(admin)
        push(relata, leads, key, rows_at_once=200)
        check(relata, leads)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["embedded", pytest.param("fleet", marks=FLEET)])
def test_all_real_leads_add_up(kind: str, data: Path, tmp_path: Path) -> None:
    leads = leads_with_people(data, tmp_path / "leads.csv")
    assert leads.rows == 8_000
    with installation(kind, tmp_path) as relata:
        with relata.sign_in() as admin:
            key = partner_key(admin)
        push(relata, leads, key, rows_at_once=2_000)
        check(relata, leads)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.redis
def test_all_real_leads_add_up_while_processes_are_killed(data: Path, tmp_path: Path) -> None:
    leads = leads_with_people(data, tmp_path / "leads.csv")
    with installation("fleet", tmp_path) as relata:
        with relata.sign_in() as admin:
            key = partner_key(admin)
        with random_kills(relata) as killed:
            push(relata, leads, key, rows_at_once=250)
        restarts = json.loads((relata.folder / "var" / "fleet.json").read_text())
        assert len(killed) >= 3, "too quick to be hurt: push in smaller chunks"
        assert sum(face["restarts"] for face in restarts.values()) >= len(killed) - 1
        check(relata, leads)

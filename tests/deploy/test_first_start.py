"""A first start loads the demo company and says how to get in; a second one changes nothing."""

import json
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deploy.demo import company
from tests.installation import ROOT, Installation, eventually, installation

ALL_LEADS = [lead for leads in company.leads_by_partner().values() for lead in leads]
REPEATED = company.LEADS // company.REPEATED_EVERY


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Started as `make run` does it, after a loading of the demo company that was killed twice."""
    with installation("embedded", tmp_path_factory.mktemp("first")) as relata:
        with relata.sign_in() as admin:
            kill_seeding(relata, lambda: len(everything(admin, "/users")) > 3)
            kill_seeding(relata, lambda: len(everything(admin, "/partners")) > 1)
        assert kept(relata)["done"] is False
        relata.stop()
        relata.environment["RELATA_DEMO"] = "1"
        relata.start()
        eventually(lambda: "Push a lead" in printed(relata), within=60)
        yield relata


def kill_seeding(relata: Installation, reached: Callable[[], bool]) -> None:
    """Load the demo company until then."""
    process = subprocess.Popen(seeding(relata), cwd=ROOT, env=relata.environment, stderr=subprocess.DEVNULL)
    while not reached() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def seeding(relata: Installation) -> list[str]:
    return [sys.executable, "-m", "deploy.cli", "seed", "--base-url", relata.url]


def printed(relata: Installation) -> str:
    return relata.log.read_text()


def kept(relata: Installation) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((relata.folder / "var" / "demo.json").read_text())
    return content


def test_the_demo_company_is_the_same_everywhere() -> None:
    assert [lead for leads in company.leads_by_partner().values() for lead in leads] == ALL_LEADS
    assert len(ALL_LEADS) == company.LEADS == 300
    assert len({lead["external_id"] for lead in ALL_LEADS}) == 300


def test_it_says_where_it_is_and_how_to_get_in(started: Installation) -> None:
    text = printed(started)
    assert started.url in text
    assert "Sign in / Đăng nhập      admin@example.com" in text
    for employee in company.EMPLOYEES:
        with started.sign_in(employee.email, kept(started)["password"]) as somebody:
            assert somebody.get("/me").json()["name"] == employee.name
        assert employee.email in text


def test_what_is_kept_is_for_the_operators_eyes(started: Installation) -> None:
    mode = (started.folder / "var" / "demo.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_company_has_leads_in_every_state_and_sellers_with_their_own(started: Installation) -> None:
    with started.sign_in() as admin:
        leads = everything(admin, "/leads")
        assert len(leads) == len(ALL_LEADS) - REPEATED
        assert {lead["status"] for lead in leads} == {"new", "working", "disqualified"}
        owners = Counter(lead["owner_id"] for lead in leads)
        assert len(owners) == len(company.SELLERS)
        statuses = Counter(each["status"] for each in everything(admin, "/submissions"))
        assert statuses["merged"] + statuses["duplicate"] == REPEATED
        assert statuses.total() == len(ALL_LEADS), "nothing was pushed twice"
        assert len(everything(admin, "/users")) == len(company.EMPLOYEES) + 1
    with started.sign_in(company.SELLERS[0].email, kept(started)["password"]) as seller:
        assert 0 < len(everything(seller, "/leads")) < len(leads)
    with started.sign_in(company.MANAGER.email, kept(started)["password"]) as manager:
        assert len(everything(manager, "/leads")) == len(leads)


def everything(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items, cursor = [], None
    while True:
        answer = client.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if (cursor := answer.json()["next_cursor"]) is None:
            return items


def test_the_printed_line_pushes_a_lead(started: Installation) -> None:
    (line,) = [line for line in printed(started).splitlines() if line.startswith("curl ")]
    if shutil.which("curl") is None:
        pytest.skip("no curl to run the printed line with")
    ran = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["submission_id"]


def test_a_second_start_changes_nothing_and_shows_no_secret(started: Installation) -> None:
    def events() -> int:
        with started.sign_in() as admin:
            secret = admin.post("/keys", json={"name": "feed", "scopes": ["events:read"]}).json()["secret"]
        with started.client(authorization=f"Bearer {secret}") as reader:
            count, cursor = 0, "0"
            while items := (page := reader.get("/events", params={"limit": 200, "after": cursor}).json())["items"]:
                count, cursor = count + len(items), page["next_cursor"]
            return count

    before = events()
    assert started.stop() == 0, "a stop ends in order: leases are given up, nothing is begun again"
    started.log.unlink()
    started.start()
    eventually(lambda: "Sign in" in printed(started), within=60)
    content = kept(started)
    assert content["password"] not in printed(started)
    assert not any(secret in printed(started) for secret in content["keys"].values())
    assert events() == before
    again = subprocess.run(
        seeding(started), cwd=ROOT, env=started.environment, capture_output=True, text=True, check=True
    )
    assert again.stdout == "the demo company is there already\n"

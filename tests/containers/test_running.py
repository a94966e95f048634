"""The containers' commands, run as processes from what the image's build makes: they work together, and end well."""

import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.topology import Names, Properties, connect
from deploy.installation import all_services
from tests.containers.building import build
from tests.containers.compose import DEPLOY, containers, faces
from tests.containers.metric_names import FOREIGN, named_in, queries
from tests.containers.running import Running, running_containers
from tests.installation import ADMIN_EMAIL, Installation, eventually, partner_key

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile's build stage makes."""
    return build(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def running(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("containers")
    subprocess.run(["sh", str(DEPLOY / "secrets.sh"), str(folder / "secrets")], check=True, capture_output=True)
    with running_containers(folder, image, folder / "secrets") as up:
        yield up


@pytest.fixture(scope="module")
def relata(running: Running) -> Installation:
    """The published door."""
    return Installation("fleet", running.folder, running.ports["gateway", 8000], {})


@pytest.fixture(scope="module")
def admin(running: Running, relata: Installation) -> Iterator[httpx.Client]:
    with relata.sign_in(ADMIN_EMAIL, running.secret("admin-password")) as client:
        yield client


@pytest.fixture(scope="module")
def prometheus(running: Running) -> httpx.Client:
    if shutil.which("prometheus") is None:
        pytest.skip("no Prometheus here (Debian: apt-get install prometheus)")
    running.up("prometheus")
    eventually(lambda: running.is_well("prometheus"), within=60, every=0.5)
    return httpx.Client(base_url=f"http://127.0.0.1:{running.ports['prometheus', 9090]}/api/v1", timeout=10)


def ask(prometheus: httpx.Client, query: str) -> list[dict[str, Any]]:
    answer = prometheus.get("/query", params={"query": query})
    assert answer.status_code == 200, f"{query}: {answer.text}"
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def firing(prometheus: httpx.Client) -> set[tuple[str, str]]:
    """Alerts that fire, with the service or face they are about."""
    told = prometheus.get("/alerts").json()["data"]["alerts"]
    return {
        (each["labels"]["alertname"], each["labels"].get("face") or each["labels"].get("service", ""))
        for each in told
        if each["state"] == "firing"
    }


def test_the_image_holds_the_product_with_its_bytecode_and_no_developers_tools(image: Path) -> None:
    (packages,) = image.glob("lib/python3*/site-packages")
    present = {path.name for path in packages.iterdir()}
    assert {"chassis", "events", "gateway", "services", "deploy"} <= present
    assert not {"pip", "pytest", "mypy", "ruff", "hypothesis", "schemathesis"} & present
    lacking = [
        path
        for path in (packages / "chassis").rglob("*.py")
        if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
    ]
    assert lacking == []


def test_every_container_is_well_by_its_own_check(running: Running) -> None:
    there = set(running.processes) | set(running.servers)
    assert there >= set(containers()) - {"prometheus", "grafana"}
    for name in there - {"migrate"}:  # RabbitMQ's own check takes its time on a busy machine
        eventually(lambda name=name: running.is_well(name), within=240, every=1.0)


def test_a_pushed_lead_is_seen(running: Running, relata: Installation, admin: httpx.Client) -> None:
    with relata.client(authorization=f"Bearer {partner_key(admin, 'Đối tác Đà Nẵng')}") as partner:
        lead = {"external_id": "a-1", "name": "Nguyễn Thị Hồng Đào", "phone": "0912 345 678"}
        pushed = partner.post("/partner/leads", json=lead)
        assert pushed.status_code == 202, pushed.text
        where = f"/partner/leads/{pushed.json()['submission_id']}"
        told = eventually(lambda: (found := partner.get(where).json())["status"] != "received" and found, within=60)
        assert told["status"] == "created"
    seen = admin.get("/leads").json()["items"]
    assert [lead["full_name"] for lead in seen] == ["Nguyễn Thị Hồng Đào"]


def test_an_operators_command_runs_in_a_container(running: Running) -> None:
    container = containers()["relay"]
    command = [str(running.image / "bin" / "relata"), "doctor"]
    home = running.home("relay")
    done = subprocess.run(
        command,
        env=running.environment_of(container),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gateway: ready at" in done.stdout


def test_the_databases_are_copied_whole_while_they_run(running: Running, tmp_path: Path) -> None:
    page = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"docker compose exec -T postgres (pg_basebackup .+?) \|", page)
    server = running.servers["postgres"]
    environment = {**os.environ, "PGHOST": str(server.folder), "PGPORT": str(running.ports["postgres", 5432])}
    with (tmp_path / "copy.tar").open("wb") as copy:
        subprocess.run(line.split(), env=environment, cwd="/", stdout=copy, check=True, timeout=300)
    with tarfile.open(tmp_path / "copy.tar") as archive:
        assert {"PG_VERSION", "backup_label"} <= set(archive.getnames())


def test_prometheus_sees_every_face_and_finds_every_name(running: Running, prometheus: httpx.Client) -> None:
    for job in ("relata", "alive"):
        up = f'up{{job="{job}"}} == 1'
        eventually(lambda up=up: len(ask(prometheus, up)) == len(faces()), within=120, every=0.5)
    seen = {each["metric"]["face"] for each in ask(prometheus, "relata_relay_active or relata_worker_consuming")}
    hearing = {f"{service.name.replace('_', '-')}-worker" for service in all_services() if service.reactions}
    assert seen == {"relay"} | hearing
    eventually(lambda: ask(prometheus, "rabbitmq_detailed_queue_consumers"), within=60, every=0.5)
    for where, query in queries():
        ask(prometheus, query)  # each is one that it understands
        for name in named_in(query) & set(FOREIGN):
            eventually(lambda name=name: ask(prometheus, name), within=30, every=0.5), where
    time.sleep(3)
    assert firing(prometheus) == set()


def test_a_parked_event_and_a_dead_face_ring_the_alarm(running: Running, prometheus: httpx.Client) -> None:
    connection = connect(running.servers["rabbitmq"].url)
    rubbish = Properties(delivery_mode=2)
    connection.channel().basic_publish("", Names("relata").inbox("sales"), b"no event of ours", rubbish)
    connection.close()
    eventually(lambda: ("EventsParked", "sales") in firing(prometheus), within=60, every=0.5)
    assert running.down(["insight-worker"]) == {"insight-worker": 0}
    rung = {("FaceDown", "insight-worker")}
    eventually(lambda: rung <= firing(prometheus), within=60, every=0.5)


def test_no_secret_is_in_an_environment_a_command_line_or_a_log(running: Running) -> None:
    secrets = {path.name: path.read_text() for path in running.secrets.iterdir()}
    for name, process in running.processes.items():
        if process.poll() is not None:
            continue
        shown = [Path(f"/proc/{process.pid}/{what}").read_text() for what in ("environ", "cmdline")]
        for secret, value in secrets.items():
            assert not any(value in text for text in shown), f"{secret}: {name}"
    for name in [*running.processes, *running.servers]:
        assert [secret for secret, value in secrets.items() if value in running.log(name)] == [], name


def test_on_sigterm_every_container_ends_well_and_has_written_nothing(running: Running) -> None:
    names = [name for name in running.processes if name != "migrate"]
    assert set(names) >= set(faces()) - {"insight-worker"}
    codes = running.down(names)
    assert {name: code for name, code in codes.items() if code != 0} == {}
    for name in faces():
        assert list((running.home(name) / "var").iterdir()) == [], name

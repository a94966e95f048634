"""What a face shows on a port of its own, and the check that asks for it."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chassis import metrics
from chassis.settings import Settings, SettingsError
from deploy.healthy import is_healthy
from deploy.installation import find_service
from deploy.ports import metrics_port, service_port, upstream_url
from deploy.status import database_answers, is_consuming, show_status
from tests.chassis.engines import open_node
from tests.installation import ROOT, free_ports


class Work:
    is_done = True


@pytest.fixture(scope="module")
def url() -> str:
    """A status port whose face is ready as long as ``Work.is_done``."""
    port = free_ports(1)
    show_status(Settings(metrics_port=port), "work", "sales", is_ready=lambda: Work.is_done)
    return f"http://127.0.0.1:{port}"


def test_metrics_health_and_readiness_are_shown(url: str) -> None:
    assert "relata_parked_rows" in httpx.get(f"{url}/metrics").text
    assert httpx.get(f"{url}/health").json() == {"status": "ok"}
    assert httpx.get(f"{url}/elsewhere").status_code == 404


def test_the_check_follows_the_face(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_healthy(f"{url}/ready")
    monkeypatch.setattr(Work, "is_done", False)
    assert not is_healthy(f"{url}/ready")
    assert is_healthy(f"{url}/health")
    assert not is_healthy("http://127.0.0.1:1/ready")


def test_the_check_is_a_command(url: str) -> None:
    environment = os.environ | {"RELATA_METRICS_PORT": url.rsplit(":", 1)[1]}
    for arguments, code in (([], 0), ([f"{url}/ready"], 0), (["http://127.0.0.1:1/ready"], 1)):
        command = [sys.executable, "-m", "deploy.healthy", *arguments]
        assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == code


def test_a_port_that_is_taken_is_named(url: str) -> None:
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(SettingsError, match=f"RELATA_METRICS_PORT: cannot listen on 127.0.0.1:{port}"):
        show_status(Settings(metrics_port=port), "relay", "", is_ready=lambda: True)


def test_a_worker_is_ready_when_it_hears_the_broker() -> None:
    metrics.worker_consuming.labels("sales").set(0)
    assert not is_consuming(find_service("sales"))
    metrics.worker_consuming.labels("sales").set(1)
    assert is_consuming(find_service("sales"))
    metrics.worker_consuming.remove("sales")


def test_http_is_ready_when_its_database_answers(tmp_path: Path) -> None:
    with open_node("sqlite", tmp_path) as node:
        assert database_answers(node)
        (tmp_path / "shop.db").unlink()
        (tmp_path / "shop.db").mkdir()
        node.close()
        assert not database_answers(node)


def test_a_service_listens_where_the_gateway_is_told_to_find_it() -> None:
    upstreams = {"gateway": "https://crm.example", "sales": "http://sales:8000", "insight": "http://insight"}
    settings = Settings(port=8000, upstreams=upstreams)
    assert (service_port(settings, "sales"), upstream_url(settings, "sales")) == (8000, "http://sales:8000")
    assert service_port(settings, "insight") == 80
    assert service_port(settings, "gateway") == 8000
    assert service_port(settings, "channels") == 8001


def test_every_face_shows_its_metrics_on_the_port_that_is_set() -> None:
    alone = Settings(metrics_port=9000)
    assert {metrics_port(alone, *face) for face in (("http", "gateway"), ("work", "sales"), ("relay", ""))} == {9000}
    beside = Settings(port=8000)
    assert metrics_port(beside, "relay", "") == 8050
    assert metrics_port(beside, "work", "sales") != metrics_port(beside, "work", "insight")

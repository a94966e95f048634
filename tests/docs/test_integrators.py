"""The shell lines that integrators are shown, run word for word by bash against an installation just started."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.settings import Settings
from tests.api.stage import API
from tests.docs.pages import ROOT, shell_blocks, spans
from tests.installation import ADMIN_EMAIL, Installation, eventually, installation

PAGE = ROOT / "docs" / "integrators.md"


@pytest.fixture(scope="module")
def relata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Started as `make run` does it: with a password of its own making, and data under var/ where we stand."""
    with installation("embedded", tmp_path_factory.mktemp("integrators"), admin_password="") as running:
        yield running


@pytest.fixture(scope="module")
def answer(relata: Installation) -> dict[str, Any]:
    """What the last of the lines prints; curl also tells the status of each answer, on stderr."""
    lines = shell_blocks(PAGE)[0].splitlines()
    assert len(lines) == 5
    # The only thing changed: where this installation answers.
    usual = f"http://127.0.0.1:{Settings.model_fields['port'].default}"
    script = "\n".join(lines).replace(usual, relata.url)
    assert script.count(relata.url) == 1
    (relata.folder / ".curlrc").write_text('write-out = "%{stderr}%{http_code}\\n"\nnoproxy = "*"\n')
    environment = {"PATH": os.environ["PATH"], "HOME": str(relata.folder), "CURL_HOME": str(relata.folder)}
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=relata.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == ["200", "201", "201", "202"]
    content: dict[str, Any] = json.loads(done.stdout)
    return content


@pytest.fixture(scope="module")
def admin(relata: Installation) -> Iterator[httpx.Client]:
    password = Path(relata.folder / "var" / "admin-password").read_text().strip()
    with relata.sign_in(ADMIN_EMAIL, password) as client:
        yield client


def test_the_five_lines_push_a_lead_that_sales_finds(
    relata: Installation, answer: dict[str, Any], admin: httpx.Client
) -> None:
    assert set(answer) == {"submission_id", "status_url"}
    assert answer["status_url"] == f"{API}/partner/leads/{answer['submission_id']}"

    def found() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = admin.get("/leads?q=hong dao").json()["items"]
        return listed

    (lead,) = eventually(found)
    assert (lead["full_name"], lead["source"]) == ("Nguyễn Thị Hồng Đào", "hội chợ")
    assert lead["submission_id"] == answer["submission_id"]
    submission = admin.get(f"/submissions/{answer['submission_id']}").json()
    assert (submission["status"], submission["external_id"]) == ("created", "0001")


def test_the_partner_reads_the_verdict_where_the_page_says(
    relata: Installation, answer: dict[str, Any], admin: httpx.Client
) -> None:
    key = admin.get("/keys").json()["items"][0]
    fresh = admin.post(f"/keys/{key['id']}/rotate").json()["secret"]
    with relata.client(authorization=f"Bearer {fresh}") as partner:
        told = eventually(lambda: partner.get("/partner/leads?external_id=0001&status=created").json()["items"])
        assert told[0]["submission_id"] == answer["submission_id"]
        assert httpx.get(relata.url + answer["status_url"], headers=partner.headers).json() == told[0]


def test_every_route_that_a_page_names_is_served(relata: Installation) -> None:
    document = httpx.get(f"{relata.url}/api/openapi.json", timeout=30).json()
    routes = [
        (method.upper(), re.compile(re.sub(r"{[a-z_]+}", r"[^/]+", path)))
        for path, item in document["paths"].items()
        for method in item
    ]
    named = [(said, re.fullmatch(r"(GET|POST|PATCH|DELETE) (/[^ ?]*).*", said.text)) for said in spans()]
    found = [(said, match) for said, match in named if match]
    assert len(found) > 6
    for said, match in found:
        path = match[2].removeprefix(API)
        assert any(method == match[1] and shape.fullmatch(API + path) for method, shape in routes), said


def test_every_address_that_a_page_names_is_served(relata: Installation) -> None:
    named = {said.text for said in spans() if re.fullmatch(r"/(api/[a-z/.]+|health|ready|metrics)", said.text)}
    assert {"/api/openapi.json", "/api/docs", "/api/asyncapi.yaml", "/health", "/ready", "/metrics"} <= named
    for path in named:
        assert httpx.get(relata.url + path, timeout=30).status_code == 200, path

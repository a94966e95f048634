"""The ten commands that connect a Tryton, run word for word by bash against an installation and a real Tryton."""

import os
import subprocess
from pathlib import Path

import orjson
import pytest

from chassis.settings import Settings
from tests.docs.pages import ROOT, shell_blocks
from tests.installation import installation
from tests.tryton import open_tryton

PAGE = ROOT / "docs" / "erp.md"


@pytest.mark.timeout(900)  # a cold cache fetches Tryton and makes a company
def test_ten_commands_connect_a_tryton(tmp_path: Path) -> None:
    lines = shell_blocks(PAGE)[0].splitlines()
    assert len(lines) == 10
    with (
        open_tryton(tmp_path) as tryton,
        installation("embedded", tmp_path, admin_password="", outside_allow_private="true") as relata,
    ):
        usual = f"http://127.0.0.1:{Settings.model_fields['port'].default}"
        # The only things changed: where this installation and this Tryton answer, and who we are there.
        script = "\n".join(lines).replace(usual, relata.url).replace("http://127.0.0.1:8069", tryton.url)
        script = script.replace('"database": "erp"', f'"database": "{tryton.database}"')
        script = script.replace('"password": "secret"', f'"password": "{tryton.settings["password"]}"')
        (relata.folder / ".curlrc").write_text('write-out = "%{stderr}%{http_code}\\n"\nnoproxy = "*"\n')
        environment = {"PATH": os.environ["PATH"], "HOME": str(relata.folder), "CURL_HOME": str(relata.folder)}
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=relata.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr.split() == ["200", "201", "200", "200", "200", "200", "202", "200"]
        assert "Công ty TNHH An Thịnh" in done.stdout
        answers = [orjson.loads(each) for each in done.stdout.replace("}{", "}\n{").splitlines()]
        assert [answers[0]["reached"], answers[2]["status"], answers[3]["status"]] == [True, "paused", "active"]
        assert answers[-1]["items"] == []

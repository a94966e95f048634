"""The command line as a user runs it, and one running Relata for those who need it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.cli import main
from tests.installation import ROOT, Installation, installation


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation of one's own."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("RELATA_")}
    return here | {
        "RELATA_VAR": str(tmp_path / "var"),
        "RELATA_DATABASE_URL": f"sqlite:///{tmp_path}/var/{{service}}.db",
        "RELATA_PORT": "1",
    }


def settings_of(keywords: dict[str, str]) -> dict[str, str]:
    return {f"RELATA_{name.upper()}": value for name, value in keywords.items()}


@pytest.fixture
def relata_process(environment: dict[str, str]) -> Run:
    """Runs ``relata …`` as a process of its own; keywords are RELATA_ settings."""

    def run(*arguments: str, **settings: str) -> Result:
        command = [sys.executable, "-m", "deploy.cli", *arguments]
        mine = environment | settings_of(settings)
        ended = subprocess.run(command, cwd=ROOT, env=mine, capture_output=True, text=True, timeout=90, check=False)
        return Result(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def relata_command(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``relata …`` in this process, which spares two seconds of importing each time."""

    def run(*arguments: str, **settings: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("RELATA_")]:
                patch.delenv(name)
            for name, value in (environment | settings_of(settings)).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        told = capsys.readouterr()
        match ended.value.code:
            case str() as said:
                return Result(1, told.out, f"{told.err}{said}\n")
            case code:
                return Result(int(code or 0), told.out, told.err)

    return run


@pytest.fixture(scope="module")
def relata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running Relata in one process, without the demo company."""
    with installation("embedded", tmp_path_factory.mktemp("relata")) as running:
        yield running

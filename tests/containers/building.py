"""Runs the Dockerfile's build stage as processes: its COPY, ENV and RUN lines, in a folder instead of an image."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.containers.compose import DEPLOY, ROOT

WITHIN_S = 900


def build(folder: Path) -> Path:
    """The folder that the last stage takes as /opt/relata. Needs a package index, as the image does."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stage = re.split(r"^FROM .*$", text, flags=re.MULTILINE)[1]
    source, environment = folder / "build", os.environ.copy()
    source.mkdir(parents=True)
    for line in stage.splitlines():
        match line.split(maxsplit=1):
            case ["ENV", pairs]:
                environment |= dict(pair.split("=", 1) for pair in pairs.split())
            case ["COPY", names]:
                *sources, target = names.split()
                for name in sources:
                    _copy(ROOT / name, source / target / name if target == "./" else source / target)
            case ["RUN", command]:
                _run(_here(command, folder), source, environment)
            case ["WORKDIR", _] | []:
                continue
            case ["#", *_]:
                continue
            case other:
                raise ValueError(f"a line that this cannot run: {other}")
    return folder / "opt" / "relata"


def _here(command: str, folder: Path) -> str:
    command = command.replace("/packages", f"{folder}/packages").replace("/opt/relata", f"{folder}/opt/relata")
    return re.sub(r"(^|&& *)python ", rf"\1{sys.executable} ", command)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _run(command: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    if done.returncode:
        raise RuntimeError(f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")

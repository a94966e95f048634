"""How a partner pushes a file of leads, and what the verdict file says."""

import csv
import os
import subprocess
import sys

from tests.installation import ROOT, Installation
from tests.real.olist import MAPPING, Leads


def push(relata: Installation, leads: Leads, key: str, *, rows_at_once: int, wait_s: int = 240) -> None:
    """What a partner types."""
    mapping = [word for pair in MAPPING for word in ("--mapping", pair)]
    command = ["push-leads", str(leads.file), "--base-url", relata.url, "--rows-at-once", str(rows_at_once), *mapping]
    pushed = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *command, "--wait", str(wait_s)],
        cwd=ROOT,
        env=os.environ | {"RELATA_KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert pushed.returncode == 0, f"{pushed.stdout}\n{pushed.stderr}\n{state_of(relata)}"


def state_of(relata: Installation) -> str:
    """What an operator would look at."""
    looks = [["doctor"], ["parked", "list"]]
    commands = [[sys.executable, "-m", "deploy.cli", *look] for look in looks]
    told = [
        subprocess.run(command, cwd=ROOT, env=relata.environment, capture_output=True, text=True, check=False).stdout
        for command in commands
    ]
    return "\n".join([*told, relata.tail()])


def verdicts(leads: Leads) -> dict[int, dict[str, str]]:
    """The verdict file by row."""
    with leads.file.with_name(leads.file.name + ".verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        return {int(row["row"]): row for row in csv.DictReader(file)}

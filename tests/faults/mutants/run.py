"""Runs the tests of a mutant and says whether they noticed. A test that broke or was skipped has noticed nothing."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from tests.faults.mutants.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PATIENCE_S = 300.0


class Verdict(Enum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    BROKEN = "broken: the tests fail without it too, or do not run"
    SKIPPED = "not tried: the tests were skipped"


def run(name: str, *, quick: bool) -> tuple[Verdict, str]:
    """Its verdict and, where it is no plain one, the output.

    ``quick`` runs one test and takes for granted that it passes with the safeguard on (``make test`` runs it so).
    """
    mutant = CATALOGUE[name]
    if quick:
        return _judge(name, [mutant.quick])
    for tests in filter(None, ([mutant.quick], mutant.thorough)):
        passed, failed, output = _run("none", tests)
        if failed or not passed:
            return (Verdict.BROKEN if failed else Verdict.SKIPPED), output
        verdict, output = _judge(name, tests)
        if verdict is not Verdict.CAUGHT:
            return verdict, output
    return Verdict.CAUGHT, ""


def _judge(name: str, tests: Sequence[str]) -> tuple[Verdict, str]:
    passed, failed, output = _run(name, tests)
    if failed:
        return Verdict.CAUGHT, ""
    return (Verdict.SURVIVED if passed else Verdict.SKIPPED), output


def _run(switched_off: str, tests: Sequence[str]) -> tuple[int, int, str]:
    """How many tests passed and failed; raises RuntimeError when they did not run at all."""
    with tempfile.TemporaryDirectory(prefix="relata-mutant-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "tests.faults.mutants.under_mutant", switched_off, *tests]
        command += ["-q", "-x", "-p", "no:cacheprovider", f"--junitxml={report}", "--tb=short"]
        # What Hypothesis learns from a mutant must not come up in real runs.
        environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        output = ended.stdout[-4000:] + ended.stderr[-2000:]
        if not report.exists():
            raise RuntimeError(f"{switched_off}: pytest did not run\n{output}")
        cases = list(ElementTree.parse(report).iter("testcase"))
        failed = sum(case.find("failure") is not None for case in cases)
        if any(case.find("error") is not None for case in cases) and not failed:
            raise RuntimeError(f"{switched_off}: a test broke before it could notice anything\n{output}")
        passed = sum(all(case.find(tag) is None for tag in ("failure", "error", "skipped")) for case in cases)
        return passed, failed, output

"""`make test` ends badly when anything did, and never takes longer than it says."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests import check
from tests.house.sources import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.check", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_run_without_any_test_fails():
    # A Python file that is no test: pytest collects nothing from it, and nothing run is nothing proven.
    done = run("house/sources.py")
    assert done.returncode == 1
    assert "Not well: no test ran" in done.stdout


def test_a_failed_test_is_counted_and_fails_the_run(tmp_path: Path):
    report = tmp_path / "report.xml"
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "def test_absent(): pytest.skip('no server')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), f"--junitxml={report}"]
    outcome = check.Outcome("three", budget_s=30)
    outcome.ok = check._run(outcome, command, os.environ) == 0
    check._count(outcome, report)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 1, {"no server": 1})
    assert check._report([outcome], took_s=1, budget_s=check.TOTAL_BUDGET_S) == 1


def test_a_suite_that_does_not_exist_is_an_error():
    assert run("no_such_suite").returncode == 2


def test_a_suite_that_passes_is_counted_in_the_last_line():
    done = run("house/test_rules_bite.py")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.splitlines()[-1].split(" passed, 0 failed, 0 skipped")[0])
    assert passed > 40


def test_a_suite_that_hangs_is_stopped():
    started = time.monotonic()
    outcome = check.Outcome("hangs", budget_s=1)
    assert check._run(outcome, [sys.executable, "-c", "import time; time.sleep(60)"], {}) == 1
    assert outcome.stopped
    assert time.monotonic() - started < 60


def test_all_budgets_together_fit_into_the_whole():
    budgets = sum(budget for budget, _ in check.LINT.values()) + sum(check.SUITES.values())
    assert budgets <= check.TOTAL_BUDGET_S * check.LANES


def test_make_explains_every_target():
    targets = {
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line[:1].isalpha() and ":" in line and ":=" not in line and "?=" not in line
    }
    explained = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in sorted(targets) if f"  {target} " not in explained] == []

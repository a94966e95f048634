"""`make test`: lint, types and every suite under tests/, two at a time, each within a time budget; totals at the end.

    python -m tests.check            everything but the tests marked slow
    python -m tests.check --long     the tests marked slow
    python -m tests.check sales      only the named suites, without lint and types

Exit code 1 when anything failed or took too long. A folder under tests/ is a suite; a new one needs no entry here.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TOTAL_BUDGET_S = 15 * 60
# Suites side by side, each in one process: most of the time of most of them they wait for servers that were killed.
LANES = 3
# A budget is for a quiet machine. A busy one is told that it is over; what takes this many times as long is stuck.
PATIENCE = 5
LONG_BUDGET_S = 60 * 60

# Seconds on two cores, all servers present. A suite that is over says so; at five times its budget it is stopped.
LINT: Mapping[str, tuple[int, Sequence[str]]] = {
    "types": (40, ["mypy", "--strict"]),
    "ruff": (5, ["ruff", "check", "."]),
    "format": (5, ["ruff", "format", "--check", "."]),
    "imports": (5, ["lint-imports", "--no-logo"]),
}
# The longest first, so that the lanes end together.
SUITES: Mapping[str, int] = {
    "faults": 190,
    "chassis": 240,
    "api": 250,
    "sales": 120,
    "semantics": 200,
    "stories": 180,
    "real": 40,
    "deploy": 140,
    "ports": 70,
    "gateway": 60,
    "house": 60,
    "channels": 40,
    "docs": 30,
    "erp_bridge": 20,
    "activities": 20,
    "insight": 20,
    "service_desk": 25,
    "journeys": 20,
    "people": 15,
    "events": 15,
}
OTHER_SUITE_S = 30
NO_TESTS_COLLECTED = 5

_running: list["subprocess.Popen[bytes]"] = []
_printing = threading.Lock()


@dataclass
class Outcome:
    """How one suite went."""

    name: str
    budget_s: int
    took_s: float = 0.0
    ok: bool = True
    stopped: bool = False
    passed: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def remark(self) -> str:
        """One word for the table."""
        if self.stopped:
            return "STOPPED"
        if not self.ok:
            return "FAILED"
        return "ok" if self.took_s <= self.budget_s else "ok, over budget"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and print a table; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.check", description="Lint, types and tests.")
    parser.add_argument("suites", nargs="*", help="folders under tests/; none means all, with lint and types")
    parser.add_argument("--long", action="store_true", help="the tests marked slow instead of the others")
    asked = parser.parse_args(arguments)
    for suite in asked.suites:
        if not (ROOT / "tests" / suite).exists():
            parser.error(f"there is no tests/{suite}")
    started = time.monotonic()
    try:
        environment = {**os.environ, **_servers()}
    except pytest.UsageError as wrong:
        print(wrong)
        return 2
    work = [partial(_tests, suite, long=asked.long, environment=environment) for suite in asked.suites or _suites()]
    if not asked.suites and not asked.long:
        work += [partial(_lint, name, budget, command) for name, (budget, command) in LINT.items()]
    # What runs for an hour prints as it goes; the others print when they are done, or lines of two would mix.
    outcomes = [each() for each in work] if asked.long else _side_by_side(work)
    return _report(outcomes, time.monotonic() - started, LONG_BUDGET_S if asked.long else TOTAL_BUDGET_S)


def _side_by_side(work: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    # Asked to end, end what runs here too: sessions of their own would outlive us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ThreadPoolExecutor(LANES) as pool:
        under_way = [pool.submit(each) for each in work]
        try:
            return [each.result() for each in under_way]
        finally:
            for each in under_way:
                each.cancel()
            for process in list(_running):
                _end(process)


def _servers() -> dict[str, str]:
    """Find the servers once for all suites (a container is started once), and say what was found."""
    environment = {}
    print("Servers", flush=True)
    for key, kind in servers.KINDS.items():
        match servers.find(key):
            case servers.Found(url, how) as found:
                environment[kind.variable] = url
                print(f"  {kind.name}: {found.where}, {how}", flush=True)
            case absent:
                print(f"  {kind.name}: none. Its tests are skipped: {absent.why}", flush=True)
    return environment


def _suites() -> list[str]:
    """Every folder under tests/ that holds tests: the known ones first, in their order."""
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    known = [name for name in SUITES if name in folders]
    return known + sorted(folders - set(SUITES))


def _lint(name: str, budget_s: int, command: Sequence[str]) -> Outcome:
    outcome = Outcome(name, budget_s)
    code = _run(outcome, [str(BIN / command[0]), *command[1:]], os.environ)
    outcome.ok = code == 0
    return outcome


def _tests(suite: str, *, long: bool, environment: Mapping[str, str]) -> Outcome:
    outcome = Outcome(suite, LONG_BUDGET_S if long else SUITES.get(suite, OTHER_SUITE_S))
    with tempfile.TemporaryDirectory(prefix="relata-check-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"tests/{suite}", "-m", "slow" if long else "not slow"]
        command += [f"--junitxml={report}"]
        code = _run(outcome, command, environment, quiet=not long)
        if report.exists():
            _count(outcome, report)
    outcome.ok = code in {0, NO_TESTS_COLLECTED}
    return outcome


def _run(outcome: Outcome, command: Sequence[str], environment: Mapping[str, str], *, quiet: bool = True) -> int:
    """Run it; with ``quiet`` what it printed appears when it is done."""
    with tempfile.TemporaryFile() as said:
        if not quiet:
            print(f"\n== {outcome.name}", flush=True)
        started = time.monotonic()
        # A session of its own, so that a suite that hangs is stopped with everything it started.
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            start_new_session=True,
            stdout=said if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
        )
        _running.append(process)
        try:
            process.wait(outcome.budget_s * PATIENCE)
        except subprocess.TimeoutExpired:
            outcome.stopped = True
        finally:
            _end(process)
            _running.remove(process)
        outcome.took_s = time.monotonic() - started
        if quiet:
            said.seek(0)
            text = said.read().decode(errors="replace")
            with _printing:
                print(f"\n== {outcome.name} ({outcome.took_s:.0f} s)\n{text}", end="", flush=True)
        if outcome.stopped:
            print(f"== {outcome.name} is stopped: {PATIENCE} times its budget of {outcome.budget_s} s", flush=True)
    return 1 if outcome.stopped else process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    # An interrupt first: pytest then still runs its clean-up, which ends private servers.
    for number, patience_s in ((signal.SIGINT, 15), (signal.SIGKILL, 5)):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)


def _count(outcome: Outcome, report: Path) -> None:
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if skipped is not None:
            outcome.skipped[skipped.get("message") or "no reason given"] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        else:
            outcome.passed += 1


def _report(outcomes: Sequence[Outcome], took_s: float, budget_s: int) -> int:
    print(f"\n{'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}{'budget':>8}")
    for each in outcomes:
        counts = f"{each.passed:>8}{each.failed:>8}{each.skipped.total():>9}"
        print(f"{each.name:<12}{counts}{each.took_s:>9.1f}{each.budget_s:>8}  {each.remark}")
    print(f"{'all':<12}{'':>25}{took_s:>9.1f}{budget_s:>8}")
    skipped = sum((each.skipped for each in outcomes), Counter[str]())
    if skipped:
        print("\nSkipped")
        for why, count in skipped.most_common():
            print(f"  {count:>4} x {why}")
    bad = [each.name for each in outcomes if not each.ok]
    if took_s > budget_s * 2:
        bad.append(f"the time ({took_s:.0f} s of {budget_s} s)")
    if not any(each.passed for each in outcomes) and budget_s == TOTAL_BUDGET_S:
        bad.append("no test ran")
    print(f"\nNot well: {', '.join(bad)}" if bad else "\nAll well.")
    passed, failed = sum(each.passed for each in outcomes), sum(each.failed for each in outcomes)
    print(f"{passed} passed, {failed} failed, {skipped.total()} skipped", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""``make faults P=1,3 SEEDS=20``: break a real fleet, count from outside, append to ``var/faults.jsonl``."""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.faults.arena import Finding, arena
from tests.faults.promises import PROMISES

RESULTS = Path("var/faults.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--promises", default=",".join(map(str, PROMISES)), help="numbers, e.g. 1,3,5")
    parser.add_argument("--seeds", type=int, default=1, help="how many times, each with its own seed")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="fewer faults, less load")
    asked = parser.parse_args()
    wanted = [int(number) for number in asked.promises.split(",")]
    findings: list[Finding] = []
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        with arena(seed) as ring:
            for number in wanted:
                began = time.monotonic()
                finding = PROMISES[number](ring, seed, 0.3 if asked.short else 1.0)
                findings.append(finding)
                _keep(finding, time.monotonic() - began)
    return _report(findings)


def _keep(finding: Finding, took_s: float) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(finding) | {"took_s": round(took_s), "at": time.time()}) + "\n")
    verdict = "held" if not finding.wrong else "BROKEN: " + "; ".join(finding.wrong)
    print(f"promise {finding.promise} seed {finding.seed} ({took_s:.0f} s) {finding.numbers}: {verdict}", flush=True)


def _report(findings: list[Finding]) -> int:
    faults: Counter[str] = Counter()
    for finding in findings:
        faults.update(finding.faults)
    print("\nfaults that happened: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    broken = [finding for finding in findings if finding.wrong]
    print(f"{len(findings) - len(broken)} held, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

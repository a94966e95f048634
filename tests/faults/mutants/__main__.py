"""``python -m tests.faults.mutants [name…]``: switch off one safeguard after the other; each must make a test fail."""

import argparse
import time

from tests.faults.mutants.catalogue import CATALOGUE
from tests.faults.mutants.run import Verdict, run


def main() -> int:
    """0 when every mutant was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(CATALOGUE)}; none means all")
    parser.add_argument("--quick", action="store_true", help="one test each, and not first without the mutant")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(CATALOGUE):
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    uncaught = 0
    for name in asked.names or CATALOGUE:
        began = time.monotonic()
        verdict, output = run(name, quick=asked.quick)
        print(f"{name:<20}{time.monotonic() - began:>7.1f} s  {verdict.value}", flush=True)
        if verdict is not Verdict.CAUGHT:
            uncaught += 1
            print(f"    switched off: {CATALOGUE[name].safeguard}\n{output}", flush=True)
    return 1 if uncaught else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""``-m tests.faults.mutants.under_mutant NAME pytest-arguments…``: the tests, in a process without a safeguard."""

import os
import sys

import pytest

from tests.faults.mutants.catalogue import switch_off

if __name__ == "__main__":
    if sys.argv[1] != "none":
        os.environ["RELATA_TEST_MUTANT"] = sys.argv[1]  # for the processes that the tests start
        switch_off(sys.argv[1])
    raise SystemExit(pytest.main(sys.argv[2:]))

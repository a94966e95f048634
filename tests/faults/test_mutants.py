"""The proofs are worth something: switch off a safeguard, and a test notices (all: python -m tests.faults.mutants)."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.faults.mutants.catalogue import CATALOGUE
from tests.faults.mutants.run import Verdict, run

AT_ONCE = 2


@pytest.fixture(scope="module")
def verdicts() -> Iterator[dict[str, Future[tuple[Verdict, str]]]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(run, name, quick=True) for name in CATALOGUE}


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_test_notices_when_the_safeguard_is_switched_off(
    name: str, verdicts: dict[str, Future[tuple[Verdict, str]]]
) -> None:
    verdict, output = verdicts[name].result()
    if verdict is Verdict.SKIPPED:
        pytest.skip(f"{name} needs servers that are not here")
    assert verdict is Verdict.CAUGHT, output

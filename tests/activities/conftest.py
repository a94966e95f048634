"""Activities on both databases; each test makes customers of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from tests.activities.stage import Stage, open_stage
from tests.chassis.engines import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(request.param, tmp_path_factory.mktemp("activities")) as opened:
        yield opened
